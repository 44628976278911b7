"""Clients that others wrote: each lists, chats, streams, calls, sees, embeds, and reads errors."""

from typing import Any

import pytest
from e2e.clients.conftest import Results
from e2e.clients.endpoint import EMBEDDER, MODEL

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

HELLO = "You said: hello"


def of(results: Results, task: str) -> dict[str, Any]:
    """What came of a task; skips where the client has none of that name."""
    if task not in results:
        pytest.skip(f"this client has no way to do that: {task}")
    found = results[task]
    assert "failed" not in found, found["failed"]
    return found


async def test_lists_the_models(results: Results) -> None:
    found = of(results, "models")

    assert {MODEL, EMBEDDER, "auto", "nellie"} <= set(found["listed"])
    assert found.get("one", MODEL) == MODEL


async def test_chats(results: Results) -> None:
    found = of(results, "chat")

    assert found["text"] == HELLO
    assert found.get("tokens", 15) == 15


async def test_streams_word_by_word_with_the_tokens_at_the_end(results: Results) -> None:
    found = of(results, "stream")

    assert found["text"] == f"{HELLO}, word by word"
    assert found["tokens"] == 15
    assert found.get("chunks", 9) > 4


@pytest.mark.parametrize("task", ["tool", "streamed_tool"])
async def test_calls_a_tool(results: Results, task: str) -> None:
    found = of(results, task)

    assert (found["name"], found["arguments"]) == ("weather", {"city": "Paris"})
    assert found.get("text", "The tool said: sunny") == "The tool said: sunny"


async def test_sends_a_picture(results: Results) -> None:
    assert of(results, "image")["text"].startswith("I see 1 picture of ")


async def test_embeds(results: Results) -> None:
    assert of(results, "embed")["vectors"] == [[0.25, -0.5, 1.0], [0.25, -0.5, 1.0]]


@pytest.mark.parametrize(
    ("task", "status", "code", "words"),
    [
        ("bad_key", 401, "invalid_api_key", "API key"),
        ("unknown_model", 404, "model_not_found", "nobody/knows"),
        ("spent", 429, "budget_exceeded", "tokens"),
    ],
)
async def test_reads_why_a_call_was_refused(
    results: Results, task: str, status: int, code: str, words: str
) -> None:
    found = of(results, task)

    assert (found["status"], found.get("code", code)) == (status, code), found["text"]
    assert words in found["text"]


async def test_a_spent_budget_is_asked_for_once(results: Results) -> None:
    """OpenAI's SDKs repeat a 429 twice, unless they are told not to; the AI SDK is never told."""
    found = of(results, "spent")

    assert found["calls"] == (3 if found["kind"] == "APICallError" else 1)


async def test_answers_by_responses_too(results: Results) -> None:
    found = of(results, "responses")

    assert found["text"] == HELLO
    assert found["streamed"] == f"{HELLO}, word by word"
    assert found["status"] == "completed"


async def test_reads_that_an_answer_broke_off_after_what_had_come(results: Results) -> None:
    found = of(results, "broken_off")

    assert found["before"]
    assert "You said: break off".startswith(found["before"])
    assert "broke off before its end" in found["text"]


async def test_reads_why_the_models_server_refused_a_stream(results: Results) -> None:
    found = of(results, "busy")

    assert found["status"] == 429
    assert "Too many calls." in found["text"]
