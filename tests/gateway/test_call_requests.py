"""What a call asks for, as it is noted and reserved: nobody can make it look small."""

import base64
import json
from typing import Any

import pytest

from bot.domain.api import ApiError
from bot.gateway.calls import call_requests
from bot.gateway.calls.calls import MOST_OUTPUT, USUAL_OUTPUT, Kind
from bot.llm.passthrough.estimates import PICTURE, estimate_input


@pytest.mark.parametrize(
    ("kind", "body", "reserved"),
    [
        ("chat", {}, None),
        ("chat", {"max_tokens": 5_000}, 5_000),
        ("chat", {"max_tokens": 5_000, "max_output_tokens": 1}, 5_000),
        ("chat", {"max_output_tokens": 1}, None),
        ("chat", {"max_tokens": 1, "max_completion_tokens": 9_000}, 9_000),
        ("responses", {"max_output_tokens": 70, "max_tokens": 1}, 70),
        ("responses", {"max_tokens": 1}, None),
        ("chat", {"max_tokens": 100, "n": 5}, 500),
        ("chat", {"n": 3}, 3 * USUAL_OUTPUT),
        ("chat", {"max_tokens": 100, "best_of": 4}, 400),
        ("chat", {"max_tokens": 10**15, "n": 2}, 2 * MOST_OUTPUT),
        ("chat", {"max_tokens": -1, "n": True}, None),
        ("embeddings", {"max_tokens": 1}, None),
    ],
)
def test_the_limit_that_counts_is_the_largest_of_its_own_wire(
    kind: Kind, body: dict[str, Any], reserved: int | None
) -> None:
    assert call_requests.most_output(kind, body) == reserved


@pytest.mark.parametrize(
    "name",
    [
        "azure/mini/../big",
        "azure/..",
        "openai/double ",
        " openai/double",
        "openai/a\nb",
        "./openai/double",
    ],
)
def test_a_name_that_would_steer_an_address_is_no_models(name: str) -> None:
    with pytest.raises(ApiError) as caught:
        call_requests.model_of({"model": name})

    assert (caught.value.status, caught.value.code) == (404, "model_not_found")


@pytest.mark.parametrize(
    "name",
    ["openai/gpt-6-luna", "nellie/slack/#general", "ollama/llama3.1:8b", "groq/@cf/meta/l-3..1"],
)
def test_names_of_models_are_taken_as_they_are(name: str) -> None:
    assert call_requests.model_of({"model": name}) == name


def asked(content: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}


@pytest.mark.parametrize(
    "content",
    [
        "a" * 501 + " word" * 100_000,
        json.dumps({"rows": ["word"] * 100_000}, separators=(",", ":")),
        "data:text/plain;base64," + "helloworld" * 50_000,
        [{"type": "word " * 100_000, "text": "x"}],
    ],
    ids=["letters first", "JSON without a space", "says that it is a file", "a long type"],
)
def test_a_long_text_counts_as_one_however_it_looks(content: Any) -> None:
    assert estimate_input(asked(content)) > 50_000


def test_a_file_in_letters_counts_as_a_picture() -> None:
    letters = base64.b64encode(bytes(range(256)) * 4_000).decode()
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{letters}"}}

    assert PICTURE <= estimate_input(asked([picture])) < PICTURE + 20


def test_a_schema_of_the_answer_counts_too() -> None:
    schema = {"type": "json_schema", "json_schema": {"schema": {"enum": ["word"] * 20_000}}}

    assert estimate_input({**asked("hi"), "response_format": schema}) > 20_000
