"""LoRA adapters of vLLM and TGI: a channel chooses one, `compare` shows it beside its base."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from doubles.canned_responses import CannedResponse
from doubles.tgi_server import TGIServer
from doubles.vllm_server import VLLMServer

from bot.bootstrap import started
from bot.cli.compare.asking import Contender, ask_all
from bot.cli.compare.figures import ModelFigures
from bot.cli.compare.prompts import parse_prompts
from bot.cli.compare.table import as_table
from bot.config.settings import load
from bot.llm.registry import ModelRegistry
from bot.store.database import Database
from bot.testing import ANA, FakePlatform, RunningNellie, ScriptedModel

BASE, OURS = "Look at the manual.", "The disk is in the red cupboard."
PROMPT = '{"prompt": "Where is the disk?", "expected": "red cupboard"}'


@asynccontextmanager
async def served(database: Database, kind: str, *names: str) -> AsyncIterator[RunningNellie]:
    """A running Nellie with these names of a server; the first answers in general."""
    settings = load(model=f"{kind}{names[0]}", models=",".join(f"{kind}{name}" for name in names))
    registry, platform = ModelRegistry(settings), FakePlatform()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(registry.close)
        parts = await stack.enter_async_context(started(settings, database, registry, [platform]))
        yield RunningNellie(
            parts=parts, model=ScriptedModel(), platform=platform, database=database, _stack=stack
        )


@pytest.fixture
async def vllm(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VLLMServer]:
    async with VLLMServer(adapters={"team": OURS}) as server:
        server.default_response = CannedResponse(text=BASE)
        monkeypatch.setenv("VLLM_BASE_URL", server.url)
        yield server


@pytest.fixture
async def tgi(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TGIServer]:
    async with TGIServer(adapters={"team": OURS}) as server:
        server.default_response = CannedResponse(text=BASE)
        monkeypatch.setenv("NELLIE_TGI_URL", server.url)
        yield server


async def test_a_channel_chooses_an_adapter_of_vllm_and_goes_back(
    database: Database, vllm: VLLMServer
) -> None:
    async with served(database, "vllm/", "llama", "team") as nellie:
        before = await nellie.ask(ANA, "where is the disk?")
        await nellie.run_command("model set vllm/team", admin=True)
        chosen = await nellie.ask(ANA, "where is the disk?")
        await nellie.run_command("model clear", admin=True)
        after = await nellie.ask(ANA, "where is the disk?")

    assert [before, chosen, after] == [BASE, OURS, BASE]
    assert [one["model"] for one in vllm.prompts] == ["llama", "team", "llama"]


async def test_a_channel_chooses_an_adapter_of_tgi(database: Database, tgi: TGIServer) -> None:
    async with served(database, "tgi", "", "/team") as nellie:
        before = await nellie.ask(ANA, "where is the disk?")
        await nellie.run_command("model set tgi/team", admin=True)
        chosen = await nellie.ask(ANA, "where is the disk?")

    assert [before, chosen] == [BASE, OURS]
    asked = [one["parameters"] for one in tgi.prompts if "parameters" in one]
    assert [one.get("adapter_id") for one in asked] == [None, "team"]


async def test_an_adapter_that_vllm_does_not_have_is_a_clear_sentence(
    database: Database, vllm: VLLMServer
) -> None:
    async with served(database, "vllm/", "gone") as nellie:
        answer = await nellie.ask(ANA, "where is the disk?")

    assert "The model vllm/gone refused the request: The model `gone` does not exist." in answer


async def compared(*names: str) -> list[ModelFigures]:
    settings = load()
    contenders = [Contender.load(name, settings) for name in names]
    prompts = list(parse_prompts(PROMPT, "it", settings))
    await ask_all(contenders, prompts, settings, at_once=1, progress=lambda done, of: None)
    for one in contenders:
        await one.close()
    return [one.figures(len(prompts), None) for one in contenders]


def value_of(figures: ModelFigures) -> float | None:
    return figures.agreement.value if figures.agreement else None


async def test_compare_shows_base_against_adapter_at_vllm(vllm: VLLMServer) -> None:
    base, ours, gone = await compared("vllm/llama", "vllm/team", "vllm/gone")

    assert [value_of(base), value_of(ours)] == [0, 1]
    assert (gone.answered, gone.prompts) == (0, 1)
    assert "vllm/gone: The model vllm/gone refused the request: The model `gone`" in as_table(
        [base, ours, gone], 200
    )


async def test_compare_shows_base_against_adapter_at_tgi(tgi: TGIServer) -> None:
    base, ours = await compared("tgi", "tgi/team")

    assert [value_of(base), value_of(ours)] == [0, 1]
