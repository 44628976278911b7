"""`auto`, and models with a port of their own: TGI, and the one that only quotes."""

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from doubles.api_endpoint import ApiEndpoint, StartApi
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer
from doubles.tgi_server import TGIServer

USER = [{"role": "user", "content": "hi there"}]


@pytest.fixture
async def second(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenAIServer]:
    """Another provider, by the name "second"."""
    async with OpenAIServer() as double:
        double.default_response = CannedResponse(text="The second says this.")
        monkeypatch.setenv("NELLIE_PROVIDER_SECOND_URL", double.url)
        yield double


@pytest.fixture
async def both(start_api: StartApi, second: OpenAIServer) -> ApiEndpoint:
    return await start_api(model=("openai/double", "second/other"))


@pytest.fixture
async def tgi(start_api: StartApi) -> AsyncIterator[ApiEndpoint]:
    async with TGIServer() as double:
        yield await start_api(model=("tgi",), tgi_url=double.url)


async def ask(api: ApiEndpoint, model: str = "auto", **more: Any) -> str:
    answer = await api.client().chat.completions.create(model=model, messages=USER, **more)  # type: ignore[call-overload]  # as programs write it
    return str(answer.choices[0].message.content)


async def hear(api: ApiEndpoint, model: str = "auto", **more: Any) -> str:
    stream = await api.client().chat.completions.create(
        model=model, messages=USER, stream=True, **more
    )
    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


@pytest.mark.parametrize("call", [ask, hear])
@pytest.mark.parametrize(
    "trouble",
    [
        CannedResponse(status=500, error="down"),
        CannedResponse(status=429, error="too many"),
        CannedResponse(status=401, error="no such key"),
        CannedResponse(text="", ending="cut"),
    ],
    ids=lambda trouble: str(trouble.status),
)
async def test_auto_asks_the_next_before_the_first_byte(
    both: ApiEndpoint, upstream: OpenAIServer, call: Any, trouble: CannedResponse
) -> None:
    upstream.default_response = trouble

    assert await call(both) == "The second says this."
    [row] = await both.ended_rows(1)
    assert (row.asked, row.model, row.status) == ("auto", "second/other", "200")


async def test_auto_asks_nobody_after_it(
    both: ApiEndpoint, upstream: OpenAIServer, second: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(text="Half", ending="cut")

    with pytest.raises(openai.APIError):
        await hear(both)

    assert not second.prompts


async def test_auto_spares_who_failed_too_often(both: ApiEndpoint, upstream: OpenAIServer) -> None:
    upstream.default_response = CannedResponse(status=500, error="down")

    for _ in range(5):
        await ask(both)

    assert len(upstream.prompts) == 3


async def test_auto_spares_who_breaks_off_too_often(
    both: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(text="Half", ending="cut")

    for _ in range(3):
        with pytest.raises(openai.APIError):
            await hear(both)

    assert await hear(both) == "The second says this."
    assert len(upstream.prompts) == 3


async def test_auto_says_what_the_caller_can_mend(
    both: ApiEndpoint, upstream: OpenAIServer, second: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(status=400, error="No such tool")
    second.default_response = CannedResponse(status=503, error="down")

    with pytest.raises(openai.BadRequestError, match="No such tool"):
        await ask(both)


async def test_a_model_named_is_asked_alone(
    both: ApiEndpoint, upstream: OpenAIServer, second: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(status=500, error="down")

    with pytest.raises(openai.InternalServerError, match="down"):
        await ask(both, "openai/double")

    assert not second.prompts


async def test_all_that_is_configured_is_listed(both: ApiEndpoint, second: OpenAIServer) -> None:
    second.models = [{"id": "other"}, {"id": "org/third"}]

    listed = [one.id async for one in both.client().models.list()]

    assert listed == ["nellie", "auto", "openai/double", "second/other", "second/org/third"]


@pytest.mark.parametrize("call", [ask, hear])
async def test_tgi_answers_by_the_same_wire(tgi: ApiEndpoint, call: Any) -> None:
    assert await call(tgi, "tgi")
    [row] = await tgi.ended_rows(1)
    assert (row.model, row.status) == ("tgi", "200")
    assert row.input > 0
    assert row.output > 0


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"logit_bias": {"1": 5}}, "logit_bias"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"stop": [1]}, "stop"),
        ({"temperature": "hot"}, "temperature"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": [{"role": "wizard", "content": "hi"}]}, "messages[0].role"),
        ({"messages": [*USER, {"role": "tool", "content": "3"}]}, "messages[1].role"),
        ({"messages": [*USER, {"role": "assistant", "content": "x"}]}, "messages[1].role"),
        ({"messages": [{"role": "user", "content": [{"type": "file"}]}]}, "messages[0].content"),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "image_url", "image_url": {"url": "https://x/a.png"}}],
                    }
                ]
            },
            "messages[0].content",
        ),
    ],
)
async def test_what_a_model_cannot_do_is_named(
    tgi: ApiEndpoint, asked: dict[str, Any], param: str
) -> None:
    status, _, body = await tgi.post(
        "chat/completions", {"model": "tgi", "messages": USER, **asked}
    )

    assert (status, body["error"]["param"]) == (400, param)


async def test_what_nobody_knows_is_left_alone(tgi: ApiEndpoint) -> None:
    sent = {"model": "tgi", "messages": USER, "a_field_of_tomorrow": 1, "user": "u", "tools": []}

    status, _, body = await tgi.post("chat/completions", sent)

    assert status == 200
    assert body["choices"][0]["finish_reason"] == "stop"
    assert body["usage"]["total_tokens"] > 0


async def test_a_model_of_its_own_makes_no_embeddings(tgi: ApiEndpoint) -> None:
    status, _, body = await tgi.post("embeddings", {"model": "tgi", "input": "a"})

    assert (status, body["error"]["param"]) == (400, "model")


async def test_the_one_that_quotes_quotes_what_was_sent(start_api: StartApi) -> None:
    api = await start_api(model=("extractive",), openai_base_url=None, openai_api_key=None)
    told = {"role": "user", "content": "The staging server is called larch and runs in Oslo."}
    question = {"role": "user", "content": "Where does the staging server run?"}

    status, _, body = await api.post(
        "chat/completions", {"model": "extractive", "messages": [told, question]}
    )

    assert status == 200
    assert "Oslo" in body["choices"][0]["message"]["content"]
