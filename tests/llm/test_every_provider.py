"""Every known provider, at a server that knows its address, its header and its dialect alone."""

import re
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from doubles.provider_server import PROTOCOLS, ProviderProtocol, ProviderServer

from bot.config.settings import Settings
from bot.domain.errors import ModelRejected
from bot.llm.answers.room import THINKING_ROOM
from bot.llm.fallback import Fallback, load_models
from bot.llm.openai.quirks import SHIPPED
from bot.llm.providers.known import KNOWN
from bot.testing import collect, prompt_of

Configure = Callable[..., Settings]
Connect = Callable[[str, ProviderServer], Fallback]

GENERATION = {"temperature": 0.2, "top_p": 0.9, "seed": 7, "stop": ["END"]}
THINKING = {"bedrock", "mistral", "groq", "openrouter", "deepseek", "ollama"}
CACHED = {"openai": 32, "openrouter": 32, "deepseek": 32, "xai": 32, "llamacpp": 32}


@pytest.fixture
def connect(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """A provider's model by its usual variables; its host leads to a double, without encryption."""

    def connect(title: str, server: ProviderServer) -> Fallback:
        name = title.partition(" ")[0]

        def plain(url: str) -> str:
            return re.sub(r"^https?://([^/:]+)(:\d+)?", rf"http://\1:{server.port}", url)

        here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)
        monkeypatch.setitem(KNOWN, name, replace(KNOWN[name], url=plain(KNOWN[name].url)))
        for variable, value in server.protocol.environ.items():
            monkeypatch.setenv(variable, plain(value))
        key = {"OPENAI_API_KEY": "secret-key"} if name == "openai" else {}
        return load_models([f"{name}/some-model"], configure(**key))

    return connect


def test_there_is_a_server_for_every_known_provider() -> None:
    assert {title.partition(" ")[0] for title in PROTOCOLS} == KNOWN.keys()
    assert len(PROTOCOLS) >= 18


@pytest.mark.parametrize("title", PROTOCOLS)
async def test_each_is_asked_as_it_wants_and_read_as_it_answers(
    title: str, connect: Connect
) -> None:
    async with ProviderServer(PROTOCOLS[title]) as server:
        models = connect(title, server)
        prompt = replace(prompt_of(max_output=7, cache_key="nellie:1"), generation=GENERATION)
        outputs = [await collect(models, prompt) for _ in range(2)]
        await models.close()

    name = title.partition(" ")[0]
    for output in outputs:
        assert (output.error, output.text, output.finishes) == (None, "Red.", ["stop"])
        [usage] = output.usages
        assert usage.model == f"{name}/some-model"
        if not usage.estimated:
            assert (usage.input, usage.output) == (40, 3)
            assert usage.cached == CACHED.get(title)
    assert [one.estimated for output in outputs for one in output.usages] == [
        title == "azure with a version"  # it sends no usage without stream_options
    ] * 2
    limits = [body[server.protocol.limit] for body in server.accepted]
    assert limits == [7, 7 + THINKING_ROOM if title in THINKING else 7]
    known_beforehand = SHIPPED.get(name, {}).keys()
    refused = server.protocol.refuses - known_beforehand
    sent = {one for one in GENERATION if one in server.accepted[-1]}
    assert sent == GENERATION.keys() - refused - known_beforehand
    # What is refused by name is refused once, and left out from then on.
    assert len(server.accepted) == 2
    assert len(server.refused) == len(refused)


WRONG: dict[str, Callable[[ProviderProtocol], ProviderProtocol]] = {
    "another path": lambda one: replace(one, path=f"/other{one.path}"),
    "another host": lambda one: replace(one, host="elsewhere.example.com"),
    "another header": lambda one: replace(one, key_header="X-Other-Key", key="secret-key"),
    "another query": lambda one: replace(one, query={"api-version": "1999-01-01"}),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("title", ["openai", "azure", "vertex", "ollama"])
async def test_a_server_that_is_asked_otherwise_refuses(
    title: str, wrong: str, connect: Connect
) -> None:
    async with ProviderServer(WRONG[wrong](PROTOCOLS[title])) as server:
        models = connect(title, server)
        output = await collect(models, prompt_of())
        await models.close()

    assert isinstance(output.error, ModelRejected)
    assert server.accepted == []


@pytest.mark.parametrize("title", ["gemini", "together", "vllm"])
async def test_a_limit_that_goes_by_the_other_name_is_renamed(title: str, connect: Connect) -> None:
    protocol = replace(PROTOCOLS[title], limit="max_completion_tokens")
    async with ProviderServer(protocol) as server:
        models = connect(title, server)
        outputs = [await collect(models, prompt_of(max_output=7)) for _ in range(2)]
        await models.close()

    assert [output.text for output in outputs] == ["Red.", "Red."]
    limits: list[Any] = [body["max_completion_tokens"] for body in server.accepted]
    assert limits == [7, 7]
    assert len(server.refused) == 1
