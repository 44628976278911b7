"""The TGI model against a loopback server: exact counts, the budget, and failures in streams."""

import asyncio
import traceback
from collections.abc import Callable
from contextlib import aclosing

import pytest
from aiohttp import web
from doubles.canned_responses import EMPTY, HTML, OVERLOADED, CannedResponse, ReceivedRequest
from doubles.tgi_server import TGIServer

from bot.config.settings import Settings
from bot.domain.errors import (
    ContextOverflow,
    IncompleteAnswer,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
    SettingsError,
)
from bot.domain.ports import Model
from bot.llm.fallback import Fallback
from bot.llm.tgi.model import TGI
from bot.testing import collect, prompt_of

Build = Callable[..., Model]


@pytest.fixture
def model(tgi: TGIServer, build: Build) -> Model:
    return build(TGI, "", tgi_url=tgi.url, read_timeout=5)


async def test_streams_the_text_without_special_tokens(model: Model, tgi: TGIServer) -> None:
    tgi.respond_with(CannedResponse("Hello, Ada."))

    output = await collect(model, prompt_of())

    assert output.text == "Hello, Ada."
    assert output.finishes == ["stop"]


async def test_says_when_the_answer_was_cut_to_length(model: Model, tgi: TGIServer) -> None:
    tgi.respond_with(CannedResponse(finish="length"))

    output = await collect(model, prompt_of())

    assert output.finishes == ["length"]


async def test_counts_exactly_what_the_server_counts(model: Model, tgi: TGIServer) -> None:
    output = await collect(model, prompt_of("Wer bist du?"))

    details = tgi.answers[-1][1]["details"]
    assert output.usages[0].model == "tgi"
    assert output.usages[0].input == details["input_length"]
    assert output.usages[0].output == details["generated_tokens"]
    assert output.usages[0].cached is None
    assert not output.usages[0].estimated


async def test_leaves_the_opening_token_to_the_server(model: Model, tgi: TGIServer) -> None:
    await collect(model, prompt_of("Hi"))

    rendered = "<|system|>You are Nellie.<|end|><|user|>Hi<|end|><|assistant|>"
    assert tgi.prompts[-1]["inputs"] == rendered


async def test_fits_the_answer_into_what_is_left(model: Model, tgi: TGIServer) -> None:
    tgi.max_input, tgi.max_total = 199, 200

    output = await collect(model, prompt_of("word " * 100, max_output=150))

    assert output.finishes == ["stop"]
    allowed = tgi.prompts[-1]["parameters"]["max_new_tokens"]
    assert allowed == 200 - output.usages[0].input


@pytest.mark.parametrize(("most_input", "most"), [(50, 4096), (4095, 110)])
async def test_sees_an_overflow_before_asking(
    model: Model, tgi: TGIServer, most_input: int, most: int
) -> None:
    tgi.max_input, tgi.max_total = most_input, most

    output = await collect(model, prompt_of("word " * 90))

    assert isinstance(output.error, ContextOverflow)
    assert output.error.details["needed"] == 101
    assert output.error.details["window"] == most
    assert not any(seen.path == "/generate_stream" for seen in tgi.requests)


async def test_asks_for_the_budget_once_until_something_fails(model: Model, tgi: TGIServer) -> None:
    tgi.respond_with(CannedResponse(), CannedResponse(), OVERLOADED)

    for _ in range(4):
        await collect(model, prompt_of())

    assert sum(seen.path == "/info" for seen in tgi.requests) == 2


async def test_goes_through_chat_completions_where_it_cannot_render(build: Build) -> None:
    async with TGIServer(templates=False) as double:
        model = build(TGI, "lora", tgi_url=double.url)

        output = await collect(model, prompt_of())

    assert output.text == "Hello from the double."
    assert output.usages[0].model == "tgi/lora"
    assert double.requests[-1].path == "/v1/chat/completions"


