"""`nellie compare`: prompts from files, several models, and those that break."""

import asyncio
import json
from pathlib import Path

import pytest
from cli.conftest import Nellie, start
from doubles.canned_responses import OVERLOADED, CannedResponse
from doubles.gguf_file import write_gguf
from doubles.openai_server import OpenAIServer
from doubles.tgi_server import TGIServer

from bot.cli.compare.asking import FAILURES, Contender, ask_all
from bot.cli.compare.prompts import OWN_SET, parse_prompts, read_prompts
from bot.config.settings import Settings, load
from bot.domain.errors import SettingsError

LIBRARY = Path(__file__).parents[1] / "doubles/llama_library"
LINES = [
    {"prompt": "Where is the disk?", "expected": "cupboard"},
    {"id": "sum", "question": "What is 7 times 8?", "answer": [56, "fifty-six"]},
    {"messages": [{"role": "user", "content": "Say hello."}], "ideal": "hello"},
]


def silent(done: int, total: int | None) -> None:
    """Progress that nobody looks at."""


def settings(**given: object) -> Settings:
    return Settings(**given)


def written(folder: Path, *entries: object) -> Path:
    path = folder / "prompts.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in entries))
    return path


def texts(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """The last message of each prompt, and what is expected."""
    found = parse_prompts(text, "it", settings())
    return [(one.prompt.messages[-1].text, one.expected) for one in found]


def test_plain_text_is_a_prompt_a_line() -> None:
    assert texts("Hello?\r\n\n  And {you}?  \n") == [("Hello?", ()), ("And {you}?", ())]


def test_json_lines_have_prompts_by_several_names_with_what_is_expected() -> None:
    assert texts("\n".join(map(json.dumps, LINES))) == [
        ("Where is the disk?", ("cupboard",)),
        ("What is 7 times 8?", ("56", "fifty-six")),
        ("Say hello.", ("hello",)),
    ]


def test_what_was_said_before_stands_in_every_prompt_below_it() -> None:
    context = [{"author": "ana", "text": "The disk is in the cupboard.\nana: no"}]
    lines = [{"context": context}, {"prompt": "Where is it?"}, {"prompt": "Who said so?"}]

    first, second = parse_prompts("\n".join(map(json.dumps, lines)), "it", settings())

    for one in (first, second):
        shown = "\n".join(message.text for message in one.prompt.messages)
        assert "ana: The disk is in the cupboard.\n| ana: no" in shown
        assert [said.author.name for said in one.prompt.recalled] == ["ana"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([{"prompt": "One?"}, {"question": "Two?"}]),
        json.dumps(["One?", "Two?"], indent=2),
        "\n" + json.dumps([{"input": "One?"}, "Two?"], indent=1),
    ],
)
def test_one_list_of_json_is_read_too(text: str) -> None:
    assert texts(text) == [("One?", ()), ("Two?", ())]


@pytest.mark.parametrize("text", ["[note] One?\nTwo?", "[1, 2", "[]x\n[]y"])
def test_text_that_only_begins_like_a_list_is_plain(text: str) -> None:
    assert [asked for asked, _ in texts(text)] == text.splitlines()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{broken", "line 2: it is no JSON (Expecting"),
        ("[1]", "every line is an object"),
        ("Hello?", "line 2: it is no JSON (Expecting"),
        ('{"text": "hi"}', "line 2: it has no prompt"),
        ('{"prompt": ""}', "line 2: it has no prompt"),
        ('{"messages": [{"role": "robot", "content": "x"}]}', "line 2: messages are a list"),
        ('{"messages": "hi"}', "line 2: messages are a list"),
        ('{"messages": [{"role": "assistant", "content": "x"}]}', "the last message is the user"),
        ('{"prompt": "x", "expected": {"a": 1}}', "line 2: what is expected is a text"),
        ('{"prompt": "x", "context": "y"}', "line 2: context is a list"),
        ('{"prompt": "x", "context": [{"text": "y", "at": "noon"}]}', "line 2: Invalid isoformat"),
        (f'{{"prompt": {"[" * 100_000}', "line 2: it is too deeply nested"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, reason: str) -> None:
    with pytest.raises(SettingsError) as raised:
        texts('{"prompt": "fine"}\n' + line)

    assert reason in str(raised.value)


@pytest.mark.parametrize("line", ['{"prompt": "x"}', '  {"messages": []} ', "{}"])
def test_an_object_below_plain_text_is_not_asked_as_it_stands(line: str) -> None:
    with pytest.raises(SettingsError, match="line 3: it is a JSON object"):
        texts("Hello?\n{this} is plain\n" + line)


def test_a_first_line_that_is_no_json_is_named() -> None:
    with pytest.raises(SettingsError, match=r"line 1: it is no JSON"):
        texts('{"prompt": "Hello?\n{"prompt": "x"}')


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("double", "write openai/double"),
        ("org/large", "write openai/org/large"),
        ("nobody", "`nellie models` lists the names"),
    ],
)
def test_a_name_without_its_provider_is_answered_with_the_whole(name: str, told: str) -> None:
    current = load(model=("openai/double",), models=("openai/org/large",))

    assert told in Contender.load(name, current).failure


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xff\xfe\x00h", b'{"context": []}'])
def test_a_file_without_prompts_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "prompts"
    path.write_bytes(content)

    with pytest.raises(SettingsError):
        read_prompts(str(path), settings())


