"""Files attached to a message: text is read, within limits, and every other file is named."""

import asyncio
import io

import pytest

from adapters.kit.text_files import (
    LONGEST_NAME,
    MOST_BYTES,
    MOST_CHARACTERS,
    MOST_FILES,
    AttachedFile,
    Download,
    NotRead,
    is_text,
    name_files,
    read_limited,
    read_text_files,
)


def file(name: str, content: bytes | Download = b"", **more: object) -> AttachedFile:
    async def download() -> bytes:
        assert isinstance(content, bytes)
        return content

    fetch = download if isinstance(content, bytes) else content
    return AttachedFile(**{"name": name, "is_text": True, "size": 0, "download": fetch, **more})  # type: ignore[arg-type]


async def refused() -> bytes:
    raise NotRead("Slack did not hand it over")


async def never() -> bytes:
    await asyncio.Event().wait()
    return b""


async def test_text_is_read_under_its_name_in_the_order_of_the_files() -> None:
    async def slow() -> bytes:
        await asyncio.sleep(0.01)
        return b"one\0\r\n"

    text = await read_text_files([file("a.txt", slow), file("b.txt", b"two")], seconds=1)

    assert text == "[file: a.txt]\none\ufffd\n[file: b.txt]\ntwo"


async def test_no_file_is_no_text() -> None:
    assert await read_text_files([], seconds=1) == ""


@pytest.mark.parametrize(
    ("attached", "reason"),
    [
        (file("x", never, is_text=False), "it is not text"),
        (file("x", never, is_text=False, kind="PNG"), "PNG"),
        (file("x", never, size=MOST_BYTES + 1), "it has more than 100 kB"),
        (file("x", b"x" * (MOST_BYTES + 1)), "it has more than 100 kB"),
        (file("x", refused), "Slack did not hand it over"),
        (file("x", never), "it took too long"),
    ],
)
async def test_a_file_that_is_not_read_is_named_with_the_reason(
    attached: AttachedFile, reason: str
) -> None:
    text = await read_text_files([attached, file("b.txt", b"two")], seconds=0.02)

    assert text == f"[file: x, not read: {reason}]\n[file: b.txt]\ntwo"


async def test_of_too_many_files_the_first_that_are_text_are_read() -> None:
    pictures = [file(f"{number}.png", is_text=False) for number in range(3)]
    texts = [file(f"{number}.txt", b"text") for number in range(MOST_FILES + 1)]

    text = await read_text_files([*pictures, *texts], seconds=1)

    assert text.count("]\ntext") == MOST_FILES
    assert text.endswith(f"[file: {MOST_FILES}.txt, not read: too many files]")


async def test_all_files_together_have_one_cap_of_characters() -> None:
    files = [file(f"{number}.txt", b"word " * 3_000) for number in range(2)]

    text = await read_text_files(files, seconds=1)

    shown, notice = text.rsplit("\n", 1)
    assert len(shown) <= MOST_CHARACTERS
    assert notice == "[the rest was not read: it is too long]"


@pytest.mark.parametrize(
    "sizes",
    [
        [MOST_CHARACTERS + 1, 10, 10],
        [MOST_CHARACTERS // 2, MOST_CHARACTERS, 10, MOST_BYTES],
        [10, MOST_BYTES, 1, 5_000, 1],
        [MOST_CHARACTERS - len("[file: 0.txt]\n"), 3],  # it fits to the last character
    ],
    ids=str,
)
async def test_a_file_for_which_nothing_is_left_is_named_with_the_reason(sizes: list[int]) -> None:
    files = [file(f"{number}.txt", b"x" * size) for number, size in enumerate(sizes)]

    lines = (await read_text_files([*files, file("cat.png", is_text=False)], seconds=1)).split("\n")

    assert len([line for line in lines if line.startswith("[file: ")]) == len(sizes) + 1
    assert lines[-1] == "[file: cat.png, not read: it is not text]"
    assert lines[-2] == f"[file: {len(sizes) - 1}.txt, not read: what is before it is too long]"
    assert sum(len(line) for line in lines if line.startswith("x")) <= MOST_CHARACTERS


async def test_a_file_that_is_short_enough_is_read_after_one_of_which_nothing_is() -> None:
    files = [file("a.txt", refused), file("b.txt", b""), file("c.txt", b"three")]

    text = await read_text_files(files, seconds=1)

    assert text.splitlines()[1:] == ["[file: b.txt]", "[file: c.txt]", "three"]


@pytest.mark.parametrize("size", [0, 1, MOST_BYTES, MOST_BYTES + 1, 5 * MOST_BYTES])
@pytest.mark.parametrize("piece", [1_000, 65_536, 10**9])
async def test_of_a_stream_no_more_is_read_than_shows_that_it_is_too_large(
    size: int, piece: int
) -> None:
    stream = io.BytesIO(b"x" * size)

    async def read(length: int) -> bytes:
        return stream.read(min(length, piece))

    assert len(await read_limited(read)) == stream.tell() == min(size, MOST_BYTES + 1)


def test_names_are_cleaned_and_shortened() -> None:
    long = "x" * 500

    assert name_files(["a\nb.txt", "", long]) == (
        f"[file: a b.txt]\n[file: without a name]\n[file: {'x' * LONGEST_NAME}]"
    )


@pytest.mark.parametrize(
    ("media_type", "name", "readable"),
    [
        ("text/plain; charset=utf-8", "", True),
        ("Application/JSON", "", True),
        ("", "Main.PY", True),
        ("image/png", "cat.png", False),
        ("", "", False),
    ],
)
def test_what_is_text_is_known_by_its_type_or_the_ending_of_its_name(
    media_type: str, name: str, readable: bool
) -> None:
    assert is_text(media_type, name) is readable
