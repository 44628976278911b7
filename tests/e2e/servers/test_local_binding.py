"""A model file through the real llama-cpp-python, with a real small model: no server at all."""

import asyncio
import importlib.util
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from e2e.servers.model_servers import FOLDER, Unavailable, find, weights
from jsonschema import Draft4Validator

from bot.config.settings import Settings
from bot.domain.errors import ContextOverflow, IncompleteAnswer, ModelError, SettingsError
from bot.domain.model import ResponseFormat
from bot.llm.local.model import Local
from bot.llm.local.process import worker_command
from bot.store.database import Database
from bot.testing import MODEL_CONTRACT, ModelCheck, collect, prompt_of, running_nellie
from bot.testing.running_nellie import ANA

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

HEAD = 2_000_000  # bytes, more than the head of the file has


HAS_EXTRA = importlib.util.find_spec("llama_cpp") is not None


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The weights; the binding is that of the extra local, or else the one of the servers."""
    try:
        if not HAS_EXTRA:
            library = find("llama-cpp-python", "lib/python*/site-packages/llama_cpp").parent
            monkeypatch.setattr(sys, "path", [*sys.path, str(library)])
        return weights()
    except Unavailable as reason:
        pytest.skip(f"{reason}, or make extra NAME=local")


def command(path: Path, window: int) -> tuple[str, ...]:
    """What starts the worker."""
    own = worker_command(path, window)
    return own if HAS_EXTRA else (str(FOLDER / "bin/python"), *own[1:])


@pytest.fixture
def content(file: Path) -> bytes:
    return file.read_bytes()


@pytest.fixture
async def model(file: Path, configure: Callable[..., Settings]) -> AsyncIterator[Local]:
    model = Local(str(file), configure(), command)
    yield model
    await model.close()


@pytest.mark.parametrize("check", MODEL_CONTRACT, ids=lambda check: check.__name__)
async def test_keeps_the_contract(model: Local, check: ModelCheck) -> None:
    await check(model)


async def test_streams_counts_and_reads_no_prompt_twice(model: Local) -> None:
    first = await collect(model, prompt_of("Where is Paris?"))
    second = await collect(model, prompt_of("Where is Paris?", max_output=16))

    assert first.error is None
    assert sum(bool(chunk.text) for chunk in first.chunks) > 3
    assert (first.usages[0].cached, first.usages[0].input > 15) == (0, True)
    assert second.usages[0].cached == second.usages[0].input - 1
    assert (second.finishes, second.usages[0].output) == (["length"], 16)


async def test_stops_in_an_answer_and_in_a_prompt_and_is_free(model: Local) -> None:
    long = prompt_of("Count from one to one thousand, in words.", max_output=5000)
    async with aclosing(model.stream(long)) as chunks:
        async for chunk in chunks:
            if chunk.text:
                break
    pid = model.process_id
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(collect(model, prompt_of("word " * 7000)), 1)

    async with asyncio.timeout(30):
        output = await collect(model, prompt_of("Hi", max_output=8))

    assert output.error is None
    assert model.process_id == pid


async def test_a_prompt_that_is_too_long_is_told_by_its_numbers(model: Local) -> None:
    window = await model.context_window()

    output = await collect(model, prompt_of("word " * 9000))

    assert isinstance(output.error, ContextOverflow)
    assert output.error.details["window"] == window == 8192
    assert 9000 < output.error.details["needed"] < 9050


async def test_generates_as_it_was_set(model: Local) -> None:
    story = prompt_of("Tell me a story.", max_output=24)

    async def told(**generation: object) -> str:
        return (await collect(model, replace(story, generation=generation))).text

    wild = [await told(temperature=1.9, seed=seed) for seed in (1, 1, 2, 3)]

    assert wild[0] == wild[1]
    assert len({*wild}) > 1
    assert await told(temperature=0.0) == await told(temperature=0.0)
    assert "," not in await told(stop=[","])


@pytest.mark.parametrize(
    "schema",
    [
        {
            "type": "object",
            "properties": {"city": {"enum": ["Paris", "Rome"]}},
            "required": ["city"],
        },
        {"type": "array", "items": {"type": "integer"}, "maxItems": 3},
        {"enum": ["yes", "no"]},
    ],
)
async def test_an_answer_is_held_to_a_schema(model: Local, schema: dict[str, Any]) -> None:
    wanted = ResponseFormat("answer", schema)

    output = await collect(model, replace(prompt_of(), response_format=wanted))

    assert output.error is None
    Draft4Validator(schema).validate(json.loads(output.text))


@pytest.mark.parametrize(
    "schema", [{"$ref": "#/nowhere"}, {"type": "no such"}, {"enum": "no list"}]
)
async def test_a_schema_that_is_none_does_no_harm(model: Local, schema: dict[str, Any]) -> None:
    wanted = ResponseFormat("answer", schema)

    await collect(model, replace(prompt_of(max_output=30), response_format=wanted))

    assert (await collect(model, prompt_of("Hi", max_output=8))).error is None


async def test_is_started_anew_when_it_was_killed(model: Local) -> None:
    with pytest.raises(IncompleteAnswer):
        await _kill_once_it_speaks(model)

    output = await collect(model, prompt_of("Hi", max_output=8))

    assert output.error is None


@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
async def test_a_file_that_is_cut_off_is_told_so(
    content: bytes, configure: Callable[..., Settings], tmp_path: Path, share: float
) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(content[: int(len(content) * share)])

    with pytest.raises((SettingsError, ModelError), match="cut off or damaged; download it again"):
        await _ask(cut, configure())


async def test_a_file_with_a_spoiled_head_is_an_error(
    content: bytes, configure: Callable[..., Settings], tmp_path: Path
) -> None:
    whole = bytearray(content)
    for place in range(40_000, HEAD, 50_000):
        whole[place : place + 4] = b"\xff\xff\xff\xff"
    spoiled = tmp_path / "spoiled.gguf"
    spoiled.write_bytes(whole)

    with pytest.raises((SettingsError, ModelError)):
        await _ask(spoiled, configure())


async def test_nellie_answers_and_remembers(model: Local, database: Database) -> None:
    async with running_nellie(database, model=model) as nellie:
        await nellie.say(ANA, "The parking garage is behind the station.")

        answer = await nellie.ask(ANA, "Nellie, where is the parking garage?")

        assert answer
        assert len(await nellie.texts()) == 3


async def _kill_once_it_speaks(model: Local) -> None:
    async with aclosing(model.stream(prompt_of("Count in words.", max_output=5000))) as chunks:
        async for chunk in chunks:
            if chunk.text:
                os.kill(model.process_id or 0, signal.SIGKILL)


async def _ask(path: Path, settings: Settings) -> None:
    model = Local(str(path), settings, command)
    output = await collect(model, prompt_of())
    await model.close()
    raise output.error or AssertionError("it answered")
