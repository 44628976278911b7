"""`nellie keys` and `nellie calls`: what an operator does with keys, and sees of calls."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cli.conftest import Nellie, run_to_end, start
from doubles.api_calls import CallingReplica, caller, request, used

from bot.cli.calls import format_cost
from bot.domain.api import Caller
from bot.gateway.callers.keys import Keys
from bot.store.api_keys import ApiKeys
from bot.store.database import Database


def on(address: str, work: Callable[[Database], Awaitable[Any]]) -> Any:
    """Do something with the database."""

    async def opened() -> Any:
        database = Database(address)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(opened())


def identify(address: str, key: str) -> Caller:
    work = lambda database: Keys(ApiKeys(database), {}).identify(key, "here", {})  # noqa: E731
    found: Caller = on(address, work)
    return found


def test_the_key_is_alone_on_the_last_line_of_standard_output(address: str) -> None:
    code, out, err = run_to_end("keys", "add", "--person", "ana", DATABASE_URL=address)

    assert code == 0
    assert out.splitlines()[-1].startswith("nellie-")
    assert len(out.splitlines()[-1]) == len("nellie-") + 43
    assert "A key for ana, without an end" in err
    assert identify(address, out.splitlines()[-1]).person_id == "ana"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("slack:T1/U7", ("slack", "T1", "U7", "T1")),
        ("discord:@me/4711", ("discord", "@me", "4711", "@me")),
        ("build server", ("", "", "build server", "")),
        ("desk: left/right", ("", "", "desk: left/right", "")),
    ],
)
def test_a_person_of_a_platform_is_named_with_it(
    nellie: Nellie, address: str, name: str, expected: tuple[str, ...]
) -> None:
    key = nellie("keys", "add", "--person", name).stdout.splitlines()[-1]

    found = identify(address, key)
    assert (found.platform, found.workspace, found.person_id, found.team) == expected


def test_a_key_has_what_was_asked_for_and_is_listed_without_itself(
    nellie: Nellie, address: str
) -> None:
    added = nellie(
        *("keys", "add", "--person", "ana", "--team", "red", "--models", "gpt-*, auto"),
        *("--expires", "30d", "--trusted"),
    )
    key = added.stdout.splitlines()[-1]

    listed = nellie("keys", "list").output
    [entry] = map(json.loads, nellie("keys", "list", "--json").output.splitlines())

    found = identify(address, key)
    assert (found.team, found.models, found.trusted) == ("red", ("gpt-*", "auto"), True)
    assert key[:15] in listed
    assert "gpt-*,auto" in listed
    assert key not in listed
    days = (datetime.fromisoformat(entry["expires_at"]) - datetime.now(UTC)).days
    assert days in {29, 30}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--person", ""),
        ("--person", "Nellie"),
        ("--person", "ana", "--expires", "soon"),
        ("--person", "ana", "--models", ","),
        ("--person", "x" * 201),
        ("--person", "slack:U024BE7LH"),
        ("--person", "Slack: U024BE7LH"),
        ("--person", "slack:/U024BE7LH"),
        ("--person", "discord:4711"),
        ("--person", "foo:bar/baz"),
        ("--person", "https://slack.com/U1"),
        ("--person", "slack:T1/C1/U1"),
        (),
    ],
)
def test_what_is_wrong_makes_no_key(nellie: Nellie, arguments: tuple[str, ...]) -> None:
    assert nellie("keys", "add", *arguments).exit_code == 2

    assert "There are no keys" in nellie("keys", "list").output


@pytest.mark.parametrize("name", ["slack:U024BE7LH", "foo:bar/baz", "slack:/U1"])
def test_a_person_of_no_place_is_told_how_to_write_one(nellie: Nellie, name: str) -> None:
    told = " ".join(nellie("keys", "add", "--person", name).output.replace("│", " ").split())

    assert "slack:WORKSPACE/PERSON" in told


def test_keys_are_revoked_one_by_one_or_a_persons_all(nellie: Nellie) -> None:
    keys = [
        nellie("keys", "add", "--person", name).stdout.splitlines()[-1]
        for name in ("ana", "ana", "bob")
    ]

    one = nellie("keys", "revoke", keys[2])  # all of it will do, and is not shown
    again = nellie("keys", "revoke", keys[2][:15])
    every = nellie("keys", "revoke", "--person", "ana")

    assert "Revoked: 1 key." in one.output
    assert again.exit_code != 0
    assert keys[2] not in again.output
    assert "Revoked: 2 keys." in every.output
    assert "There are no keys" in nellie("keys", "list").output
    assert nellie("keys", "list", "--all").output.count("revoked") == 3
    assert nellie("keys", "revoke").exit_code == 2


@pytest.fixture
def called(address: str) -> list[int]:
    """Five calls of two people: good, saved, failed, refused, and one that is open."""

    async def work(database: Database) -> list[int]:
        replica = CallingReplica.on(database, limit_person_tokens=900, api_log="content")
        ana, bob = caller("ana"), caller("bob")
        good = await replica.calls.begin(ana, request(body={"messages": ["the spare key"]}))
        good.first_token()
        await good.end(usage=used(800), answer={"said": "under the mat"})
        saved = await replica.calls.begin(ana, request())
        await saved.end(usage=used(100), saved="cache")
        failed = await replica.calls.begin(bob, request(asked="large", model="openai/large"))
        await failed.end(status=502, error="ModelUnavailable")
        open_ = await replica.calls.begin(ana, request())
        assert await replica.try_to_begin(ana) is None
        replica.die()
        return [good.id, saved.id, failed.id, open_.id, open_.id + 1]

    ids: list[int] = on(address, work)
    return ids


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), [0, 1, 2, 3, 4]),
        (("--person", "bob"), [2]),
        (("--model", "large"), [2]),
        (("--model", "openai/small"), [0, 1, 3, 4]),
        (("--status", "200"), [0, 1]),
        (("--status", "failed"), [2, 4]),
        (("--status", "open"), [3]),
        (("--status", "429"), [4]),
        (("--limit", "2"), [3, 4]),
        (("--since", "1h"), [0, 1, 2, 3, 4]),
        (("--since", "2099-01-01"), []),
        (("--person", "ana", "--status", "failed"), [4]),
    ],
)
def test_calls_are_listed_and_filtered(
    nellie: Nellie, called: list[int], options: tuple[str, ...], expected: list[int]
) -> None:
    lines = nellie("calls", "--json", *options).output.splitlines()

    found = [json.loads(line)["id"] for line in lines if line.startswith("{")]
    assert found == [called[number] for number in expected]


@pytest.mark.parametrize("status", ["bad", "42", "4290", "OK", "200,429"])
def test_what_is_no_status_is_told(nellie: Nellie, status: str) -> None:
    told = nellie("calls", "--status", status)

    assert told.exit_code == 2
    assert "open, lost, or failed" in " ".join(told.output.replace("│", " ").split())


@pytest.mark.parametrize("option", [("--person", "eve"), ("--model", "x"), ("--status", "503")])
def test_calls_of_which_none_fits_are_told_apart_from_none(
    nellie: Nellie, called: list[int], option: tuple[str, str]
) -> None:
    assert "none of them fits" in nellie("calls", *option).output
    assert nellie("calls", "--json", *option).output == ""


def test_where_there_are_no_calls_or_keys_that_is_said(nellie: Nellie) -> None:
    assert nellie("calls", "--person", "ana").output == "No call is known.\n"
    nellie("keys", "add", "--person", "ana")

    told = nellie("keys", "list", "--person", "bob").output

    assert told == "bob has no key; nellie keys list shows everybody's.\n"
    nellie("keys", "revoke", "--person", "ana")
    for option in ((), ("--person", "ana")):
        assert "--all shows those too" in nellie("keys", "list", *option).output


def test_models_that_are_none_are_answered_with_how_to_write_them_here(nellie: Nellie) -> None:
    told = nellie("keys", "add", "--person", "ana", "--models", ",").output

    assert "--models 'gpt-*,auto'" in " ".join(told.replace("│", " ").split())
    assert "/key" not in told


@pytest.mark.parametrize(
    ("cost", "told"),
    [
        (None, ""),
        (0.0, "0.0000"),
        (0.5, "0.5000"),
        (0.00123, "0.0012"),
        (0.0000123, "0.000012"),
        (9.9e-8, "0.000000099"),
        (1234.56789, "1234.5679"),
    ],
)
def test_a_small_cost_is_no_nothing(cost: float | None, told: str) -> None:
    assert format_cost(cost) == told


def test_a_list_of_calls_is_for_people(nellie: Nellie, called: list[int]) -> None:
    told = nellie("calls").output

    assert "PERSON" in told.splitlines()[0]
    assert "ModelUnavailable" in told
    assert "budget_exceeded" in told
    assert "spare key" not in told


def test_one_call_is_shown_with_its_content_where_that_is_kept(
    nellie: Nellie, called: list[int]
) -> None:
    shown = nellie("calls", "show", str(called[0])).output
    without = nellie("calls", "show", str(called[3])).output

    assert "the spare key" in shown
    assert "under the mat" in shown
    assert "answer: not kept" in without
    assert nellie("calls", "show", "99999").exit_code != 0


@pytest.mark.parametrize("call", ["abc", "req_1f", "²", "1.5", "9" * 30])
def test_what_is_no_number_of_a_call_is_told(nellie: Nellie, call: str) -> None:
    told = nellie("calls", "show", call)

    assert told.exit_code == 2
    assert "a call is a number" in " ".join(told.output.replace("│", " ").split())


def test_whoever_follows_sees_each_call_once_it_has_ended(address: str) -> None:
    following = start("calls", "--follow", "--json", DATABASE_URL=address)
    assert following.stdout

    async def work(database: Database) -> None:
        replica = CallingReplica.on(database)
        for number in range(3):
            call = await replica.calls.begin(caller(), request())
            await asyncio.sleep(0.5)
            await call.end(status=200 if number else 502)

    # What ends before it looks for the first time is listed; what is open then comes again.
    seen: list[dict[str, object]] = []
    while not seen or seen[-1]["status"] == "open":
        on(address, work)
        seen.append(json.loads(following.stdout.readline()))
    following.terminate()
    following.wait()

    assert seen[-1]["status"] in {"200", "502"}
    following.stdout.close()
    for stream in (following.stdin, following.stderr):
        assert stream
        stream.close()
