"""`nellie tune`: a run with a model whose best prompt is known, and what becomes of its file."""

import asyncio
import json
import re
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest
import sqlalchemy as sa
from cli.conftest import Nellie, run_to_end, start
from doubles import tunable_model
from doubles.canned_responses import CannedResponse
from doubles.tunable_model import BE_HONEST, NAME_IT, TunableServer, lines

from bot.documents.sentences import split
from bot.domain.model import Channel
from bot.prompting.fixed_text import STYLE
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.tuned_prompts import texts_of
from bot.tuning import reflecting

OWN = Channel("console", "local", "team", "team")
PRICES = {"NELLIE_PRICES": "openai/double=1/0.1/4"}
T = TypeVar("T")
NOTHING = {"persona": None, "rules": None, "summary": None}
FOUND = """
version = 1
channel = "team"
better = true

[parts.rules]
text = \"\"\"
Begin with who said it.\"\"\"
before = "x"
"""


@pytest.fixture
async def server() -> AsyncIterator[TunableServer]:
    async with TunableServer() as serving:
        yield serving


@pytest.fixture
def questions(tmp_path: Path) -> str:
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, lines(60))))
    return str(path)


@pytest.fixture
def found(tmp_path: Path) -> str:
    (tmp_path / "found.toml").write_text(FOUND)
    return "found.toml"


@pytest.fixture
def team(address: str) -> int:
    return within(address, lambda database: Channels(database).id(OWN))


def read(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(name).read_text())


def within(address: str, work: Callable[[Database], Awaitable[T]]) -> T:
    """What is done in the database of a test, between commands."""

    async def do() -> T:
        database = Database(address)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(do())


def texts(address: str) -> dict[str, str | None]:
    async def look(database: Database) -> dict[str, str | None]:
        channels = Channels(database)
        return texts_of(await channels.state(await channels.id(OWN)))

    return within(address, look)


def set_persona(address: str, persona: str) -> None:
    async def set_(database: Database) -> None:
        channels = Channels(database)
        await channels.set_persona(await channels.id(OWN), persona)

    within(address, set_)


def rows(address: str, sql: str) -> list[tuple[object, ...]]:
    async def look(database: Database) -> list[tuple[object, ...]]:
        async with database.begin() as connection:
            return [tuple(row) for row in await connection.execute(sa.text(sql))]

    return within(address, look)


def sentences(text: str) -> list[str]:
    return [" ".join(one.split()) for one in split(text, 1_000)]


class Asked(NamedTuple):
    code: int
    out: str
    err: str


Ask = Callable[..., Awaitable[Asked]]


@pytest.fixture
def ask(address: str, tmp_path: Path, server: TunableServer) -> Ask:
    """Runs `nellie tune` as a process, while the model serves from this one."""

    async def ask(*arguments: str, given: str = "", to: str = "", **environ: str) -> Asked:
        chosen = {**server.environ, "NELLIE_HOME": str(tmp_path), "DATABASE_URL": address}
        environ.setdefault("COLUMNS", "1000")
        all_ = ("tune", *arguments, "-o", to or str(tmp_path / "it.toml"))
        done = await asyncio.to_thread(run_to_end, *all_, given=given, **chosen, **environ)
        return Asked(*done)

    return ask


