"""Attached texts are read in the code in which people's tools have written them."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.encodings import decode_text

LOG = "Fähre 7 fährt um 9 Uhr, die Straße ist gesperrt. Größe: 12 m, Preis: 5 €.\r\n" * 3


@pytest.mark.parametrize(
    "code", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "utf-16-be"]
)
@pytest.mark.parametrize(
    "text", [LOG, "ship;quay\nAurora;7 é\n", "naïve café, 100 % prêt à partir"]
)
def test_a_western_text_is_read_whatever_windows_made_of_it(text: str, code: str) -> None:
    assert decode_text(text.encode(code)) == text


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    "text", ["船は七番埠頭です", "Паром отходит в девять", "العبارة", "🚢 leaves"]
)
def test_a_text_of_any_script_is_read_where_it_says_its_code(text: str, code: str) -> None:
    assert decode_text(text.encode(code)) == text


@pytest.mark.parametrize("code", ["cp1251", "shift_jis", "koi8-r"])
def test_what_cannot_be_told_is_not_taken_for_another_language(code: str) -> None:
    text = "Паром отходит в девять" if code != "shift_jis" else "船は七番埠頭です"

    assert "\ufffd" in decode_text(text.encode(code))


def test_one_broken_byte_spoils_no_other_character() -> None:
    raw = LOG.encode()
    broken = raw[:20] + b"\xff" + raw[20:]

    assert decode_text(broken).replace("\ufffd", "") == LOG


@given(st.binary(max_size=300))
def test_any_bytes_are_some_text(content: bytes) -> None:
    assert isinstance(decode_text(content), str)


def test_what_is_no_text_at_all_stays_unreadable() -> None:
    assert "\ufffd" in decode_text(os.urandom(2_000))
