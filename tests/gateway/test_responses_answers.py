"""Answers of a chat, as responses: whole, and as the events of OpenAI's own types."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from bot.domain.api import ApiError
from bot.gateway.responses.answering import to_events, to_response

EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
USAGE = {
    "prompt_tokens": 10,
    "completion_tokens": 4,
    "total_tokens": 14,
    "prompt_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 1},
    "completion_tokens_details": {"reasoning_tokens": 2},
}


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "model": "served",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def call(at: int, arguments: str, id: str | None = None, name: str | None = None) -> dict[str, Any]:
    function = {"arguments": arguments, **({"name": name} if name else {})}
    return {"index": at, "function": function, **({"id": id, "type": "function"} if id else {})}


async def events(
    chunks: Sequence[dict[str, Any]], fails: ApiError | None = None, **asked: Any
) -> list[dict[str, Any]]:
    async def come() -> AsyncIterator[dict[str, Any]]:
        for one in chunks:
            yield one
        if fails:
            raise fails

    found, failure = list[dict[str, Any]](), None
    try:
        async for event in to_events({"model": "asked", "input": "Hi", **asked}, come()):
            found.append(event)
    except ApiError as error:
        failure = error
    if failure or found[-1]["type"] == "response.failed":
        assert failure
        assert failure.told
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    for event in found:
        EVENT.validate_python(event)
    return found


def kinds(found: Sequence[dict[str, Any]]) -> list[str]:
    return [event["type"].removeprefix("response.") for event in found]


def answer(**message: Any) -> dict[str, Any]:
    return {
        "model": "served",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": USAGE,
    }


async def test_a_streamed_text_has_every_event_in_its_place() -> None:
    found = await events(
        [
            chunk(role="assistant", content=""),
            chunk(content="Hel"),
            chunk(content="lo"),
            chunk("stop"),
            {"choices": [], "usage": USAGE},
        ]
    )

    assert kinds(found) == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert found[6]["text"] == "Hello"
    last = found[-1]["response"]
    assert last["output"] == [found[8]["item"]]
    assert last["usage"]["input_tokens_details"] == {"cached_tokens": 8, "cache_write_tokens": 1}
    assert last["usage"]["output_tokens_details"] == {"reasoning_tokens": 2}
    assert (last["status"], last["model"]) == ("completed", "served")
    assert Response.model_validate(last).output_text == "Hello"


async def test_streamed_calls_have_their_arguments_each_to_its_own_also_where_they_mix() -> None:
    found = await events(
        [
            chunk(content="I look."),
            chunk(tool_calls=[call(0, "", "a", "get_weather")]),
            chunk(tool_calls=[call(0, '{"city"'), call(1, "", "b", "get_time")]),
            chunk(tool_calls=[call(1, "{}")]),
            chunk(tool_calls=[call(0, ':"Kiel"}')]),
            chunk("tool_calls"),
        ]
    )

    [message, weather, time] = found[-1]["response"]["output"]
    assert message["content"][0]["text"] == "I look."
    assert (weather["name"], weather["call_id"]) == ("get_weather", "a")
    assert json.loads(weather["arguments"]) == {"city": "Kiel"}
    assert (time["name"], time["call_id"], time["arguments"]) == ("get_time", "b", "{}")
    assert {weather["status"], time["status"]} == {"completed"}
    done = [e for e in found if e["type"] == "response.function_call_arguments.done"]
    assert [e["arguments"] for e in done] == ['{"city":"Kiel"}', "{}"]
    indexes = [e["output_index"] for e in found if e["type"] == "response.output_item.added"]
    assert indexes == [0, 1, 2]


async def test_calls_that_all_have_the_same_index_are_told_apart_by_their_ids() -> None:
    found = await events(
        [
            chunk(tool_calls=[call(0, '{"n":1}', "a", "f")]),
            chunk(tool_calls=[call(0, '{"n":2}', "b", "f")]),
            chunk("tool_calls"),
        ]
    )

    assert [item["arguments"] for item in found[-1]["response"]["output"]] == ['{"n":1}', '{"n":2}']


async def test_streamed_thoughts_are_a_summary_before_the_text() -> None:
    found = await events(
        [
            chunk(reasoning_content="Let me "),
            chunk(reasoning_content="see."),
            chunk(content="Four."),
            chunk("stop"),
        ]
    )

    [thought, message] = found[-1]["response"]["output"]
    assert thought["summary"] == [{"type": "summary_text", "text": "Let me see."}]
    assert message["content"][0]["text"] == "Four."
    assert kinds(found)[2:9] == [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
    ]


async def test_a_refusal_is_a_part_of_its_own() -> None:
    found = await events([chunk(refusal="I can"), chunk(refusal="not."), chunk("stop")])

    [message] = found[-1]["response"]["output"]
    assert message["content"] == [{"type": "refusal", "refusal": "I cannot."}]
    assert kinds(found)[3:8] == [
        "content_part.added",
        "refusal.delta",
        "refusal.delta",
        "refusal.done",
        "content_part.done",
    ]


@pytest.mark.parametrize(
    ("finish", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
async def test_what_was_cut_short_is_incomplete_and_says_why(finish: str, reason: str) -> None:
    found = await events([chunk(content="Once upon"), chunk(finish)])

    last = found[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": reason}
    assert last["response"]["output"][0]["status"] == "incomplete"
    assert last["response"]["completed_at"] is None


@pytest.mark.parametrize(
    ("chunks", "fails", "code"),
    [
        ([chunk(content="Half")], None, "server_error"),
        (
            [chunk(content="Half"), {"error": {"message": "Out of memory", "code": 500}}],
            None,
            "500",
        ),
        ([chunk(content="Half"), {"error": "gone"}], None, "server_error"),
        (
            [chunk(content="Half")],
            ApiError("Too slow.", status=504, type="server_error", code="timeout"),
            "timeout",
        ),
    ],
)
async def test_what_breaks_off_fails_with_an_error_and_the_response_that_was_begun(
    chunks: list[dict[str, Any]], fails: ApiError | None, code: str
) -> None:
    found = await events(chunks, fails)

    assert [event["type"] for event in found[-2:]] == ["error", "response.failed"]
    assert found[-2]["code"] == found[-2]["error"]["code"] == code
    response = found[-1]["response"]
    assert response["error"]["message"] == found[-2]["message"]
    assert response["output"][0]["content"][0]["text"] == "Half"
    assert response["output"][0]["status"] == "incomplete"


async def test_an_answer_without_a_word_is_a_message_without_one() -> None:
    found = await events([chunk(role="assistant", content=None), chunk("stop")])

    assert found[-1]["response"]["output"][0]["content"][0]["text"] == ""


async def test_probabilities_of_tokens_come_with_their_text() -> None:
    said = chunk(content="Hi")
    said["choices"][0]["logprobs"] = {
        "content": [
            {
                "token": "Hi",
                "logprob": -0.1,
                "bytes": None,
                "top_logprobs": [{"token": "Hi", "logprob": -0.1, "bytes": [72, 105]}],
            }
        ]
    }

    found = await events([said, chunk("stop")])

    [delta] = [e for e in found if e["type"] == "response.output_text.delta"]
    assert delta["logprobs"][0]["bytes"] == []
    assert found[-1]["response"]["output"][0]["content"][0]["logprobs"] == delta["logprobs"]


async def test_closing_the_events_closes_the_chat() -> None:
    closed = []

    async def come() -> AsyncIterator[dict[str, Any]]:
        try:
            while True:
                yield chunk(content="more ")
        finally:
            closed.append(True)

    stream = to_events({"model": "m"}, come())
    async for event in stream:
        if event["type"] == "response.output_text.delta":
            break
    await stream.aclose()

    assert closed


def test_a_whole_answer_is_the_response_that_its_stream_would_end_with() -> None:
    found = to_response(
        {"model": "asked", "input": "Hi", "metadata": {"k": "v"}, "instructions": "Be kind."},
        answer(
            role="assistant",
            content="Hello",
            reasoning_content="Hm.",
            tool_calls=[
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        ),
    )

    parsed = Response.model_validate(found)
    assert parsed.output_text == "Hello"
    assert [item.type for item in parsed.output] == ["reasoning", "message", "function_call"]
    assert (parsed.metadata, parsed.instructions) == ({"k": "v"}, "Be kind.")
    assert found["usage"]["total_tokens"] == 14
    assert found["store"] is False


def test_sources_of_an_answer_are_its_annotations() -> None:
    cited = {"start_index": 0, "end_index": 5, "url": "https://x.example/1", "title": "One"}

    found = to_response(
        {"model": "m"},
        answer(content="Hello", annotations=[{"type": "url_citation", "url_citation": cited}]),
    )

    assert found["output"][0]["content"][0]["annotations"] == [{"type": "url_citation", **cited}]


@pytest.mark.parametrize("body", [{"error": {"message": "No."}}, {"error": "No."}])
def test_an_error_in_place_of_an_answer_is_raised(body: dict[str, Any]) -> None:
    with pytest.raises(ApiError, match=r"No\."):
        to_response({"model": "m"}, body)


def test_what_was_asked_is_repeated_with_openais_own_defaults() -> None:
    tool = {"type": "function", "name": "f"}

    found = to_response(
        {"model": "m", "tools": [tool], "temperature": 0.0, "text": {"verbosity": "low"}},
        answer(content="Hi"),
    )

    assert found["tools"] == [{**tool, "description": None, "parameters": None, "strict": None}]
    assert (found["temperature"], found["top_p"], found["tool_choice"]) == (0.0, 1.0, "auto")
    assert found["text"] == {"format": {"type": "text"}, "verbosity": "low"}
    assert found["reasoning"] == {"effort": None, "summary": None}