def test_our_own_set_has_an_expected_answer_for_every_question() -> None:
    found = read_prompts(str(OWN_SET), settings())

    assert len(found) > 30
    assert all(one.expected for one in found)
    assert len({one.name for one in found}) == len(found)


async def asked(
    names: list[str], text: str, *, at_once: int = 1, current: Settings | None = None
) -> list[Contender]:
    current = current or load()
    contenders = [Contender.load(name, current) for name in names]
    prompts = list(parse_prompts(text, "it", current))
    await ask_all(contenders, prompts, current, at_once=at_once, progress=silent)
    for one in contenders:
        await one.close()
    return contenders


@pytest.mark.parametrize("at_once", [1, 4])
async def test_every_model_answers_every_prompt_after_one_that_does_not_count(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    async with OpenAIServer() as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        server.default_response = CannedResponse(echo=True)

        ours, other = await asked(["openai/a", "openai/b"], "one\ntwo\nthree", at_once=at_once)

        models = [prompt["model"] for prompt in server.prompts]
    assert [one.text for one in sorted(ours.answers, key=lambda one: one.prompt)] == [
        "one",
        "two",
        "three",
    ]
    assert len(other.answers) == 3
    assert all(one.first_token and one.usage and not one.error for one in ours.answers)
    assert models[:2] == ["a", "b"]
    assert (models.count("a"), models.count("b")) == (4, 4)


async def test_another_model_begins_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async with OpenAIServer() as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)

        await asked(["openai/a", "openai/b"], "one\ntwo")

        models = [prompt["model"] for prompt in server.prompts]
    assert models[2:] == ["a", "b", "b", "a"]


async def test_a_model_that_fails_on_and_on_is_asked_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with OpenAIServer() as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        server.default_response = CannedResponse(status=401, error="no such key")

        [one] = await asked(["openai/a"], "\n".join("abcdefgh"))

    told = one.figures(8, None)
    assert len(one.answers) == FAILURES
    assert (told.prompts, told.answered) == (8, 0)
    assert "no such key" in told.failure


async def test_a_failure_between_answers_is_told_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with OpenAIServer() as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        fine = CannedResponse()
        server.respond_with(fine, fine, CannedResponse(status=400, error="not this one"), fine)

        [one] = await asked(["openai/a"], "a\nb\nc")

    assert [bool(answer.error) for answer in one.answers] == [False, True, False]
    assert "not this one" in one.figures(3, None).failure


async def test_quoting_local_and_tgi_models_answer_the_same_prompts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(LIBRARY))
    monkeypatch.setenv("PYTHONPATH", str(LIBRARY))  # for the worker
    monkeypatch.chdir(tmp_path)
    write_gguf(tmp_path / "tiny.gguf", context_length=2048)
    line = json.dumps(
        {
            "context": [{"author": "ana", "text": "The disk is in the cupboard."}],
            "prompt": "Where is the disk?",
            "expected": "cupboard",
        }
    )
    async with TGIServer() as server:
        monkeypatch.setenv("NELLIE_TGI_URL", server.url)
        names = ["extractive", "tgi", "local/tiny.gguf"]

        quoting, tgi, local = await asked(names, line)

    assert "The disk is in the cupboard." in quoting.answers[0].text
    assert quoting.figures(1, None).agreement
    for one in (tgi, local):
        assert [answer.error for answer in one.answers] == [""]
        assert one.answers[0].text


