"""/key: a person's own keys, shown once, to them alone, and remembered nowhere."""

import re
from typing import Any

import pytest
from doubles.start_nellie import Start

from bot.domain.errors import CommandError
from bot.domain.model import Author, Channel
from bot.gateway.callers.keys import Keys
from bot.store.api_keys import MOST
from bot.testing import ANA, BOB, GENERAL, RunningNellie

HERE = Channel("fake", "team", "D1", direct=True)
_KEY = re.compile(r"^nellie-\w{43}$", re.MULTILINE)


async def new_key(nellie: RunningNellie, words: str = "", person: Author = ANA) -> str:
    """Make a key in a direct message."""
    reply = await nellie.run_command(f"key new {words}".strip(), person, channel=HERE)
    assert reply.private
    [key] = _KEY.findall(reply.text)
    return str(key)


async def owner(nellie: RunningNellie, key: str) -> Any:
    return await Keys(nellie.parts.stores.api_keys, {}).identify(key, "here", {})


async def test_a_key_from_a_direct_message_is_its_person(nellie: RunningNellie) -> None:
    key = await new_key(nellie)

    caller = await owner(nellie, key)

    assert (caller.platform, caller.workspace, caller.person_id) == ("fake", "team", ANA.id)
    assert (caller.name, caller.team) == ("ana", "team")


async def test_a_key_stands_nowhere_but_in_its_reply(nellie: RunningNellie) -> None:
    key = await new_key(nellie)
    await nellie.run_command("key list", channel=HERE)

    assert await nellie.find_traces(key) == []
    assert await nellie.find_traces(key[-20:]) == []
    assert await nellie.texts(HERE) == []


async def test_in_a_channel_a_key_is_only_whispered(nellie: RunningNellie) -> None:
    with pytest.raises(CommandError, match="Ask me in a direct message"):
        await nellie.run_command("key new", ANA, channel=GENERAL)
    assert await nellie.rows("SELECT count(*) FROM api_key") == [(0,)]

    reply = await nellie.run_command("key new", ANA, channel=GENERAL, whispered=True)

    assert reply.private
    assert _KEY.search(reply.text)


@pytest.mark.parametrize(
    ("words", "models", "ends"),
    [
        ("", (), False),
        ("expires=30d", (), True),
        ("models=gpt-*,auto expires=2099-01-01", None, None),
        ("models=gpt-*,auto", ("gpt-*", "auto"), False),
        ("EXPIRES=never Models=nellie", ("nellie",), False),
    ],
)
async def test_a_key_can_be_held_to_models_and_to_a_time(
    nellie: RunningNellie, words: str, models: Any, ends: Any
) -> None:
    if models is None:
        with pytest.raises(CommandError, match="ten years"):
            await new_key(nellie, words)
        return
    key = await new_key(nellie, words)

    [stored] = await nellie.parts.stores.api_keys.list()
    assert (await owner(nellie, key)).models == models
    assert bool(stored.expires_at) is ends


@pytest.mark.parametrize("words", ["tomorrow", "expires=", "models=,", "expires=soon", "=x"])
async def test_what_is_not_understood_makes_no_key(nellie: RunningNellie, words: str) -> None:
    with pytest.raises(CommandError):
        await nellie.run_command(f"key new {words}", ANA, channel=HERE)

    assert await nellie.rows("SELECT count(*) FROM api_key") == [(0,)]


async def test_a_person_lists_and_revokes_their_own_keys_alone(nellie: RunningNellie) -> None:
    first, second = await new_key(nellie), await new_key(nellie, "models=auto")
    others = await new_key(nellie, person=BOB)

    listed = (await nellie.run_command("key", ANA, channel=HERE)).text
    with pytest.raises(CommandError, match="no such key"):
        await nellie.run_command(f"key revoke {others[:15]}", ANA, channel=HERE)
    await nellie.run_command(f"key revoke {first[:15]}…", ANA, channel=HERE)

    assert first[:15] in listed
    assert second[:15] in listed
    assert others[:15] not in listed
    assert first not in listed
    left = [key.prefix for key in await nellie.parts.stores.api_keys.list()]
    assert left == [second[:15], others[:15]]
    assert "1 key." in (await nellie.run_command("key revoke all", ANA, channel=HERE)).text
    assert "no key" in (await nellie.run_command("key list", ANA, channel=HERE)).text


async def test_one_key_more_than_a_person_may_have_is_refused(nellie: RunningNellie) -> None:
    for _ in range(MOST):
        await new_key(nellie)

    with pytest.raises(CommandError, match="Revoke one"):
        await nellie.run_command("key new", ANA, channel=HERE)


async def test_a_bot_gets_no_key(nellie: RunningNellie) -> None:
    robot = Author("B1", "robot", bot=True)

    with pytest.raises(CommandError, match="for people"):
        await nellie.run_command("key new", robot, channel=HERE)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (None, "not served yet"),
        ("127.0.0.1:8081", "at http://127.0.0.1:8081/v1,"),
        ("8081", "at http://127.0.0.1:8081/v1,"),
        ("0.0.0.0:8081", "http://its-name:8081/v1"),
        ("[::]:8081", "http://its-name:8081/v1"),
        ("models.lan:80", "at http://models.lan:80/v1,"),
    ],
)
async def test_the_reply_says_where_programs_find_the_api(
    start_nellie: Start, address: str | None, told: str
) -> None:
    nellie = await start_nellie(api=address)

    assert told in (await nellie.run_command("key new", channel=HERE)).text