async def test_hears_of_overload_there_too(build: Build) -> None:
    async with TGIServer(templates=False) as double:
        model = build(TGI, "", tgi_url=double.url)
        double.respond_with(CannedResponse("", ending="error", error="Model is overloaded"))

        output = await collect(model, prompt_of())

    assert isinstance(output.error, ModelOverloaded)


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (OVERLOADED, ModelOverloaded),
        (HTML, ModelUnavailable),
        (CannedResponse(ending="garbage"), ModelError),
        (CannedResponse(ending="error", error="CUDA error"), ModelError),
        (CannedResponse(ending="cut"), IncompleteAnswer),
        (CannedResponse("", ending="cut"), IncompleteAnswer),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
async def test_says_in_our_terms_what_went_wrong(
    model: Model, tgi: TGIServer, response: CannedResponse, kind: type[ModelError]
) -> None:
    tgi.respond_with(response, response)  # what broke before a byte is asked for once more

    output = await collect(model, prompt_of())

    assert type(output.error) is kind
    assert "tgi" in str(output.error)


async def test_tries_a_stale_connection_once_more(model: Model, tgi: TGIServer) -> None:
    broken = CannedResponse("", ending="cut")
    tgi.respond_with(CannedResponse("One."), broken, CannedResponse("Two."), broken, broken)

    output = [await collect(model, prompt_of()) for _ in range(3)]

    assert [answer.text for answer in output] == ["One.", "Two.", ""]
    assert isinstance(output[2].error, IncompleteAnswer)


