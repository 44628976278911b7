"""Calls of tools as a talk shows them: no escape of JSON hides what is to be taken out."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.datasets.calls import called_tools, read_calls


def safe(text: str) -> str:
    """One name and one kind of secret, taken out."""
    text = re.sub(r"\bJürgen\b", "Bogumila", text)
    return re.sub(r'("password": )"[^"]*"', r"\1[secret]", text)


def row(arguments: str, result: str = "done", **more: str) -> dict[str, Any]:
    call = {"id": "c-Jürgen", "name": "ask", "arguments": arguments, **more}
    return {"round": 1, "call": json.dumps(call), "said": "", "result": result}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'{"who": "J\u00fcrgen"}', {"who": "Bogumila"}),
        (r'{"J\u00fcrgen": [{"a": "\tJ\u00FCrgen"}]}', {"Bogumila": [{"a": "\tBogumila"}]}),
        (r'{"body": "{\"who\": \"J\\u00fcrgen\"}"}', {"body": '{"who": "Bogumila"}'}),
        (
            r'{"path": "C:\\J\u00fcrgen", "n": 4, "b": true}',
            {"path": "C:\\Bogumila", "n": 4, "b": True},
        ),
        (r'{"half": "\ud83d"}', {"half": "\ufffd"}),
        ("", {}),
    ],
)
def test_arguments_are_read_before_they_are_made_safe(written: str, read: dict[str, Any]) -> None:
    said = read_calls([row(written)], safe)

    assert said
    assert said[0].calls[0].arguments == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'{"who": "J\u00fcrgen", "n": [1, null]}', '{"who": "Bogumila", "n": [1, null]}'),
        (
            r'| {"who": "J\u00fcrgen"}, {"text": "\nJ\u00fcrg',
            '| {"who": "Bogumila"}, {"text": "\nJürg',
        ),
        (r'| "{\"who\": \"\\nJ\\u00fcrgen', '| "{\\"who\\": \\"\nBogumila'),
        (r'{"text": "a\nb", "password": "hunter22"}', r'{"text": "a\nb", "password": [secret]}'),
        (r"C:\new and \d+", r"C:\new and \d+"),
    ],
)
def test_results_are_read_as_far_as_they_can_be(written: str, read: str) -> None:
    said = read_calls([row("{}", written)], safe)

    assert said
    assert said[1].text == read


@pytest.mark.parametrize("arguments", ['{"password": "hunter22"}', "{", "[1]", "[" * 5_000])
def test_a_call_that_cannot_be_shown_leaves_nothing_of_a_talk(arguments: str) -> None:
    assert read_calls([row("{}"), row(arguments)], safe) is None


def test_names_of_tools_and_of_calls_tell_of_nobody() -> None:
    said = read_calls([row("{}", name="ask-Jürgen now"), row("{}")], safe)

    assert said
    assert [one.id for one in said[0].calls] == ["call_1", "call_2"]
    assert [one.call_id for one in said[1:]] == ["call_1", "call_2"]
    (tool, _) = called_tools(said)
    assert tool["function"]["name"] == "ask-Bogumila_now"


@given(st.lists(st.booleans(), min_size=6, max_size=6), st.integers(0, 3), st.sampled_from("\n\t "))
def test_no_name_is_hidden_by_escapes(escaped: list[bool], depth: int, before: str) -> None:
    letters = zip("Jürgen", escaped, strict=True)
    name = "".join(rf"\u{ord(one):04x}" if by_code else one for one, by_code in letters)
    text = f'{{"who": {json.dumps(before)[:-1]}{name}"}}'
    for _ in range(depth):
        text = json.dumps({"text": text})

    said = read_calls([row(text, text), row("{}", f"| {text} …")], safe)

    assert said
    shown = f"{said[0].calls[0].arguments} {said[1].text} {said[2].text}"
    assert "Jürgen" not in shown
    assert shown.count("Bogumila") == 3
