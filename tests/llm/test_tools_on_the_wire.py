"""Tools as they go out: to every server of Chat Completions, to OpenAI, and to who takes none."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from doubles.canned_responses import CannedResponse, EventStream
from doubles.loopback_server import LoopbackServer, stream
from doubles.openai_server import OpenAIServer

from bot.config.settings import Settings
from bot.domain.model import ChatMessage, Prompt
from bot.domain.ports import Model
from bot.domain.tools import Tool, ToolCall
from bot.llm.fallback import Fallback
from bot.llm.openai import tool_support
from bot.llm.openai.chat import OpenAI
from bot.llm.openai.tool_calls import wire_id
from bot.llm.providers.provider import Provider
from bot.testing import ModelOutput, collect, prompt_of

Build = Callable[..., Model]
SCHEMA = {"type": "object", "properties": {"query": {"type": "string"}}}
SEARCH, NOW = Tool("search", "Searches memory.", SCHEMA), Tool("now", "The time.", SCHEMA)
ASKED = ToolCall("call-1", "search", '{"query": "rent"}')


def prompt_with(*more: ChatMessage, **fields: Any) -> Prompt:
    prompt = prompt_of("How high is the rent?")
    messages = (*prompt.messages, *more)
    return replace(prompt, messages=messages, tools=(SEARCH, NOW), **fields)


ROUND = (
    ChatMessage("assistant", "", calls=(ASKED,)),
    ChatMessage("tool", "It is 900.", call_id="call-1"),
)


async def ask(model: Model, settings: Settings, prompt: Prompt) -> ModelOutput:
    return await collect(Fallback([model], settings), prompt)


async def test_tools_calls_and_results_go_out_as_openai_has_them(
    build: Build, settings: Settings, openai: OpenAIServer
) -> None:
    model = build(OpenAI, "double", openai_base_url=openai.url)
    await ask(model, settings, prompt_with(*ROUND, tool_choice="none"))

    [sent] = openai.prompts
    function = {"name": "search", "description": "Searches memory.", "parameters": SCHEMA}
    assert sent["tools"][0] == {"type": "function", "function": function}
    assert sent["tool_choice"] == "none"
    called, result = sent["messages"][-2:]
    assert called == {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "call-1",
                "type": "function",
                "function": {"name": "search", "arguments": '{"query": "rent"}'},
            }
        ],
    }
    assert result == {"role": "tool", "content": "It is 900.", "tool_call_id": "call-1"}


async def test_without_tools_nothing_of_them_is_sent(
    build: Build, settings: Settings, openai: OpenAIServer
) -> None:
    await ask(build(OpenAI, "double", openai_base_url=openai.url), settings, prompt_of("hi"))

    assert not {"tools", "tool_choice"} & openai.prompts[0].keys()


@pytest.mark.parametrize("arguments", ['{"query": "re', "[1]", "rent", ""])
async def test_broken_arguments_go_out_as_an_empty_object(
    build: Build, settings: Settings, openai: OpenAIServer, arguments: str
) -> None:
    broken = ChatMessage("assistant", "", calls=(replace(ASKED, arguments=arguments),))
    model = build(OpenAI, "double", openai_base_url=openai.url)
    await ask(model, settings, prompt_with(broken, ROUND[1]))

    [call] = openai.prompts[0]["messages"][-2]["tool_calls"]
    assert call["function"]["arguments"] == "{}"


@pytest.mark.parametrize("given", ["call-1", "abc def", "x" * 60, "chatcmpl-tool-" + "f" * 32])
def test_an_id_is_one_that_each_provider_takes(given: str) -> None:
    assert len(wire_id(given)) <= 40
    assert wire_id(given, "mistral").isalnum()
    assert len(wire_id(given, "mistral")) == 9


REFUSALS = {
    "vllm": (
        400,
        '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    ),
    "ollama": (400, "registry.ollama.ai/library/gemma:2b does not support tools"),
    "llama.cpp": (500, "tools param requires --jinja flag"),
    "openrouter": (404, "No endpoints found that support tool use."),
    "groq": (400, "`tool calling` is not supported with this model"),
    "fastapi": (422, "body.tools: Extra inputs are not permitted"),
}


@pytest.mark.parametrize("server", REFUSALS)
async def test_who_takes_no_tools_answers_without_and_it_is_said_once(
    build: Build,
    settings: Settings,
    openai: OpenAIServer,
    server: str,
) -> None:
    openai.refusals['"tools"'] = REFUSALS[server]
    model = build(OpenAI, "double", openai_base_url=openai.url)

    first = await ask(model, settings, prompt_with(*ROUND))
    second = await ask(model, settings, prompt_with())

    assert first.text == second.text == "Hello from the double."
    notes = ["".join(chunk.note for chunk in one.chunks) for one in (first, second)]
    assert "calls no tools here" in notes[0]
    assert notes[1] == ""
    assert ["tools" in sent for sent in openai.prompts] == [True, False, False]
    assert "It is 900." in openai.prompts[1]["messages"][-1]["content"]


async def test_a_server_that_was_started_anew_is_offered_tools_again(
    build: Build, settings: Settings, openai: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool_support, "REMEMBERED", 0.2)
    openai.refusals['"tools"'] = REFUSALS["vllm"]
    model = build(OpenAI, "double", openai_base_url=openai.url)
    await ask(model, settings, prompt_with())
    openai.refusals.clear()
    await asyncio.sleep(0.3)

    await ask(model, settings, prompt_with())

    assert "tools" in openai.prompts[-1]


async def test_a_refusal_that_names_its_place_alone_is_understood(
    build: Build, settings: Settings
) -> None:
    detail = [{"type": "extra_forbidden", "loc": ["body", "tools"], "msg": "Extra inputs"}]

    class Strict(OpenAIServer):
        def _refusal(self, received: Any) -> web.Response | None:
            if "tools" in received.body:
                return self.json(received.path, {"detail": detail}, 422)
            return None

    async with Strict() as server:
        model = build(OpenAI, "double", openai_base_url=server.url)
        output = await ask(model, settings, prompt_with())

    assert output.text == "Hello from the double."


async def test_vllm_is_told_how_to_start(
    build: Build, settings: Settings, openai: OpenAIServer
) -> None:
    openai.refusals['"tools"'] = REFUSALS["vllm"]
    output = await ask(build(OpenAI, "double", openai_base_url=openai.url), settings, prompt_with())

    assert "--enable-auto-tool-choice" in "".join(chunk.note for chunk in output.chunks)


async def test_a_refused_schema_is_left_out_and_the_others_stay(
    build: Build, settings: Settings, openai: OpenAIServer
) -> None:
    openai.refusals['"now"'] = (400, "Invalid schema for function 'now': None is not valid")
    model = build(OpenAI, "double", openai_base_url=openai.url)

    output = await ask(model, settings, prompt_with())

    assert output.text == "Hello from the double."
    assert [tool["function"]["name"] for tool in openai.prompts[-1]["tools"]] == ["search"]


async def test_who_takes_no_tools_while_it_thinks_is_asked_not_to(
    build: Build, settings: Settings, openai: OpenAIServer
) -> None:
    words = "Function tools with reasoning_effort are not supported for gpt-x in /v1/chat"
    openai.respond_with(CannedResponse(status=400, error=words))
    await ask(build(OpenAI, "double", openai_base_url=openai.url), settings, prompt_with())

    assert openai.prompts[-1]["reasoning_effort"] == "none"
    assert "tools" in openai.prompts[-1]


class LlamaCpp(OpenAIServer):
    """`llama_cpp.server --chat_format chatml-function-calling`, version 0.3.36."""

    has_calls = True

    def _refusal(self, received: Any) -> web.Response | None:
        if any(one["content"] is None for one in received.body["messages"]):
            wrong = "{'type': 'string_type', 'loc': ('body', 'messages', 2, 'content'), 'msg':"
            return self.refuse(
                received.path, 500, f"1 validation error: {wrong} 'a valid string', 'input': None}}"
            )
        return None

    async def _stream(
        self, request: web.Request, received: Any, canned: CannedResponse
    ) -> web.StreamResponse:
        body = received.body
        if not self.has_calls or "tools" not in body or body["tool_choice"] == "none":
            return await super()._stream(request, received, canned)
        if body["stream"]:  # ValueError: Automatic streaming tool choice is not supported
            stream = await EventStream.open(request, received.path, self.answers)
            return await stream.close()
        function = {"name": "search", "arguments": '{"query": "rent"}'}
        called = [{"id": "call__0_search_cmpl-1", "type": "function", "function": function}]
        message = {"role": "assistant", "content": None, "tool_calls": called}
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
        return self.json(received.path, self.envelope([choice]) | {"object": "chat.completion"})


async def test_a_server_that_streams_no_calls_is_asked_for_them_in_one_piece(
    build: Build, settings: Settings
) -> None:
    async with LlamaCpp() as server:
        model = build(OpenAI, "double", openai_base_url=server.url)
        first = await ask(model, settings, prompt_with())
        second = await ask(model, settings, prompt_with(*ROUND))
        last = await ask(model, settings, prompt_with(*ROUND, tool_choice="none"))

    for output in (first, second):
        calls = [call for chunk in output.chunks for call in chunk.calls]
        assert [(call.name, call.arguments) for call in calls] == [("search", '{"query": "rent"}')]
    assert last.text == "Hello from the double."
    asked = [(sent["stream"], "stream_options" in sent) for sent in server.prompts]
    assert asked == [(True, True), (False, False), (False, False), (False, False), (True, True)]
    called = server.prompts[-1]["messages"][-2]
    assert called["content"] == ""
    assert called["tool_calls"]


async def test_an_answer_that_is_lost_for_another_reason_goes_on_being_streamed(
    build: Build, settings: Settings
) -> None:
    async with LlamaCpp() as server:
        server.respond_with(CannedResponse("", ending="unfinished"))
        server.respond_with(CannedResponse(status=500, error="the model has crashed"))
        server.has_calls = False
        model = build(OpenAI, "double", openai_base_url=server.url)
        lost = await ask(model, settings, prompt_with())
        await ask(model, settings, prompt_with())

    assert "crashed" in str(lost.error)
    assert [sent["stream"] for sent in server.prompts] == [True, False, True]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "Incorrect API key for tools"),
        (429, "Rate limit for tool calls"),
        (400, "This model's maximum context length is 10 tokens, with tools you sent 99 tokens"),
    ],
)
async def test_other_refusals_keep_the_tools(
    build: Build, settings: Settings, openai: OpenAIServer, status: int, words: str
) -> None:
    openai.respond_with(CannedResponse(status=status, error=words))
    model = build(OpenAI, "double", openai_base_url=openai.url)

    assert (await ask(model, settings, prompt_with())).error is not None
    await ask(model, settings, prompt_with())

    assert "tools" in openai.prompts[-1]


async def test_the_next_model_of_the_list_takes_over_in_the_middle_of_rounds(
    build: Build, settings: Settings, openai: OpenAIServer
) -> None:
    async with OpenAIServer() as other:
        openai.default_response = CannedResponse(status=503, error="down")
        models = [build(OpenAI, "double", openai_base_url=one.url) for one in (openai, other)]
        output = await collect(Fallback(models, settings), prompt_with(*ROUND))

        assert output.text == "Hello from the double."
        assert other.prompts[0]["messages"] == openai.prompts[0]["messages"]


class ResponsesServer(LoopbackServer):
    """OpenAI's Responses: each request gets the next events."""

    root = "/v1"

    def __init__(self, *answers: list[dict[str, Any]], status: int = 200) -> None:
        self.answers, self.status = list(answers), status
        self.bodies: list[dict[str, Any]] = []

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v1/responses", self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        events = self.answers.pop(0)
        if "status" in events[0]:
            return web.json_response(events[0], status=events[0]["status"])
        lines = (f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in events)
        return await stream(request, *lines)


THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "abc"}
CALL = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "call-1",
    "name": "search",
    "arguments": '{"query": "rent"}',
}
USAGE = {"input_tokens": 9, "output_tokens": 3, "input_tokens_details": {"cached_tokens": 4}}


def completed(**more: Any) -> dict[str, Any]:
    return {"type": "response.completed", "response": {"usage": USAGE, **more}}


def item_done(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "response.output_item.done", "output_index": 0, "item": item}


def text(delta: str) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "delta": delta}


@pytest.fixture
def official(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address is OpenAI's."""
    monkeypatch.setattr(Provider, "is_openai", property(lambda _: True))


@pytest.mark.usefixtures("official")
async def test_openai_itself_is_asked_by_responses(build: Build, settings: Settings) -> None:
    called = [
        {"type": "response.created", "response": {}},
        item_done(THOUGHT),
        {"type": "response.output_item.added", "item": {**CALL, "arguments": ""}},
        {"type": "response.function_call_arguments.delta", "delta": '{"query"'},
        item_done(CALL),
        completed(),
    ]
    async with ResponsesServer(called, [text("It is "), text("900."), completed()]) as server:
        model = build(OpenAI, "gpt-6-luna", openai_base_url=server.url, openai_api_key="secret-key")
        first = await ask(model, settings, prompt_with())
        [call] = first.chunks[-1].calls
        said = ChatMessage("assistant", "Let me look.", calls=(call,))
        second = await ask(model, settings, prompt_with(said, ROUND[1], tool_choice="none"))

    assert (call.id, call.name, call.arguments) == ("call-1", "search", '{"query": "rent"}')
    assert first.finishes == ["tool_calls"]
    assert (first.usages[0].input, first.usages[0].cached) == (9, 4)
    assert second.text == "It is 900."
    body = server.bodies[0]
    assert body["tools"][0] == {
        "type": "function",
        "strict": False,
        "name": "search",
        "description": "Searches memory.",
        "parameters": SCHEMA,
    }
    assert (body["store"], body["max_output_tokens"], body["stream"]) == (False, 100, True)
    again = server.bodies[1]
    assert again["tool_choice"] == "none"
    spoken = {"role": "assistant", "content": "Let me look."}
    sent_call = {name: CALL[name] for name in ("type", "call_id", "name", "arguments")}
    output = {"type": "function_call_output", "call_id": "call-1", "output": "It is 900."}
    assert again["input"][-4:] == [spoken, THOUGHT, sent_call, output]


@pytest.mark.usefixtures("official")
async def test_openai_without_tools_is_asked_by_chat_completions(
    build: Build, settings: Settings, openai: OpenAIServer
) -> None:
    model = build(OpenAI, "double", openai_base_url=openai.url, openai_api_key="secret-key")
    await ask(model, settings, prompt_of("hi"))

    assert [request.path for request in openai.requests] == ["/v1/chat/completions"]


@pytest.mark.usefixtures("official")
@pytest.mark.parametrize(
    ("events", "error", "finishes"),
    [
        (
            [text("Hal"), {"type": "response.failed", "response": {"error": {"message": "x"}}}],
            1,
            [],
        ),
        ([text("Hal"), {"type": "error", "message": "x", "code": "server_error"}], 1, []),
        ([text("Hal")], 1, []),
        (
            [
                text("Hal"),
                {
                    "type": "response.incomplete",
                    "response": {"incomplete_details": {"reason": "max_output_tokens"}},
                },
            ],
            0,
            ["length"],
        ),
        ([{"type": "response.refusal.delta", "delta": "Hal"}, completed()], 0, ["stop"]),
    ],
    ids=["failed", "error", "cut", "length", "refusal"],
)
async def test_how_a_response_ends_is_read(
    build: Build,
    settings: Settings,
    events: list[dict[str, Any]],
    error: int,
    finishes: list[str],
) -> None:
    async with ResponsesServer(events) as server:
        model = build(OpenAI, "gpt-6-luna", openai_base_url=server.url, openai_api_key="secret-key")
        output = await ask(model, settings, prompt_with())

    assert output.text == "Hal"
    assert (output.error is not None) == bool(error)
    assert output.finishes == finishes


@pytest.mark.usefixtures("official")
async def test_a_model_that_encrypts_no_thoughts_is_asked_without(
    build: Build, settings: Settings
) -> None:
    words = "Encrypted content is not supported with this model."
    refused = {"status": 400, "error": {"message": words, "param": "include"}}
    async with ResponsesServer([refused], [text("Hello."), completed()]) as server:
        model = build(OpenAI, "gpt-4.1", openai_base_url=server.url, openai_api_key="secret-key")
        output = await ask(model, settings, prompt_with())

    assert output.text == "Hello."
    assert ["include" in body for body in server.bodies] == [True, False]