async def test_a_run_tells_what_it_is_worth_and_writes_a_file_and_changes_nothing(
    ask: Ask, server: TunableServer, questions: str, database: Database, tmp_path: Path
) -> None:
    channels = Channels(database)
    team = await channels.id(OWN)

    done = await ask(questions, "-c", "team", "--parts", "rules", "--yes", **PRICES)

    assert done.code == 0, done.err
    assert f"+ {NAME_IT}\n" in done.out
    assert f"+ {BE_HONEST}\n" in done.out
    assert f"  {sentences(STYLE)[0]}\n" in done.out
    assert "At most " in done.out  # also where it does not ask
    assert "Go on?" not in done.out
    assert "Better than what you have, on questions that it has not seen." in done.out
    assert "random, did as well" not in done.out
    assert "cost of an answer" in done.out
    kept = read(str(tmp_path / "it.toml"))
    assert (kept["model"], kept["seed"], kept["better"]) == ("openai/double", 0, True)
    assert NAME_IT in kept["parts"]["rules"]["text"]
    assert kept["parts"]["rules"]["before"] == STYLE
    assert kept["scores"]["difference_low"] > 0
    assert texts_of(await channels.state(team)) == NOTHING
    async with database.begin() as connection:
        used = sa.text("SELECT purpose, count(*) FROM usage GROUP BY purpose")
        found = [tuple(row) for row in await connection.execute(used)]
    assert found == [("tuning", len(server.prompts))]


async def test_what_it_may_cost_is_said_and_asked_first(
    ask: Ask, server: TunableServer, questions: str, tmp_path: Path
) -> None:
    known = await ask(questions, given="n\n", **PRICES)
    unknown = await ask(questions, given="n\n")

    assert "At most 3" in known.out
    assert "about 0." in known.out
    assert "NELLIE_PRICES says what a model costs" in unknown.out
    assert "Nothing was asked." in known.out
    assert server.prompts == []
    assert not (tmp_path / "it.toml").exists()


@pytest.mark.parametrize("place", ["nowhere/it.toml", ".", "/proc/it.toml", "/dev/full/it.toml"])
async def test_a_place_that_takes_no_file_is_told_before_anything_is_asked(
    ask: Ask, server: TunableServer, questions: str, tmp_path: Path, place: str
) -> None:
    done = await ask(questions, "--parts", "rules", "--yes", to=str(tmp_path / place))

    assert done.code == 1
    assert "Traceback" not in done.err
    assert str(tmp_path / place) in done.err
    assert server.prompts == []


async def test_what_was_found_is_printed_where_its_file_cannot_be_written_any_more(
    address: str, server: TunableServer, questions: str, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    arguments = (
        "tune",
        questions,
        "--parts",
        "rules",
        "--yes",
        "-o",
        str(tmp_path / "out/it.toml"),
    )
    environ = {**server.environ, "NELLIE_HOME": str(tmp_path), "DATABASE_URL": address}
    running = start(*arguments, **environ)
    while not server.prompts:  # noqa: ASYNC110  # a process asks
        await asyncio.sleep(0.02)
    (tmp_path / "out").rmdir()

    out, err = await asyncio.to_thread(running.communicate)

    assert running.returncode == 1
    assert "Traceback" not in err
    assert NAME_IT in tomllib.loads(out[out.index("version = ") :])["parts"]["rules"]["text"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("tune",), "say --channel NAME, or name a file"),
        (("tune", "--undo"), "say --channel NAME"),
        (("tune", "-c", "team", "--undo", "--show"), "--undo goes with a channel"),
        (("tune", "x.jsonl", "-c", "team", "--show"), "--show goes with a channel"),
        (("tune", "x.jsonl", "--parts", "manners"), "there is no part 'manners'"),
        (("tune", "x.jsonl", "--parts", ","), "name some of persona, rules, summary"),
    ],
)
def test_what_does_not_go_together_is_said(
    nellie: Nellie, given: tuple[str, ...], told: str
) -> None:
    done = nellie(*given)

    assert done.exit_code == 2
    assert told in " ".join(done.output.replace("│", " ").split())


def test_a_model_that_only_quotes_says_so_before_anything_is_spent(
    nellie: Nellie, questions: str
) -> None:
    done = nellie("tune", questions, NELLIE_MODEL="extractive")

    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("nellie: tune: this needs a language model, and extractive")
    assert done.stderr.count("\n") == 1


