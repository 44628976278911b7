"""Requests and answers of any shape: what is wrong is told, and nothing else is raised."""

import base64
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.api import ApiError
from bot.gateway.responses.answering import to_events, to_response
from bot.gateway.responses.chat_request import to_chat
from bot.gateway.responses.resource import begin_resource
from bot.gateway.responses.serving import read_input

WORDS = st.sampled_from(
    (
        *("type", "role", "content", "text", "input_text", "output_text", "message", "user", "id"),
        *("assistant", "function", "function_call", "function_call_output", "call_id", "name"),
        *("arguments", "output", "format", "json_schema", "schema", "effort", "image_url", "mode"),
        *("input_image", "input_file", "file_data", "refusal", "allowed_tools", "required"),
        *("delta", "index", "finish_reason", "tool_calls", "prompt_tokens", "logprobs", "token"),
        *("annotations", "url_citation", "error", "code", "prompt_tokens_details", "logprob"),
        *("cached_tokens", "top_logprobs", "bytes", "reasoning_content", "encrypted_content"),
    )
)
LEAVES = st.none() | st.booleans() | st.integers(-2, 9) | st.floats(0, 1) | st.text(max_size=3)
JSON = st.recursive(
    LEAVES | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=14,
)
TOP = st.sampled_from(
    (
        *("instructions", "tools", "tool_choice", "text", "reasoning", "include", "metadata"),
        *("max_output_tokens", "top_logprobs", "parallel_tool_calls", "store", "truncation"),
        *("previous_response_id", "background", "prompt", "conversation", "stream", "user"),
    )
)
USUAL = settings(max_examples=300, suppress_health_check=list(HealthCheck))


@USUAL
@given(given_input=JSON, more=st.dictionaries(TOP, JSON, max_size=5))
def test_a_request_of_any_shape_is_taken_or_refused(given_input: Any, more: dict[str, Any]) -> None:
    body = {"model": "m", "input": given_input, **more}
    try:
        chat = to_chat(body, read_input(body))
    except ApiError as error:
        assert error.status == 400  # noqa: PT017  # both ways are right
        return

    assert chat["messages"]
    json.dumps(begin_resource(body, id="resp_1", model="m", created_at=1))


@USUAL
@given(delta=JSON, finish=JSON, usage=JSON, broken=st.booleans())
async def test_a_chat_of_any_shape_ends_as_a_response(
    delta: Any, finish: Any, usage: Any, broken: bool
) -> None:
    chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "usage": usage}

    async def come() -> AsyncIterator[Any]:
        yield chunk
        if broken:
            raise RuntimeError("whatever")
        yield delta

    events: list[Any] = []
    try:
        async for event in to_events({"model": "m", "input": "x"}, come()):
            events.append(event)  # noqa: PERF401  # what came before an error counts
    except ApiError as error:
        assert error.told  # noqa: PT017  # both ways are right

    json.dumps(events)
    assert events[-1]["response"]["status"] in ("completed", "incomplete", "failed")
    assert [event["sequence_number"] for event in events] == list(range(len(events)))


@USUAL
@given(answer=JSON)
def test_a_whole_answer_of_any_shape_is_a_response_or_an_error(answer: Any) -> None:
    try:
        found = to_response({"model": "m"}, answer)
    except ApiError:
        return

    json.dumps(found)


def test_a_compaction_that_would_fill_the_memory_is_refused() -> None:
    bomb = "nellie1:" + base64.b64encode(zlib.compress(b"a" * 200_000_000)).decode()
    body = {"model": "m", "input": [{"type": "compaction", "encrypted_content": bomb}]}

    with pytest.raises(ApiError):
        to_chat(body, read_input(body))
