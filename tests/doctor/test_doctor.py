"""The doctor against every fault of settings and database, and where nothing is wrong."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from doctor.conftest import Patient
from doctor.faults import NOWHERE, Fault, check_diagnosis, elsewhere, embeds, lacks, sets
from pydantic import SecretStr
from typer.testing import CliRunner

from bot.__main__ import app
from bot.config.settings import Settings
from bot.doctor.database import where_memory_lies


async def restricted(patient: Patient) -> None:
    """Another user, who may not create in this database."""
    embeds(NELLIE_EMBEDDINGS_KEY="right")(patient)
    await patient.execute(
        "DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
    )
    await patient.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    elsewhere("//postgres@", "//reader@")(patient)


def channel_with(statement: str) -> Callable[[Patient], Awaitable[None]]:
    """A channel, and what a statement does with it."""
    source = " FROM channel" if "SELECT" in statement else ""

    async def make(patient: Patient) -> None:
        await patient.execute(
            "INSERT INTO channel (platform, workspace, external_id, name, direct)"
            " VALUES ('slack', 'T1', 'C7', 'harbour', false)"
        )
        await patient.execute(statement + source)

    return make


def file_that(state: str, *, at: str = "now()", mendable: str = "false") -> str:
    """A file in that channel."""
    return (
        "INSERT INTO posted_file (channel_id, seq, external_id, name, media_type, size, alt,"
        " address, state, note, mendable, at)"
        f" SELECT id, 1, 'F1', 'a', '', 0, '', '', '{state}', 'files:read is missing', {mendable},"
        f" {at}"
    )


FAULTS = {
    "a wrong value": Fault(
        sets(NELLIE_WINDOW_LOW="7000"), "settings", "at most half", "nellie settings"
    ),
    "a misspelt setting": Fault(
        sets(NELLIE_MODLE="tgi"), "settings", "is it NELLIE_MODEL", "correct it"
    ),
    "a secret's file that is not there": Fault(
        sets(NELLIE_TGI_API_KEY_FILE="/run/secrets/none"),
        "settings",
        "NELLIE_TGI_API_KEY_FILE: the file cannot be read",
        "correct it",
    ),
    "no platform": Fault(
        lacks("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "DISCORD_TOKEN"),
        "platforms",
        "no platform is configured: `nellie chat` and `nellie import` work",
        "nellie slack setup",
        "note",
    ),
    "no Postgres": Fault(
        sets(DATABASE_URL=f"postgresql://nellie@{NOWHERE}/nellie"),
        "database",
        "cannot be reached",
        "start Postgres, or correct host and port",
    ),
    "a database that is not there": Fault(
        elsewhere(r"@/\w+", "@/elsewhere"), "database", "does not exist", "correct DATABASE_URL"
    ),
    "a user that Postgres does not know": Fault(
        elsewhere("//postgres@", "//nobody@"), "database", "nobody", "correct DATABASE_URL"
    ),
    "tables of an older version": Fault(
        lambda patient: patient.execute("UPDATE alembic_version SET version_num = '0001'"),
        "tables",
        "are of revision 0001",
        "nellie migrate",
    ),
    "tables of a newer version": Fault(
        lambda patient: patient.execute("UPDATE alembic_version SET version_num = '0999'"),
        "tables",
        "a newer Nellie made them",
        "go back for a while",
        "note",
    ),
    "tables of another line": Fault(
        lambda patient: patient.execute("UPDATE alembic_version SET version_num = '9001'"),
        "tables",
        "revision 9001",
        "start the newer version",
    ),
    "a clock that is late": Fault(
        lambda patient: setattr(patient, "late", timedelta(minutes=3)),
        "clock",
        "differ by 180 s",
        "synchronize",
    ),
    "a digest in a time zone that nobody knows": Fault(
        channel_with("INSERT INTO schedule SELECT id, 'daily 09:00 Mars/Phobos', now(), now()"),
        "channel slack:harbour",
        "“daily 09:00 Mars/Phobos”, which is not understood",
        "/digest off",
    ),
    "a digest at an hour that there is not": Fault(
        channel_with("INSERT INTO schedule SELECT id, 'weekly friday 24:10', now(), now()"),
        "channel slack:harbour",
        "not understood: none is posted",
        "say /digest there",
    ),
    "a retention beyond all calendars": Fault(
        channel_with("UPDATE channel SET retention = 365000000"),
        "channel slack:harbour",
        "its retention is 365,000,000 days",
        "say /memory retention there",
    ),
    "a compaction that fails again and again": Fault(
        channel_with("UPDATE channel SET failures = 7"),
        "channel slack:harbour",
        "has failed 7 times in a row",
        "compaction_failed in the log",
        "note",
    ),
    "files that nobody reads": Fault(
        channel_with(file_that("waiting", at="now() - interval '3 hours'")),
        "files",
        "1 file waits to be read, the oldest since",
        "NELLIE_READ_FILES above 0",
    ),
    "files that lack a right": Fault(
        channel_with(file_that("unreadable", mendable="true")),
        "files",
        "1 file could not be read for want of a right",
        "files:read is missing: give the right",
        "note",
    ),
    "vectors without the right to them": Fault(
        restricted, "vectors", "not switched on", "CREATE EXTENSION vector"
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_one_fault_is_one_diagnosis_with_what_mends_it(patient: Patient, name: str) -> None:
    await check_diagnosis(patient, FAULTS[name])


async def test_finds_nothing_wrong_where_all_is_well(patient: Patient) -> None:
    findings = await patient.examined()

    assert [one for one in findings if one.state == "wrong"] == []
    assert {one.name for one in findings} >= {
        "settings",
        "database",
        "tables",
        "clock",
        "model openai/double",
        "model tgi",
        "slack, bot token",
        "slack, scopes",
        "slack, app token",
        "slack, channels",
        "discord, token",
        "discord, message content",
        "discord, servers",
    }


async def test_files_that_wait_for_a_moment_or_cannot_be_read_are_no_fault(
    patient: Patient,
) -> None:
    await channel_with(file_that("waiting"))(patient)
    await patient.execute(
        "INSERT INTO posted_file SELECT channel_id, number, 'F', origin, name, '', 0, '', '',"
        " 'unreadable', CASE WHEN number < 5 THEN 'it is protected' ELSE 'it has no text' END"
        " FROM posted_file, generate_series(2, 6) number"
    )

    found = {one.what for one in await patient.examined() if one.name == "files"}

    assert found == {
        "1 file waits to be read",
        "5 files cannot be read: it is protected (3); it has no text (2)",
    }


async def test_every_note_and_every_fault_says_what_to_do(patient: Patient) -> None:
    patient.discord.general.forbidden = True

    findings = await patient.examined()

    assert {one.name for one in findings if one.state != "ok" and not one.mend} == set()
    assert {one.name for one in findings if one.state == "ok" and one.mend} == set()


def test_scripts_get_json_and_an_exit_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NELLIE_MODLE", "tgi")

    done = CliRunner().invoke(app, ["doctor", "--json"])

    assert done.exit_code == 1
    assert json.loads(done.stdout)["name"] == "settings"


def test_who_only_chats_and_imports_gets_exit_code_0(
    nellie_alone: None, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)

    done = CliRunner().invoke(app, ["doctor"])

    assert "note   platforms: no platform is configured" in done.stdout
    assert done.exit_code == 0, done.stdout


@pytest.mark.parametrize("name", ["one", "two words", "deeper/still"])
def test_it_names_the_data_folder(name: str, tmp_path: Path) -> None:
    loaded = Settings(home=tmp_path / name, database_url=None)

    assert where_memory_lies(loaded) == f"in the data folder {tmp_path / name}"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgres://nellie:hush@db.example.org:6543/memory?sslmode=require",
            "db.example.org:6543/memory",
        ),
        ("postgresql://u:hush@localhost/team", "localhost/team"),
        ("postgresql://u:hush@one:5432,two:5433/team?password=hush", "one:5432,two:5433/team"),
        ("postgresql://postgres@/nellie?host=/run/postgresql", "/run/postgresql/nellie"),
    ],
)
def test_it_names_the_address_of_a_database_without_its_password(url: str, expected: str) -> None:
    assert where_memory_lies(Settings(database_url=SecretStr(url))) == f"at {expected}"


async def test_where_memory_lies_stands_in_the_line_of_the_database(patient: Patient) -> None:
    findings = {one.name: one for one in await patient.examined()}

    name = patient.environ["DATABASE_URL"].partition("?")[0].rpartition("/")[2]
    assert ", at " in findings["database"].what
    assert findings["database"].what.endswith(f"/{name}")
