"""`nellie forget`: counted first, asked, and then nothing is left of a person or a channel."""

import asyncio
import json
from pathlib import Path

import pytest
from cli.conftest import Nellie
from typer.testing import CliRunner

from bot.__main__ import app
from bot.store.api_keys import ApiKeys, NewKey
from bot.store.database import Database

PLACES = ("slack:T1/C1", "discord:1/2", "console:local/kitchen")
SAID = (("U-ana", "ana"), ("U-bob", "bob"), ("U-ana", "ana"), ("U-carl", "U-ana"))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """What Ana, Bob, and somebody who calls himself by her id have said."""
    lines = (
        {
            "id": f"m{number}",
            "author": {"id": id_, "name": name},
            "text": f"{id_} said {number}",
            "at": f"2026-11-22T12:0{number}:00+00:00",
        }
        for number, (id_, name) in enumerate(SAID)
    )
    path = tmp_path / "archive.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def filled(nellie: Nellie, archive: Path) -> Nellie:
    for place in PLACES:
        nellie("import", str(archive), "-f", "jsonl", "-c", place)
    return nellie


def said_in(nellie: Nellie, place: str) -> list[str]:
    """The texts of what is remembered; the folder is the test's own."""
    nellie("export", "-c", place, "-o", "exported.jsonl", "--force")
    lines = Path("exported.jsonl").read_text().splitlines()
    return [json.loads(line)["text"] for line in lines]


WITHOUT_ANA = ["U-bob said 1", "U-carl said 3"]


def test_a_person_is_erased_everywhere_and_does_not_come_back(
    filled: Nellie, archive: Path
) -> None:
    done = filled("forget", "person", "U-ana", "--yes")

    assert done.exit_code == 0
    counted = [line.partition(" since ")[0] for line in done.output.splitlines()[:3]]
    assert sorted(counted) == [
        "discord:1/2: 2 messages",
        "kitchen: 2 messages",
        "slack:T1/C1: 2 messages",
    ]
    assert "Forgotten: 6 messages of U-ana" in done.output
    for place in PLACES:
        filled("import", str(archive), "-f", "jsonl", "-c", place)
        assert said_in(filled, place) == WITHOUT_ANA
    assert filled("forget", "person", "U-ana").output == "Nothing bears the id U-ana.\n"


@pytest.mark.parametrize("place", PLACES)
def test_a_person_is_erased_in_one_channel(filled: Nellie, place: str) -> None:
    done = filled("forget", "person", "U-ana", "--channel", place, "--yes")

    assert "Forgotten: 2 messages of U-ana" in done.output
    for other in PLACES:
        assert len(said_in(filled, other)) == (2 if other == place else 4)


@pytest.mark.parametrize(("answer", "left"), [("y\n", 2), ("n\n", 4), ("", 4), ("what?\nn\n", 4)])
def test_it_shows_how_much_and_asks_first(
    filled: Nellie, address: str, answer: str, left: int
) -> None:
    arguments = ["forget", "person", "U-ana", "-c", PLACES[0]]

    asked = CliRunner().invoke(app, arguments, input=answer, env={"DATABASE_URL": address})

    assert "slack:T1/C1: 2 messages since 20" in asked.output
    assert "This forgets 2 messages of U-ana, for good. Sure?" in asked.output
    assert len(said_in(filled, PLACES[0])) == left


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["U-nobody"], "Nothing bears the id U-nobody.", 0),
        (["ana"], "Nothing bears the id ana.", 0),  # a name is no id
        (["nellie"], "ID: that is nobody's", 1),
        ([" "], "ID: that is nobody's", 1),
        (
            ["U-ana", "-c", "slack:T1/C7"],
            "There is no channel 'slack:T1/C7'. Did you mean slack:T1/C1?",
            1,
        ),
    ],
)
def test_it_erases_nobody_else(filled: Nellie, arguments: list[str], said: str, code: int) -> None:
    done = filled("forget", "person", *arguments)

    assert said in done.output
    assert done.exit_code == code
    assert len(said_in(filled, PLACES[0])) == 4


@pytest.mark.parametrize("known", [True, False], ids=["elsewhere", "nowhere"])
def test_what_a_person_said_before_is_not_imported_where_nothing_bore_the_id_yet(
    nellie: Nellie, archive: Path, tmp_path: Path, known: bool
) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text(archive.read_text().splitlines()[1] + "\n")  # of Bob alone
    for place in PLACES:
        first = archive if known and place == PLACES[1] else other
        nellie("import", str(first), "-f", "jsonl", "-c", place)

    nellie("forget", "person", "U-ana", "--yes")
    for place in PLACES:
        nellie("import", str(archive), "-f", "jsonl", "-c", place)

    assert [said_in(nellie, place) for place in PLACES] == [WITHOUT_ANA] * len(PLACES)


@pytest.mark.parametrize("place", PLACES)
def test_a_channel_is_forgotten_and_does_not_come_back(
    filled: Nellie, archive: Path, place: str
) -> None:
    done = filled("forget", "channel", place, "--yes")

    assert done.exit_code == 0
    assert "Forgotten: 4 messages in " in done.output
    filled("import", str(archive), "-f", "jsonl", "-c", place)
    assert {other: len(said_in(filled, other)) for other in PLACES} == {
        other: 0 if other == place else 4 for other in PLACES
    }
    again = filled("forget", "channel", place)
    assert again.exit_code == 0
    assert again.output.startswith("Nothing is remembered of ")


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("n\n", 4), ("", 4), ("all\nno\n", 4)])
def test_a_channel_is_weighed_and_asked_about_first(
    filled: Nellie, address: str, answer: str, left: int
) -> None:
    arguments = ["forget", "channel", PLACES[1]]

    asked = CliRunner().invoke(app, arguments, input=answer, env={"DATABASE_URL": address})

    assert "This forgets 4 messages in discord:1/2, the oldest of 2026-11-22" in asked.output
    assert len(said_in(filled, PLACES[1])) == left


@pytest.mark.parametrize("name", ["slack:T1/C9", "kitchn", "discord:1/3"])
def test_a_channel_that_is_not_known_is_an_error_with_what_is_near(
    filled: Nellie, name: str
) -> None:
    done = filled("forget", "channel", name, "--yes")

    assert done.exit_code != 0
    assert f"There is no channel {name!r}. Did you mean " in done.output
    assert [len(said_in(filled, place)) for place in PLACES] == [4, 4, 4]


KEYS = [("slack", "U-ana"), ("discord", "U-ana"), ("", "U-ana"), ("", "desk/U-ana")]
OTHERS = [("slack", "U-bob"), ("", "ana/U-bob"), ("discord", "U-an"), ("slack", "desk/U-ana")]


async def make_keys(address: str) -> None:
    database = Database(address)
    for platform, person in KEYS + OTHERS:
        new = NewKey(platform=platform, workspace="", person_id=person, name="somebody")
        await ApiKeys(database).add(new)
    await database.close()


async def keys_left(address: str) -> list[tuple[str, str]]:
    database = Database(address)
    left = await ApiKeys(database).list()
    await database.close()
    return [(one.platform, one.person_id) for one in left]


def test_the_keys_of_a_person_go_wherever_they_are(nellie: Nellie, address: str) -> None:
    asyncio.run(make_keys(address))

    done = nellie("forget", "person", "U-ana", "--yes")

    assert "API: 4 keys, 0 calls" in done.output
    assert asyncio.run(keys_left(address)) == OTHERS
    assert "Nothing bears the id" in nellie("forget", "person", "U-ana").output
