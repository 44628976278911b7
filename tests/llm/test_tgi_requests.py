"""What TGI is asked for: adapters, settings, stop texts, formats; and routers of any version."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from doubles.canned_responses import CannedResponse
from doubles.tgi_server import TGIServer

from bot.domain.errors import (
    ContextOverflow,
    IncompleteAnswer,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelUnavailable,
)
from bot.domain.model import Prompt, ResponseFormat
from bot.domain.ports import Model
from bot.llm.circuit_breaker import FAILURES, CircuitBreaker
from bot.llm.tgi.model import TGI
from bot.testing import collect, prompt_of

Build = Callable[..., Model]

LABEL = ResponseFormat("label", {"properties": {"label": {"enum": ["bug", "wish"]}}})
SHIP = ResponseFormat("ship", {"properties": {"when": {"type": "string"}}, "required": ["when"]})
YES_NO = ResponseFormat("yes_no", regex="(yes|no)")
NO_OBJECT = ResponseFormat("list", {"type": "array", "items": {"type": "string"}})


@pytest.fixture
def model(tgi: TGIServer, build: Build) -> Model:
    return build(TGI, "", tgi_url=tgi.url, read_timeout=5)


def asking(wanted: ResponseFormat | None = None, **generation: Any) -> Prompt:
    return replace(prompt_of(), response_format=wanted, generation=generation)


def parameters(tgi: TGIServer) -> dict[str, Any]:
    found: dict[str, Any] = tgi.prompts[-1]["parameters"]
    return found


@pytest.mark.parametrize("adapter", ["support", "acme/support-lora", "de-formal@main"])
async def test_the_name_behind_the_slash_is_the_adapter(
    tgi: TGIServer, build: Build, adapter: str
) -> None:
    output = await collect(build(TGI, adapter, tgi_url=tgi.url), prompt_of())

    assert parameters(tgi)["adapter_id"] == adapter
    assert output.usages[0].model == f"tgi/{adapter}"


@pytest.mark.parametrize(("adapter", "name"), [("support", "support"), ("", "tgi")])
async def test_the_adapter_is_the_model_of_its_chat_completions(
    build: Build, adapter: str, name: str
) -> None:
    async with TGIServer(templates=False) as double:
        await collect(build(TGI, adapter, tgi_url=double.url), prompt_of())

    assert double.requests[-1].body["model"] == name


async def test_without_a_name_there_is_no_adapter_no_null_and_no_watermark(
    model: Model, tgi: TGIServer
) -> None:
    await collect(model, prompt_of())

    asked = parameters(tgi)
    assert "adapter_id" not in asked
    assert asked["watermark"] is False
    assert None not in asked.values()


@pytest.mark.parametrize(
    ("generation", "sent"),
    [
        ({"temperature": 0, "seed": 7}, {"do_sample": False, "seed": 7}),
        ({"temperature": 0.3, "seed": 0}, {"do_sample": True, "temperature": 0.3, "seed": 0}),
        ({"frequency_penalty": -1.5}, {"frequency_penalty": -1.5}),
        ({"frequency_penalty": 0}, {"frequency_penalty": 0}),
        ({"top_p": 0.9}, {"top_p": 0.9}),
    ],
)
async def test_sends_what_is_set(
    model: Model, tgi: TGIServer, generation: dict[str, Any], sent: dict[str, Any]
) -> None:
    output = await collect(model, asking(**generation))

    assert output.finishes == ["stop"]
    assert sent.items() <= parameters(tgi).items()
    assert ("temperature" in parameters(tgi)) == ("temperature" in sent)


async def test_asks_for_no_more_stop_texts_than_the_server_takes(build: Build) -> None:
    async with TGIServer(most_stops=2) as double:
        model = build(TGI, "", tgi_url=double.url)
        output = await collect(model, asking(stop=["one", "two", "three"]))

    assert parameters(double)["stop"] == ["one", "two"]
    assert output.error is None


@pytest.mark.parametrize(
    ("said", "stop", "shown"),
    [
        ("It ships on Friday. END", "END", "It ships on Friday. "),
        ("Friday.\n\nUser: and", "User: and", "Friday.\n\n"),
        ("a b c###", "###", "a b c"),
    ],
)
async def test_does_not_show_the_stop_text(
    model: Model, tgi: TGIServer, said: str, stop: str, shown: str
) -> None:
    tgi.respond_with(CannedResponse(said, finish="stop_sequence"))

    output = await collect(model, asking(stop=[stop, "other"]))

    assert output.text == shown
    assert output.finishes == ["stop"]


@pytest.mark.parametrize(("wanted", "kind"), [(LABEL, "json"), (SHIP, "json"), (YES_NO, "regex")])
async def test_holds_an_answer_to_its_format(
    model: Model, tgi: TGIServer, wanted: ResponseFormat, kind: str
) -> None:
    output = await collect(model, asking(wanted))

    value = wanted.schema or wanted.regex
    assert parameters(tgi)["grammar"] == {"type": kind, "value": value}
    assert output.error is None


@pytest.mark.parametrize("wanted", [LABEL, YES_NO])
async def test_says_a_format_to_its_chat_completions_too(
    build: Build, wanted: ResponseFormat
) -> None:
    async with TGIServer(templates=False) as double:
        await collect(build(TGI, "", tgi_url=double.url), asking(wanted))

    sent = double.requests[-1].body["response_format"]
    assert sent == {
        "type": "json" if wanted.schema else "regex",
        "value": wanted.schema or wanted.regex,
    }


async def test_asks_in_free_words_where_the_server_knows_no_formats(build: Build) -> None:
    async with TGIServer(grammars=False) as double:
        model = build(TGI, "", tgi_url=double.url)
        outputs = [await collect(model, asking(wanted)) for wanted in (LABEL, YES_NO)]

    assert [output.error for output in outputs] == [None, None]
    grammars = ["grammar" in one["parameters"] for one in double.prompts if "parameters" in one]
    assert grammars == [True, False, False]


async def test_one_refused_format_says_nothing_of_others(model: Model, tgi: TGIServer) -> None:
    refused = await collect(model, asking(NO_OBJECT))
    taken = await collect(model, asking(LABEL))

    assert (refused.error, taken.error) == (None, None)
    assert parameters(tgi)["grammar"]["value"] == LABEL.schema


@pytest.mark.parametrize("version", ["1.4.5", "2.0.4", "2.2.0", "2.3.1", "3.0.1", "3.3.7"])
async def test_counts_with_routers_of_any_version(build: Build, version: str) -> None:
    async with TGIServer(version=version, max_input=1000, max_total=1100) as double:
        model = build(TGI, "", tgi_url=double.url)
        output = await collect(model, prompt_of("Hi"))
        window = await model.context_window()

    details = double.answers[-1][1]["details"] if output.text else None
    assert output.error is None
    assert window == 1100
    assert double.prompts[-1]["inputs"].startswith("<|system|>")
    found = [body["details"] for path, body in double.answers if path == "/generate_stream"]
    assert output.usages[0].input == found[-1]["input_length"]
    assert details is None or details == found[-1]


async def test_a_tokenizer_without_places_is_left_to_render_by_itself(build: Build) -> None:
    async with TGIServer(offsets=False) as double:
        output = await collect(build(TGI, "", tgi_url=double.url), prompt_of("Hi"))

    assert output.error is None
    assert double.requests[-1].path == "/v1/chat/completions"


@pytest.mark.parametrize(
    ("kind", "words", "error"),
    [
        ("incomplete_generation", "Incomplete generation", IncompleteAnswer),
        ("incomplete_generation_stream", "Incomplete generation stream", IncompleteAnswer),
        ("overloaded", "Model is overloaded", ModelOverloaded),
        ("validation", "Input validation error: `top_p` must be > 0.0 and < 1.0", ModelRejected),
        ("validation", "Input validation error: `inputs` must have less than 9 tokens. Given: 12",
         ContextOverflow),
        ("template_error", "Template error: undefined value", ModelRejected),
        ("stream_serialization_error", "Stream event serialization error", ModelUnavailable),
        ("something_new", "It went wrong", ModelError),
        ("generation", "Request failed during generation: CUDA out of memory", ModelError),
    ],
)  # fmt: skip
async def test_an_error_within_a_stream_is_what_its_type_says(
    model: Model, tgi: TGIServer, kind: str, words: str, error: type[ModelError]
) -> None:
    tgi.respond_with(CannedResponse("", ending="error", error=words, error_type=kind))

    output = await collect(model, prompt_of())

    assert type(output.error) is error
    assert error is IncompleteAnswer or words in str(output.error)


async def test_spares_a_server_whose_generation_fails_again_and_again(
    model: Model, tgi: TGIServer
) -> None:
    breaker = CircuitBreaker()
    for _ in range(FAILURES):
        tgi.respond_with(CannedResponse("", ending="error", error="CUDA error"))
        breaker.record((await collect(model, prompt_of())).error)

    assert breaker.is_open


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (422, '{"error": "Template error: no system role", "error_type": "template_error"}',
         ModelRejected, "Template error: no system role"),
        (422, "Failed to deserialize the JSON body into the target type: messages[0]: invalid type",
         ModelRejected, "messages[0]: invalid type"),
        (424, '{"error": "Request failed during generation", "error_type": "generation"}',
         ModelError, "Request failed during generation"),
        (429, '{"error": "Model is overloaded", "error_type": "overloaded"}',
         ModelOverloaded, "Model is overloaded"),
        (500, '{"error": "Incomplete generation", "error_type": "incomplete_generation"}',
         IncompleteAnswer, "broke off"),
        (503, '{"error": "unhealthy", "error_type": "healthcheck"}', ModelOverloaded, "unhealthy"),
        (413, "Failed to buffer the request body: length limit exceeded", ContextOverflow, "limit"),
        (502, "", ModelUnavailable, "HTTP 502"),
        (400, '{"message": "no route"}', ModelRejected, "no route"),
    ],
)  # fmt: skip
async def test_a_refusal_is_what_its_status_and_type_say(
    build: Build, status: int, body: str, error: type[ModelError], words: str
) -> None:
    async with TGIServer() as double:
        double.refused = (status, body)
        output = await collect(build(TGI, "", tgi_url=double.url), prompt_of())

    assert type(output.error) is error
    assert words in str(output.error)
