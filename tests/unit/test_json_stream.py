"""JSON of any size is read an entry at a time."""

import io
import json
import tracemalloc
from typing import Any

import pytest

from bot.archives import json_stream
from bot.archives.json_entries import BrokenEntry, CutOff
from bot.archives.json_stream import walk

ENTERED = {(), ("list",)}


def entries(raw: bytes) -> list[Any]:
    """What stands in the list, with marks for what is broken or missing."""
    return [value for place, value in found(raw) if place == ("list", "*") or place == ()][1:]


def found(raw: bytes) -> list[tuple[tuple[str, ...], Any]]:
    return list(walk(io.BytesIO(raw), ENTERED.__contains__))


def test_fields_and_entries_come_in_their_order() -> None:
    raw = b' {"a": {"list": [1]}, "list": [1, "x", [2], {"b": null}], "c": true} '

    assert found(raw)[1:] == [
        (("a",), {"list": [1]}),
        (("list", "*"), 1),
        (("list", "*"), "x"),
        (("list", "*"), [2]),
        (("list", "*"), {"b": None}),
        (("c",), True),
    ]


@pytest.mark.parametrize("piece", [1, 2, 3, 7])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_wherever_a_piece_ends_the_entries_are_the_same(
    monkeypatch: pytest.MonkeyPatch, piece: int, encoding: str
) -> None:
    monkeypatch.setattr(json_stream, "PIECE", piece)
    given = ['naïve 🎉 \\ " ]}', 12345, -1.5e3, {"a": [{}, "b"]}, [], True, None]

    assert entries(json.dumps({"list": given}, ensure_ascii=False).encode(encoding)) == given


def test_a_broken_entry_costs_no_other() -> None:
    one, broken, two = entries(b'{"list": [{"id": 1}, {"id": nope, "x": [1]}, {"id": 2}]}')

    assert (one, two) == ({"id": 1}, {"id": 2})
    assert isinstance(broken, BrokenEntry)


@pytest.mark.parametrize(
    "raw",
    [b'{"list": [1, {"id": 2', b'{"list": [1', b'{"list": [1, "x', b'{"list": [1 2]}'],
)
def test_what_is_whole_comes_out_before_the_end_that_is_missing(raw: bytes) -> None:
    *whole, end = entries(raw)

    assert whole == [1]
    assert isinstance(end, CutOff)


def test_entries_that_are_nested_without_end_are_broken_and_not_fatal() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000

    broken, after = entries(b'{"list": [' + deep + b", 7]}")

    assert isinstance(broken, BrokenEntry)
    assert after == 7


def test_an_entry_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "LONGEST_ENTRY", 1_000)
    monkeypatch.setattr(json_stream, "PIECE", 100)

    one, end = entries(b'{"list": [1, "' + b"x" * 5_000 + b'", 2]}')

    assert one == 1
    assert "longer than" in end.reason


def test_memory_does_not_grow_with_the_file() -> None:
    class Endless(io.RawIOBase):
        left = 100

        def readinto(self, buffer: Any) -> int:
            self.left -= 1
            piece = (b'{"text": "' + b"x" * 80 + b'"},') * 1_000 if self.left else b"1]}"
            piece = b'{"list": [' + piece if self.left == 99 else piece
            piece = piece[: len(buffer)] if self.left else piece
            buffer[: len(piece)] = piece
            return len(piece) if self.left >= 0 else 0

        def seek(self, *given: int) -> int:
            self.left = 100
            return 0

    tracemalloc.start()
    count = sum(1 for _ in walk(Endless(), ENTERED.__contains__))  # type: ignore[arg-type]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count > 100
    assert most < 3 * 2**20
