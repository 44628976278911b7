"""Formats of answers, as every server of OpenAI's protocol is asked for them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from doubles.openai_server import OpenAIServer

from bot.domain.errors import ModelError, ModelRejected, ModelUnavailable
from bot.domain.model import Prompt, ResponseFormat
from bot.domain.ports import Model
from bot.llm.openai.chat import OpenAI
from bot.llm.openai.response_formats import ResponseFormats
from bot.testing import collect, prompt_of

SCHEMA = {"type": "object", "properties": {"label": {"enum": ["bug", "wish"]}}}
LABEL = ResponseFormat("label", SCHEMA)
OTHER = ResponseFormat("other", {"type": "object", "properties": {"n": {"type": "integer"}}})
YES_NO = ResponseFormat("yes_no", regex="(yes|no)")

STRICT = {"name": "label", "schema": SCHEMA, "strict": True}


@pytest.fixture
def model(openai: OpenAIServer, build: Callable[..., Model]) -> Model:
    return build(OpenAI, "m", openai_base_url=openai.url)


def asking(wanted: ResponseFormat | None = LABEL) -> Prompt:
    return replace(prompt_of(), response_format=wanted)


def sent(openai: OpenAIServer) -> list[str]:
    found = (prompt.get("response_format", {}) for prompt in openai.prompts)
    return [one.get("type", "") for one in found]


async def test_asks_for_a_schema_as_openai_does(model: Model, openai: OpenAIServer) -> None:
    await collect(model, asking())
    await collect(model, prompt_of())

    first, second = openai.prompts
    assert first["response_format"] == {"type": "json_schema", "json_schema": STRICT}
    assert "response_format" not in second


@pytest.mark.parametrize(
    ("provider", "parameters"),
    [
        ("vllm", {"extra_body": {"structured_outputs": {"regex": "(yes|no)"}}}),
        ("sglang", {"extra_body": {"regex": "(yes|no)"}}),
        ("tgi", {"response_format": {"type": "regex", "value": "(yes|no)"}}),
        ("openai", {}),
        ("ollama", {}),
    ],
)
def test_asks_for_a_regex_where_there_is_a_name_for_it(
    provider: str, parameters: dict[str, Any]
) -> None:
    assert ResponseFormats(provider).parameters(YES_NO) == parameters


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "This response_format type is unavailable now"),
        (500, "Input should be 'text' or 'json_object', body.response_format.type"),
        (422, "json_schema is not supported by this model"),
        (400, "Invalid schema for response_format 'label': 'additionalProperties' is required"),
    ],
)
async def test_asks_for_any_json_where_a_schema_is_refused(
    model: Model, openai: OpenAIServer, status: int, words: str
) -> None:
    openai.refusals["json_schema"] = (status, words)

    outputs = [await collect(model, asking()) for _ in range(2)]

    assert [output.error for output in outputs] == [None, None]
    assert sent(openai) == ["json_schema", "json_object", "json_object"]
    assert openai.prompts[-1]["response_format"]["schema"] == SCHEMA


async def test_asks_in_free_words_where_any_format_is_refused(
    model: Model, openai: OpenAIServer
) -> None:
    openai.refusals["response_format"] = (400, "response_format is not supported")

    output = await collect(model, asking())

    assert output.error is None
    assert sent(openai) == ["json_schema", "json_object", ""]


async def test_a_refused_schema_says_nothing_of_others(model: Model, openai: OpenAIServer) -> None:
    openai.refusals["label"] = (400, "Invalid schema for response_format")

    await collect(model, asking())
    await collect(model, asking(OTHER))

    assert sent(openai)[-1] == "json_schema"


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [(500, "CUDA error", ModelUnavailable), (400, "bad request", ModelRejected)],
)
async def test_other_errors_with_a_format_stay_what_they_are(
    model: Model, openai: OpenAIServer, status: int, words: str, kind: type[ModelError]
) -> None:
    openai.refusals["response_format"] = (status, words)

    output = await collect(model, asking())

    assert type(output.error) is kind
    assert sent(openai) == ["json_schema"]
