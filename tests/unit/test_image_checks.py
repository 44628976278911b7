"""What a model's server would refuse is found before it is sent."""

import struct
import time
from dataclasses import replace

import pytest
from doubles.pictures import (
    GIF,
    JPEG,
    WEBP,
    jpeg_with_small_one,
    moving_gif,
    moving_png,
    moving_webp,
    png,
)
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.image_checks import BROKEN, MOVES, TOO_LARGE, find_flaw
from bot.domain.images import Image

WHOLE = [png(), JPEG, GIF, WEBP]
KINDS = ["png", "jpeg", "gif", "webp"]


def flaw_of(data: bytes) -> str:
    image = Image.read(data)
    assert image is not None
    return find_flaw(image)


@pytest.mark.parametrize("data", WHOLE, ids=KINDS)
def test_finds_nothing_wrong_with_a_whole_picture(data: bytes) -> None:
    assert flaw_of(data) == ""


@pytest.mark.parametrize("data", WHOLE, ids=KINDS)
def test_what_a_camera_writes_behind_its_end_does_no_harm(data: bytes) -> None:
    assert flaw_of(data + b"\0more of it" * 9) == ""


@pytest.mark.parametrize("data", [moving_png(), moving_gif(), moving_webp()])
def test_finds_what_moves(data: bytes) -> None:
    assert flaw_of(data) == MOVES


@pytest.mark.parametrize("data", WHOLE, ids=KINDS)
def test_finds_what_is_cut_off(data: bytes) -> None:
    assert flaw_of(data[: len(data) * 5 // 6]) == BROKEN


def test_finds_a_photo_that_is_cut_off_behind_its_small_picture() -> None:
    assert flaw_of(jpeg_with_small_one()) == BROKEN
    assert flaw_of(jpeg_with_small_one() + b"\xff\xd9") == ""


@pytest.mark.parametrize(("width", "height"), [(9_000, 9_000), (20_000, 10)])
def test_finds_what_unpacks_to_something_huge(width: int, height: int) -> None:
    whole = Image.read(png())
    assert whole is not None

    assert find_flaw(replace(whole, width=width, height=height)) == TOO_LARGE


@pytest.mark.parametrize(
    "data",
    [
        png()[:33] + (struct.pack(">I4s", 0, b"tEXt") + b"crcs") * 300_000,
        GIF[:-1] + b"\x21\xfe" + b"\x01x" * 1_900_000,
        JPEG[:2] + b"\xff" * 3_900_000,
    ],
    ids=["chunks", "blocks", "padding"],
)
def test_what_was_made_to_be_slow_is_not(data: bytes) -> None:
    began = time.perf_counter()
    image = Image.read(data)

    assert image is None or find_flaw(image) == BROKEN
    assert time.perf_counter() - began < 1


@given(st.sampled_from(WHOLE), st.data())
def test_takes_any_bytes(data: bytes, draw: st.DataObject) -> None:
    spoiled = bytearray(data)
    for _ in range(3):
        at = draw.draw(st.integers(12, len(data) - 1))
        spoiled[at] = draw.draw(st.integers(0, 255))
    image = Image.read(bytes(spoiled[: draw.draw(st.integers(12, len(data)))]))

    assert image is None or find_flaw(image) in ("", BROKEN, MOVES, TOO_LARGE)