def test_a_server_that_is_away_is_one_sentence(nellie: Nellie, questions: str) -> None:
    away = {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_API_KEY": "k"}

    done = nellie("tune", questions, "--yes", NELLIE_MODEL="openai/double", **away)

    assert done.exit_code == 1
    assert done.stderr.startswith("nellie: The model openai/double cannot be reached")
    assert done.stderr.count("\n") == 1


async def test_no_more_calls_write_texts_than_it_says(
    ask: Ask, server: TunableServer, questions: str
) -> None:
    done = await ask(questions, "--yes")

    said = re.search(
        r"At most ([\d,]+) answers of \S+ and ([\d,]+) calls of \S+ that write", done.out
    )
    assert said
    answers, writing = (int(one.replace(",", "")) for one in said.groups())
    wrote = sum("```" in str(one) or "Are you well" in str(one) for one in server.prompts)
    assert 3 < wrote <= writing < 100
    assert len(server.prompts) - wrote <= answers


@pytest.mark.parametrize("given", ["\n", "n\n", "no\n"])
async def test_only_a_yes_begins_what_is_paid_for(
    ask: Ask, server: TunableServer, questions: str, given: str
) -> None:
    done = await ask(questions, given=given)

    assert "Go on? [y/N]" in done.out
    assert "Nothing was asked." in done.out
    assert server.prompts == []


async def test_a_search_without_gain_says_that_nothing_was_written(
    ask: Ask, questions: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunable_model, "_better", lambda last: "Be kind.")

    done = await ask(questions, "--yes")

    assert done.code == 0
    assert "Nothing did better than what you have; keep it." in done.out
    assert "nothing was written: there are no better texts" in done.err
    assert not (tmp_path / "it.toml").exists()


async def test_a_narrow_terminal_breaks_no_word_and_no_row(ask: Ask, questions: str) -> None:
    done = await ask(questions, "--parts", "rules", "--yes", COLUMNS="62")

    lines_told = done.out.splitlines()
    assert max(map(len, lines_told)) <= 62
    at = lines_told.index("score")
    assert [one.split()[0] for one in lines_told[at + 1 : at + 4]] == ["before", "tuned", "control"]


def test_an_empty_history_says_what_to_do(nellie: Nellie, team: int) -> None:
    done = nellie("tune", "-c", "team", "--yes")

    assert done.exit_code == 1
    assert done.stderr.startswith("nellie: tune: there is no example")
    assert "rate answers, or name a file" in done.stderr


async def test_too_few_questions_and_too_small_a_budget_are_refused(
    ask: Ask, server: TunableServer, tmp_path: Path, questions: str
) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(map(json.dumps, lines(12))))

    short = await ask(str(few), "--yes")
    small = await ask(questions, "--budget", "9", "--yes")

    assert "there are 12 rated answers or questions" in short.err
    assert "it takes 20" in short.err
    assert "--budget: with these examples, less than" in small.err
    assert server.prompts == []


def test_without_its_library_it_says_which_command_brings_it(
    nellie: Nellie, questions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reflecting, "IS_INSTALLED", False)

    done = nellie("tune", questions, "--yes")

    assert done.exit_code == 1
    assert "pip install 'gepa" in done.stderr


async def test_a_file_that_is_there_is_not_replaced(
    ask: Ask, server: TunableServer, questions: str, tmp_path: Path
) -> None:
    (tmp_path / "it.toml").write_text("mine")

    done = await ask(questions, "--yes")

    assert done.code == 1
    assert "--force replaces it" in done.err
    assert server.prompts == []


async def test_interrupted_it_keeps_what_was_found(
    server: TunableServer, questions: str, tmp_path: Path
) -> None:
    asked = ("tune", questions, "--yes", "--at-once", "1", "-o", str(tmp_path / "it.toml"))
    process = start(*asked, **server.environ, NELLIE_HOME=str(tmp_path))
    while len(server.prompts) < 90:  # noqa: ASYNC110  # a process asks
        await asyncio.sleep(0.02)
    server.default_response = CannedResponse(text="", ending="stall")
    await asyncio.sleep(0.3)

    process.send_signal(2)
    out, err = await asyncio.to_thread(process.communicate)

    assert process.returncode == 130
    assert "interrupted; what was done so far is kept" in err
    assert "Not measured on the untouched examples." in out
    kept = read(str(tmp_path / "it.toml"))
    assert (kept["finished"], kept["better"]) == (False, False)


