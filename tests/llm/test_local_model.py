"""A model file in a process of its own, with a stand-in for llama.cpp in the real worker."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from doubles import broken_worker
from doubles.gguf_file import write_gguf

from bot.config.settings import Settings
from bot.domain.errors import (
    ContextOverflow,
    EmptyAnswer,
    IncompleteAnswer,
    ModelError,
    ModelTimeout,
    ModelUnavailable,
)
from bot.domain.model import ChatMessage, Chunk, Image, Prompt, ResponseFormat
from bot.llm.fallback import Fallback
from bot.llm.local import process
from bot.llm.local.model import Local
from bot.testing import MODEL_CONTRACT, ModelCheck, collect, prompt_of

LIBRARY = Path(__file__).parents[1] / "doubles/llama_library"
WINDOW = 4096

Load = Callable[..., Local]


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for llama.cpp, here and in the worker."""
    monkeypatch.syspath_prepend(str(LIBRARY))
    monkeypatch.setenv("PYTHONPATH", str(LIBRARY))


@pytest.fixture
async def load(tmp_path: Path, configure: Callable[..., Settings]) -> AsyncIterator[Load]:
    """Makes models of files that behave as said, and closes them in the end."""
    loaded: list[Local] = []

    def make(broken: str = "", settings: dict[str, Any] | None = None, **behaviour: Any) -> Local:
        path = write_gguf(tmp_path / "tiny.gguf", **behaviour)
        given = configure(**{"read_timeout": 20.0, **(settings or {})})
        command = (sys.executable, broken_worker.__file__, broken)
        as_usual = process.worker_command
        model = Local(str(path), given, (lambda *_: command) if broken else as_usual)
        loaded.append(model)
        return model

    yield make
    for model in loaded:
        await model.close()