async def test_questions_take_the_same_connection(
    model: Model, tgi: TGIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections, receive = set[asyncio.BaseTransport](), tgi.receive

    async def noting(request: web.Request) -> ReceivedRequest:
        assert request.transport
        connections.add(request.transport)
        return await receive(request)

    monkeypatch.setattr(tgi, "receive", noting)
    for _ in range(5):
        await collect(model, prompt_of())

    assert len(connections) == 1


async def test_gives_up_on_a_silent_server(tgi: TGIServer, build: Build) -> None:
    model = build(TGI, "", tgi_url=tgi.url, read_timeout=0.1)
    tgi.respond_with(CannedResponse("One moment", ending="stall"))

    output = await collect(model, prompt_of())

    assert output.text == "One moment"
    assert isinstance(output.error, ModelTimeout)


async def test_takes_a_comment_for_a_sign_of_life(
    tgi: TGIServer, build: Build, configure: Callable[..., Settings]
) -> None:
    model = build(TGI, "", tgi_url=tgi.url, read_timeout=5)
    tgi.respond_with(CannedResponse("Friday.", keepalives=8))

    output = await collect(Fallback([model], configure(read_timeout=0.5)), prompt_of())

    assert output.text == "Friday."


@pytest.mark.parametrize("address", ["{}", "{}/", "{}/v1", "{}/v1/", "{}?token=t"])
@pytest.mark.parametrize("templates", [True, False])
async def test_finds_the_server_at_its_root_and_at_its_v1(
    build: Build, address: str, templates: bool
) -> None:
    async with TGIServer(templates=templates) as double:
        output = await collect(build(TGI, "", tgi_url=address.format(double.url)), prompt_of())

    assert output.text == "Hello from the double."


async def test_leaves_an_unfinished_or_empty_answer_to_be_judged(
    model: Model, tgi: TGIServer
) -> None:
    tgi.respond_with(CannedResponse("Hel", ending="unfinished"), EMPTY)

    unfinished, empty = await collect(model, prompt_of()), await collect(model, prompt_of())

    assert (unfinished.text, unfinished.finishes) == ("Hel", [])
    assert (empty.text, empty.finishes) == ("", ["stop"])


async def test_reads_a_long_last_line(model: Model, tgi: TGIServer) -> None:
    tgi.max_total = 100_000
    tgi.respond_with(CannedResponse((" " * 999 + "x") * 180))

    output = await collect(model, prompt_of())

    assert len(output.text) == 180_000
    assert output.finishes == ["stop"]


async def test_says_where_nobody_answers(build: Build) -> None:
    model = build(TGI, "", tgi_url="http://127.0.0.1:1")

    output = await collect(model, prompt_of())

    assert isinstance(output.error, ModelUnavailable)
    assert await model.context_window() is None


async def test_says_where_something_else_answers(build: Build, tgi: TGIServer) -> None:
    model = build(TGI, "", tgi_url=f"{tgi.url}/elsewhere")

    output = await collect(model, prompt_of())

    assert isinstance(output.error, ModelRejected)


async def test_shows_its_key_to_nobody_but_the_server(build: Build) -> None:
    async with TGIServer(key="right") as double:
        output = await collect(build(TGI, "", tgi_url=double.url, tgi_api_key="right"), prompt_of())
        refused = await collect(
            build(TGI, "", tgi_url=double.url, tgi_api_key="wrong"), prompt_of()
        )

    assert output.finishes == ["stop"]
    assert isinstance(refused.error, ModelRejected)
    assert "HTTP 401" in str(refused.error)
    assert "wrong" not in "".join(traceback.format_exception(refused.error))


async def test_hangs_up_when_it_is_closed(model: Model, tgi: TGIServer) -> None:
    tgi.respond_with(CannedResponse("One moment", ending="stall"))

    async with aclosing(model.stream(prompt_of())) as chunks:
        await anext(chunks)

    await asyncio.wait_for(tgi.requests[-1].hung_up.wait(), 5)


async def test_knows_what_prompt_and_answer_may_take_together(tgi: TGIServer, build: Build) -> None:
    model = build(TGI, "", tgi_url=tgi.url, max_answer=500)
    whole = await model.context_window()

    tgi.max_input, tgi.max_total = 1000, 4096
    capped = await build(TGI, "", tgi_url=tgi.url, max_answer=500).context_window()

    assert whole == 4096
    assert capped == 1500


@pytest.mark.parametrize("address", [None, "tgi:8080"])
def test_needs_an_address(build: Build, address: str | None) -> None:
    with pytest.raises(SettingsError, match=r"^NELLIE_TGI_URL: "):
        build(TGI, "", tgi_url=address)


@pytest.mark.parametrize("thoughts", ["<think>They ask", "[THINK]a colour?", "◁think▷"])
async def test_who_thought_until_the_tokens_were_used_up_is_asked_once_more_with_room(
    model: Model, tgi: TGIServer, thoughts: str
) -> None:
    tgi.respond_with(CannedResponse(thoughts, finish="length"), CannedResponse("It is red."))

    first = await collect(model, prompt_of(max_output=50))
    second = await collect(model, prompt_of(max_output=50))

    limits = [prompt["parameters"]["max_new_tokens"] for prompt in tgi.prompts[-3:]]
    assert (first.text, first.finishes) == ("It is red.", ["stop"])
    assert len(first.usages) == 1
    assert limits[0] == 50
    assert limits[1] == limits[2] > 50  # what is left, up to 4,000 beside the answer
    assert second.error is None


@pytest.mark.parametrize(
    ("variable", "excepted", "is_asked"),
    [
        ("HTTP_PROXY", "", True),
        ("ALL_PROXY", "example.org", True),
        ("HTTP_PROXY", "tgi.example", False),
        ("HTTP_PROXY", "*", False),
    ],
)
async def test_goes_through_the_proxy_of_this_machine(
    build: Build, monkeypatch: pytest.MonkeyPatch, variable: str, excepted: str, is_asked: bool
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    async with TGIServer() as proxy:
        monkeypatch.setenv(variable, proxy.url)
        monkeypatch.setenv("NO_PROXY", excepted)
        model = build(TGI, "", tgi_url="http://tgi.example:8080")
        output = await collect(model, prompt_of())

    asked = [request.headers["Host"] for request in proxy.requests]
    assert set(asked) == ({"tgi.example:8080"} if is_asked else set())
    assert isinstance(output.error, ModelError) is not is_asked


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:9", "socks4://me:you@proxy:1080"])
def test_a_proxy_that_it_cannot_go_through_is_named(
    build: Build, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", address)
    monkeypatch.setenv("NO_PROXY", "")

    with pytest.raises(SettingsError, match=r"^ALL_PROXY: .*an HTTP proxy"):
        build(TGI, "", tgi_url="http://tgi.example:8080")