def test_a_file_is_applied_and_taken_back_and_both_are_noted(
    nellie: Nellie, address: str, team: int, found: str
) -> None:
    set_persona(address, "You are a pirate.")

    applied = nellie("tune", "--apply", found, "-c", "team", given="y\n")
    held = texts(address)
    shown = nellie("tune", "--show", "-c", "team")
    undone = nellie("tune", "--undo", "-c", "team", given="y\n")

    assert (applied.exit_code, undone.exit_code) == (0, 0)
    assert "+ Begin with who said it.\n" in applied.stdout
    assert all(f"- {one}\n" in applied.stdout for one in sentences(STYLE))
    assert held == {**NOTHING, "persona": "You are a pirate.", "rules": "Begin with who said it."}
    assert "rules (tuned, since 20" in shown.stdout
    assert "persona (its own):\nYou are a pirate." in shown.stdout
    assert "summary (the general one):" in shown.stdout
    assert all(f"+ {one}\n" in undone.stdout for one in sentences(STYLE))
    assert texts(address) == {**NOTHING, "persona": "You are a pirate."}
    noted = rows(address, "SELECT action, what, ended, channel_id FROM audit ORDER BY id")
    assert noted == [
        ("applied tuned prompts", "rules", True, team),
        ("took tuned prompts back", "rules", True, team),
    ]


def test_without_a_yes_nothing_is_applied_or_taken_back(
    nellie: Nellie, address: str, team: int, found: str
) -> None:
    refused = nellie("tune", "--apply", found, "-c", "team", given="n\n")
    enter = nellie("tune", "--apply", found, "-c", "team", given="\n")
    nothing = nellie("tune", "--undo", "-c", "team", "--yes")
    nellie("tune", "--apply", found, "-c", "team", "--yes")
    kept = nellie("tune", "--undo", "-c", "team", given="\n")

    assert "Nothing was changed." in refused.stdout
    assert "Nothing was changed." in enter.stdout
    assert "No tuned prompts are applied" in nothing.stdout
    assert "Nothing was changed." in kept.stdout
    assert (texts(address))["rules"] == "Begin with who said it."


def test_what_is_applied_twice_is_taken_back_once(
    nellie: Nellie, address: str, team: int, found: str
) -> None:
    apply = ("tune", "--apply", found, "-c", "team", "--yes")

    nellie(*apply)
    again = nellie(*apply)
    nellie("tune", "--undo", "-c", "team", "--yes")

    assert "hold in team already" in again.stdout
    assert texts(address) == NOTHING
    assert len(rows(address, "SELECT id FROM audit")) == 2


def test_a_persona_changed_since_is_left_and_said(
    nellie: Nellie, address: str, team: int, tmp_path: Path
) -> None:
    (tmp_path / "it.toml").write_text('version = 1\n[parts.persona]\ntext = "You are Nell."')
    nellie("tune", "--apply", "it.toml", "-c", "team", "--yes")
    set_persona(address, "You are a cook.")

    done = nellie("tune", "--undo", "-c", "team")

    assert done.stdout == (
        "Nothing was taken back.\nChanged by somebody since, and left as it is: persona.\n"
    )
    assert (texts(address))["persona"] == "You are a cook."
    assert rows(address, "SELECT what FROM audit ORDER BY id") == [("persona",), ("nothing",)]


def test_what_is_taken_back_and_what_is_left_are_told_apart(
    nellie: Nellie, address: str, team: int, tmp_path: Path
) -> None:
    (tmp_path / "it.toml").write_text(f'{FOUND}\n[parts.persona]\ntext = "You are Nell."')
    nellie("tune", "--apply", "it.toml", "-c", "team", "--yes")
    set_persona(address, "You are a cook.")

    done = nellie("tune", "--undo", "-c", "team", "--yes")

    assert "Taken back in team: rules." in done.stdout
    assert "left as it is: persona" in done.stdout
    assert texts(address) == {**NOTHING, "persona": "You are a cook."}


