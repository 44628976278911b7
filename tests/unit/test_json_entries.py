"""Lists of JSON, entry by entry: what is broken or cut off costs no other entry."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archives.json_entries import (
    MOST_BROKEN,
    BrokenEntry,
    CutOff,
    decode,
    read_list,
    read_object,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


def whole(text: str) -> list[Any]:
    return [entry for _, entry in read_list(text) if not isinstance(entry, BrokenEntry | CutOff)]


@given(st.lists(VALUES, max_size=6), st.sampled_from([None, 1, "\t"]))
def test_a_sound_list_is_read_as_json_reads_it(values: list[Any], indent: int | str | None) -> None:
    text = json.dumps(values, indent=indent)

    assert list(read_list(text)) == list(enumerate(values, 1))


@given(st.lists(st.dictionaries(st.text(max_size=4), VALUES), min_size=1, max_size=4), st.data())
def test_of_a_text_cut_off_anywhere_what_is_whole_is_read(
    values: list[dict[str, Any]], data: st.DataObject
) -> None:
    text = json.dumps(values, ensure_ascii=False)
    cut = data.draw(st.integers(1, len(text) - 1))

    entries = list(read_list(text[:cut]))

    ends = [len(json.dumps(values[:n], ensure_ascii=False)) - 1 for n in range(len(values) + 1)]
    count = sum(end <= cut for end in ends[1:])
    assert [entry for _, entry in entries[:-1]] == values[:count]
    assert isinstance(entries[-1][1], CutOff)


@pytest.mark.parametrize(
    "broken",
    [
        '{"a": }',
        "{'a': 1}",
        "nul",
        '{"a": "]}", b}',
        "[" * 90_000 + "]" * 90_000,
    ],
)
def test_a_broken_entry_is_one_entry(broken: str) -> None:
    entries = list(read_list(f'[{{"n": 1}}, {broken}, {{"n": 3}}]'))

    assert [number for number, _ in entries] == [1, 2, 3]
    assert isinstance(entries[1][1], BrokenEntry)
    assert (entries[0][1], entries[2][1]) == ({"n": 1}, {"n": 3})


def test_very_many_broken_entries_are_not_read_one_by_one() -> None:
    entries = list(read_list("[" + ", ".join(['{"a": }'] * 5_000) + "]"))

    assert len(entries) == MOST_BROKEN + 1
    assert isinstance(entries[-1][1], CutOff)


def test_a_number_of_any_length_is_a_number() -> None:
    assert whole(f'[{{"a": {"9" * 90_000}}}, {{"b": -1e999}}, {{"c": 12}}]') == [
        {"a": float("inf")},
        {"b": float("-inf")},
        {"c": 12},
    ]


@pytest.mark.parametrize("text", ["", "{}", "null", '"[1]"', "1"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a JSON list"):
        list(read_list(text))


def test_an_object_is_read_with_its_list_wherever_that_stands() -> None:
    text = '{"a": {"id": "1"}, "messages": [1, null, {"b": 2}], "count": 3}'

    fields, entries = read_object(text, "messages")

    assert fields == {"a": {"id": "1"}, "count": 3}
    assert entries == [(1, 1), (2, None), (3, {"b": 2})]


def test_an_object_cut_off_in_its_list_has_what_came_before() -> None:
    fields, entries = read_object('{"a": "x", "messages": [{"b": 1}, {"b": "', "messages")

    assert fields == {"a": "x"}
    assert entries[0] == (1, {"b": 1})
    assert isinstance(entries[1][1], CutOff)


@pytest.mark.parametrize("text", ["[]", "{}", '{"messages": null}', '{"messages": {}}', '{"a": ['])
def test_an_object_without_the_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="it "):
        read_object(text, "messages")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_every_encoding_of_json_is_read(encoding: str) -> None:
    assert decode('["größer", "一般"]'.encode(encoding)) == '["größer", "一般"]'


def test_a_character_cut_in_half_spoils_no_other() -> None:
    assert decode('[1, "é'.encode()[:-1]) == '[1, "\ufffd'