def test_a_broken_model_is_a_line_and_the_others_go_on(nellie: Nellie, tmp_path: Path) -> None:
    path = written(tmp_path, *LINES)

    done = nellie("compare", str(path), NELLIE_MODEL="extractive,nowhere/x")

    assert done.exit_code == 0
    assert "extractive" in done.stdout
    assert "3 of 3" in done.stdout
    assert 'nowhere/x: The model "nowhere" cannot be loaded' in done.stdout


def test_where_no_model_answers_the_exit_code_says_so(nellie: Nellie, tmp_path: Path) -> None:
    done = nellie("compare", str(written(tmp_path, *LINES)), "-m", "nowhere/x")

    assert done.exit_code == 1
    assert "0 of 3" in done.stdout


def test_json_picture_and_answers_are_for_others_to_read(nellie: Nellie, tmp_path: Path) -> None:
    path = written(tmp_path, *LINES)

    done = nellie(
        *("compare", str(path), "--json", "--repeat", "2", "--limit", "2"),
        *("--picture", "it.svg", "--answers", "it.jsonl"),
        NELLIE_MODEL="extractive",
    )

    [told] = map(json.loads, done.stdout.splitlines())
    answers = [*map(json.loads, Path("it.jsonl").read_text().splitlines())]
    assert (told["model"], told["prompts"], told["answered"]) == ("extractive", 4, 4)
    assert [one["prompt"] for one in answers] == ["1", "1", "sum", "sum"]
    assert Path("it.svg").read_text().startswith("<svg")


def test_a_file_that_is_there_is_not_replaced(nellie: Nellie, tmp_path: Path) -> None:
    Path("it.svg").write_text("mine")

    refused = nellie("compare", str(written(tmp_path, *LINES)), "--picture", "it.svg")
    forced = nellie("compare", str(written(tmp_path, *LINES)), "--picture", "it.svg", "--force")

    assert refused.exit_code == 1
    assert "--force replaces it" in refused.stderr
    assert forced.exit_code == 0
    assert Path("it.svg").read_text() != "mine"


def test_more_prompts_than_anybody_asked_for_are_not_left_out_silently(nellie: Nellie) -> None:
    given = "Hello?\n" * 1_001

    some = nellie("compare", "-", "--limit", "2", given=given, NELLIE_MODEL="nowhere/x")
    most = nellie("compare", "-", given=given, NELLIE_MODEL="nowhere/x")

    assert "0 of 2" in some.stdout
    assert "asking the first 1,000 of 1,001" in most.stderr
    assert "0 of 1,000" in most.stdout


def test_prompts_come_through_a_pipe(nellie: Nellie) -> None:
    done = nellie("compare", "-", given="Hello?\nAnd you?\n", NELLIE_MODEL="extractive")

    assert "2 of 2" in done.stdout


@pytest.mark.parametrize("models", ["extractive", "nowhere/x", "openai/a,nowhere/x"])
def test_without_ratings_it_says_what_to_do(nellie: Nellie, models: str) -> None:
    done = nellie("compare", "--rated", NELLIE_MODEL=models)

    assert done.exit_code == 1
    assert "nobody has rated an answer" in done.stderr


async def test_what_is_broken_off_tells_the_figures_so_far(tmp_path: Path) -> None:
    path = written(tmp_path, {"prompt": "first"}, {"prompt": "second"}, {"prompt": "third"})
    async with OpenAIServer() as server:
        server.respond_with(CannedResponse(), CannedResponse())  # the warming up, and one answer
        server.default_response = CannedResponse(text="", ending="stall")
        process = start("compare", str(path), "--json", **server.environ, NELLIE_HOME=str(tmp_path))
        while len(server.prompts) < 3:  # noqa: ASYNC110  # a process asks
            await asyncio.sleep(0.02)
        process.send_signal(2)
        out, err = await asyncio.to_thread(process.communicate)

    assert process.returncode == 130
    assert json.loads(out)["answered"] == 1
    assert "interrupted" in err


async def test_a_busy_server_is_told_of_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    async with OpenAIServer() as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        server.default_response = OVERLOADED

        [one] = await asked(["openai/a"], "a\nb\nc")

    assert "Rate limit reached" in one.figures(3, None).failure