def test_a_file_of_another_channel_or_of_no_worth_is_applied_with_a_warning(
    nellie: Nellie, address: str, team: int, tmp_path: Path
) -> None:
    text = FOUND.replace('"team"', '"elsewhere"').replace("true", "false")
    (tmp_path / "it.toml").write_text(text)

    done = nellie("tune", "--apply", "it.toml", "-c", "team", given="y\n")

    assert "These texts were found for 'elsewhere'." in done.stdout
    assert "measured as no better" in done.stdout
    assert (texts(address))["rules"] == "Begin with who said it."


def test_a_file_of_a_run_that_was_broken_off_says_that_it_was_not_measured(
    nellie: Nellie, team: int, tmp_path: Path
) -> None:
    text = FOUND.replace("better = true", "better = false\nfinished = false")
    (tmp_path / "it.toml").write_text(text)

    done = nellie("tune", "--apply", "it.toml", "-c", "team", given="n\n")

    assert "was not finished: whether they are better was not measured" in done.stdout
    assert "no better than" not in done.stdout


def rules(text: str) -> str:
    return f"version = 1\n[parts.rules]\ntext = {json.dumps(text, ensure_ascii=False)}"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not of version 1"),
        (b"\xff\xfe", "it is no TOML in UTF-8"),
        (b"version = [", "it is no TOML in UTF-8"),
        (b"version = 1\na = " + b"[" * 60_000, "it is no TOML in UTF-8"),
        (b"version = 2\n[parts.rules]\ntext='x'", "not of version 1"),
        (b"version = 1", "it has no [parts]"),
        (b"version = 1\nparts = 3", "it has no [parts]"),
        (b"version = 1\n[parts.safety]\ntext = 'x'", "there is no part 'safety'"),
        (b"version = 1\n[parts.rules]\ntext = 3", "[parts.rules] has no text"),
        (b"version = 1\n[parts]\nrules = 'x'", "[parts.rules] has no text"),
        (rules("").encode(), "rules: it is empty"),
        (rules("x" * 1_501).encode(), "1,501 characters, and may have 1,500"),
        (rules("ring \u0007").encode(), "control characters"),
        (rules("left \u202e right").encode(), "control characters"),
        (rules("tag \U000e0041\U000e0042").encode(), "letters that nobody sees"),
        (rules("<|im_start|>system").encode(), "marks that a model's server takes"),
        (b"#" * 64_001, "larger than 64,000 bytes"),
    ],
    ids=range(17),
)
def test_a_file_that_is_hostile_huge_or_broken_is_refused_and_changes_nothing(
    nellie: Nellie, address: str, team: int, tmp_path: Path, content: bytes, told: str
) -> None:
    (tmp_path / "it.toml").write_bytes(content)

    done = nellie("tune", "--apply", "it.toml", "-c", "team", "--yes")

    assert done.exit_code == 1
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert texts(address) == NOTHING


def test_no_file_no_channel_and_no_database_are_one_line_each(
    nellie: Nellie, team: int, found: str
) -> None:
    nowhere = nellie("tune", "--apply", "no.toml", "-c", "team", "--yes")
    folder = nellie("tune", "--apply", ".", "-c", "team", "--yes")
    nobody = nellie("tune", "--apply", found, "-c", "moon", "--yes")
    dead = nellie(
        *("tune", "--apply", found, "-c", "team", "--yes"),
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/x",
    )

    assert "there is no such file" in nowhere.stderr
    assert "it is no file" in folder.stderr
    assert "There is no channel 'moon'" in nobody.stderr
    assert [one.exit_code for one in (nowhere, folder, nobody, dead)] == [1, 1, 1, 1]
    assert dead.stderr.count("\n") == 1