def is_alive(pid: int) -> bool:
    """Whether there is such a process that does anything yet."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


async def is_gone(pid: int) -> bool:
    """Whether a process has ended, or does so soon."""
    for _ in range(1000):
        if not is_alive(pid):
            return True
        await asyncio.sleep(0.01)
    return False


async def stop_after_text(model: Local, question: str) -> None:
    """Ask, and leave once it has begun to answer."""
    async with aclosing(model.stream(prompt_of(question, max_output=100_000))) as chunks:
        async for chunk in chunks:
            if chunk.text:
                return


@pytest.mark.parametrize("check", MODEL_CONTRACT, ids=lambda check: check.__name__)
async def test_keeps_the_contract(load: Load, check: ModelCheck) -> None:
    await check(load())


async def test_streams_word_by_word_and_reports_what_it_read(load: Load) -> None:
    model = load()

    first = await collect(model, prompt_of("Where is the garage?"))
    second = await collect(model, prompt_of("Where is the garage?"))

    assert [chunk.text for chunk in first.chunks if chunk.text] == ["Behind ", "the ", "station."]
    assert first.finishes == ["stop"]
    assert first.usages[0].cached == 0
    assert first.usages[0].input > 6
    assert not first.usages[0].estimated
    assert second.usages[0].cached == second.usages[0].input - 1


@pytest.mark.parametrize(
    ("question", "finish", "text"),
    [("say one two three four", "length", "one two three "), ("say one two", "stop", "one two")],
)
async def test_says_why_it_ended(load: Load, question: str, finish: str, text: str) -> None:
    output = await collect(load(), prompt_of(question, max_output=3))

    assert (output.text, output.finishes) == (text, [finish])


async def test_generates_as_it_was_set(load: Load) -> None:
    wanted = {"temperature": 0.9, "top_p": 0.5, "seed": 7, "presence_penalty": 1.5}
    model, prompt = load(), prompt_of("tell sampling")

    set_ = json.loads((await collect(model, replace(prompt, generation=wanted))).text)
    seeds = [json.loads((await collect(model, prompt)).text)["seed"] for _ in range(2)]

    assert {name: set_[name] for name in wanted} == wanted
    assert seeds[0] != seeds[1]


@pytest.mark.parametrize(
    ("stops", "text"),
    [(["three"], "one two "), (["nine", "hree"], "one two t"), (["four", "two"], "one ")],
)
async def test_stops_at_the_texts_that_were_set(load: Load, stops: list[str], text: str) -> None:
    prompt = replace(prompt_of("say one two three four"), generation={"stop": stops})

    output = await collect(load(), prompt)

    assert (output.text, output.finishes) == (text, ["stop"])


async def test_knows_the_context_window_of_its_file_up_to_the_setting(load: Load) -> None:
    assert await load(context_length=2048).context_window() == 2048
    assert await load(context_length=131_072).context_window() == 8192
    capped = load(context_length=131_072, settings={"local_context_window": 1024})
    assert await capped.context_window() == 1024


@pytest.mark.parametrize("words", [4_090, 5_000, 50_000])
async def test_says_how_long_a_prompt_was_that_does_not_fit(load: Load, words: int) -> None:
    model = load(context_length=WINDOW)

    output = await collect(model, prompt_of("word " * words))

    assert isinstance(output.error, ContextOverflow)
    assert output.error.details["window"] == WINDOW
    assert words < output.error.details["needed"] < words + 20
    assert (await collect(model, prompt_of())).finishes == ["stop"]


async def test_stops_in_the_middle_of_an_answer_and_is_free_at_once(load: Load) -> None:
    model = load()

    await stop_after_text(model, "go on for ever")
    pid = model.process_id
    output = await collect(model, prompt_of("say done"))

    assert output.text == "done"
    assert model.process_id == pid


async def test_stops_while_it_reads_a_long_prompt(load: Load) -> None:
    model = load()
    await collect(model, prompt_of())
    pid, long = model.process_id, prompt_of("heavy " * 3_000)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(collect(model, long), 0.2)
    output = await collect(model, prompt_of("say done"))

    assert output.text == "done"
    assert model.process_id == pid


async def test_starts_anew_where_a_stopped_answer_goes_on(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "GRACE", 0.2)
    model = load()

    await stop_after_text(model, "hear nobody")
    output = await collect(model, prompt_of("say done"))

    assert (output.text, output.error) == ("done", None)


async def test_answers_people_before_it_summarizes(load: Load) -> None:
    model, order = load(), list[str]()

    async def ask(name: str, purpose: str) -> None:
        await collect(model, replace(prompt_of(f"say {name}"), purpose=purpose))
        order.append(name)

    async with aclosing(model.stream(prompt_of("go on for ever", max_output=100_000))) as chunks:
        await anext(chunks)
        waiting = [
            asyncio.create_task(ask("summary", "compaction")),
            asyncio.create_task(ask("first", "answer")),
            asyncio.create_task(ask("second", "answer")),
        ]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)

    assert order == ["first", "second", "summary"]


async def test_gives_signs_of_life_while_others_are_answered(load: Load) -> None:
    model = load()
    async with aclosing(model.stream(prompt_of("go on for ever", max_output=100_000))) as chunks:
        await anext(chunks)

        async with aclosing(model.stream(prompt_of())) as waiting:
            assert await anext(waiting) == Chunk()


async def test_who_leaves_the_queue_keeps_nobody_waiting(load: Load) -> None:
    model = load()
    async with aclosing(model.stream(prompt_of("go on for ever", max_output=100_000))) as chunks:
        await anext(chunks)
        gone = [asyncio.create_task(collect(model, prompt_of())) for _ in range(3)]
        stays = asyncio.create_task(collect(model, prompt_of("say done")))
        await asyncio.sleep(0)
        for one in gone:
            one.cancel()

    assert (await stays).text == "done"


async def test_a_file_is_loaded_once_however_many_name_it(load: Load) -> None:
    one, other = load(), load()

    await asyncio.gather(collect(one, prompt_of()), collect(other, prompt_of()))
    assert one.process_id == other.process_id

    await one.close()
    assert (await collect(other, prompt_of("say still"))).text == "still"


@pytest.mark.parametrize(
    ("question", "kind", "words"),
    [
        ("be killed", IncompleteAnswer, "broke off"),
        ("be killed at once", ModelUnavailable, "memory runs out: take a smaller model"),
        ("fail an assertion", ModelUnavailable, r"GGML_ASSERT\(n > 0\) failed"),
        ("raise", ModelError, "llama_decode returned -3"),
    ],
)
async def test_a_death_is_an_error_and_the_next_call_starts_anew(
    load: Load, question: str, kind: type[ModelError], words: str
) -> None:
    model = load()

    failed = await collect(model, prompt_of(question))
    output = await collect(model, prompt_of("say again"))

    assert type(failed.error) is kind
    with pytest.raises(kind, match=words):
        raise failed.error
    assert (output.text, output.error) == ("again", None)


async def test_a_death_between_two_questions_is_noticed_by_nobody(load: Load) -> None:
    model = load()
    for _ in range(3):
        await collect(model, prompt_of())
        os.kill(model.process_id or 0, signal.SIGKILL)

        assert (await collect(model, prompt_of("say again"))).text == "again"


@pytest.mark.parametrize("kind", ["garbage", "binary", "a list", "no line"])
async def test_garbage_of_the_process_is_an_error(load: Load, kind: str) -> None:
    model = load(broken=kind)

    output = await collect(model, prompt_of())

    with pytest.raises(ModelError, match="sent what is no JSON"):
        raise output.error or AssertionError("no error")
    assert model.process_id is None


async def test_silence_of_the_process_is_a_timeout(load: Load) -> None:
    model = load(broken="silent", settings={"read_timeout": 0.3})

    output = await collect(model, prompt_of())

    assert isinstance(output.error, ModelTimeout)
    assert model.process_id is None


async def test_a_process_that_cannot_start_says_why(load: Load) -> None:
    output = await collect(load(broken="dead"), prompt_of())

    with pytest.raises(ModelUnavailable, match=r"libllama\.so: cannot open"):
        raise output.error or AssertionError("no error")


@pytest.mark.parametrize(
    ("loading", "words"),
    [
        ("cut off", "cut off or damaged; download it again"),
        ("unknown", "pip install --upgrade llama-cpp-python"),
        ("memory", "too little memory for it; take a smaller model"),
        ("killed", "memory runs out: take a smaller model"),
        ("wrong processor", "CMAKE_ARGS=-DGGML_NATIVE=OFF"),
    ],
)
async def test_a_file_that_does_not_load_is_told_with_what_to_do(
    load: Load, loading: str, words: str
) -> None:
    output = await collect(load(loading=loading), prompt_of())

    with pytest.raises(ModelError, match=words):
        raise output.error or AssertionError("no error")


async def test_what_libraries_print_is_no_answer(load: Load) -> None:
    output = await collect(load(), prompt_of("print"))

    assert (output.text, output.error) == ("Quiet.", None)


@pytest.mark.parametrize(
    ("template", "question"), [("", "think"), ("... <think>", "think on"), ("<think>", "think on")]
)
async def test_thoughts_are_not_answers(load: Load, template: str, question: str) -> None:
    output = await collect(load(template=template), prompt_of(question))

    assert output.text == "Friday."
    assert sum(chunk.thought for chunk in output.chunks) > 10


async def test_thinking_is_switched_off_where_the_template_can(load: Load) -> None:
    prompt = replace(prompt_of("say Friday."), generation={"reasoning_effort": "none"})

    output = await collect(load(template="<think>"), prompt)

    assert output.text == "Friday."
    assert not any(chunk.thought for chunk in output.chunks)


@pytest.mark.parametrize("template", ["no system", "by turns", "no system, by turns"])
async def test_a_template_that_refuses_roles_gets_the_same_in_others(
    load: Load, template: str
) -> None:
    output = await collect(load(template=template), prompt_of("Hi", "Hello", "say heard"))

    assert output.text == "heard"


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (ResponseFormat("label", {"type": "object", "properties": {"fit": {}}}), '{"fit": "yes"}'),
        (ResponseFormat("far", {"$ref": "https://example.com/schema"}), "Behind the station."),
        (ResponseFormat("words", regex="(yes|no)"), "Behind the station."),
        (None, "Behind the station."),
    ],
    ids=["schema", "one that it cannot", "regex", "none"],
)
async def test_an_answer_is_held_to_a_schema_where_that_can_be(
    load: Load, wanted: ResponseFormat | None, text: str
) -> None:
    output = await collect(load(), replace(prompt_of(), response_format=wanted))

    assert (output.text, output.error) == (text, None)


async def test_finishing_without_a_word_is_an_empty_answer(load: Load, settings: Settings) -> None:
    output = await collect(Fallback([load()], settings), prompt_of("say nothing"))

    assert isinstance(output.error, EmptyAnswer)


async def test_any_text_passes_both_ways(load: Load) -> None:
    text = "repeat Grüße 🐘\u200d \u202eabc <|weird|> “quoted” 日本語 \\ud800 ```py```"

    output = await collect(load(), prompt_of(f"say {text}"))

    assert output.text == text


async def test_the_process_has_no_secrets_and_nothing_of_nellie(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (
        "OPENAI_API_KEY",
        "SLACK_BOT_TOKEN",
        "DATABASE_URL",
        "NELLIE_TGI_API_KEY",
        "PGPASSWORD",
    )
    for name in names:
        monkeypatch.setenv(name, "secret")
    model = load()

    environment = (await collect(model, prompt_of("tell environment"))).text.split()
    modules = (await collect(model, prompt_of("tell modules"))).text

    assert "PATH" in environment
    assert not {*names} & {*environment}
    assert modules == ""


async def test_the_process_ends_when_the_model_is_closed(load: Load) -> None:
    model = load()
    await collect(model, prompt_of())
    pid = model.process_id or 0

    await model.close()

    assert await is_gone(pid)


@pytest.mark.parametrize("question", ["say hello", "go on for ever", "hear nobody"])
async def test_the_process_ends_when_nellie_is_killed(tmp_path: Path, question: str) -> None:
    path = write_gguf(tmp_path / "tiny.gguf")
    program = f"""
import asyncio
from bot.config.settings import Settings
from bot.llm.local.model import Local
from bot.testing import prompt_of

async def ask():
    model = Local({str(path)!r}, Settings())
    async for chunk in model.stream(prompt_of({question!r}, max_output=100000)):
        if chunk.text:
            print(model.process_id, flush=True)
    await asyncio.sleep(600)

asyncio.run(ask())
"""
    search = os.pathsep.join([str(LIBRARY), str(Path(__file__).parents[2])])
    nellie = subprocess.Popen(  # noqa: ASYNC220, S603 - it is only started, and our own
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": search},
    )
    assert nellie.stdout
    pid = int(await asyncio.to_thread(nellie.stdout.readline))

    nellie.kill()
    await asyncio.to_thread(nellie.wait)
    nellie.stdout.close()

    assert await is_gone(pid)


async def test_says_that_it_cannot_see(load: Load) -> None:
    model = load()
    cat = Image(b"GIF89a", "image/gif", 20, 10)
    prompt = Prompt("answer", (ChatMessage("user", "What is this?", (cat, cat)),), 100)

    output = await collect(model, prompt)

    assert output.text
    told = f"I have not seen the 2 pictures: {model.name} cannot see pictures."
    assert output.chunks[-1].note == told
