"""`nellie discord setup` at a real terminal, against the double: from nothing to an answer."""

import os
import stat
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from doubles.discord_server.server import Discord
from doubles.person_at_terminal import CTRL_C, CTRL_D, PersonAtTerminal, at_terminal

from adapters.discord.setup import fault_of

MESSAGE_CONTENT = 1 << 15
ASKS = "Paste the token"


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with Discord() as discord:
        yield discord


def addresses(discord: Discord) -> dict[str, str]:
    """Where the double is; the token is for the person to bring."""
    return {name: value for name, value in discord.environ.items() if name != "DISCORD_TOKEN"}


def setup(
    discord: Discord, folder: Path, **environ: str
) -> AbstractAsyncContextManager[PersonAtTerminal]:
    given = {**addresses(discord), **environ}
    return at_terminal("discord", "setup", folder=folder, environ=given)


async def finish(person: PersonAtTerminal) -> None:
    await person.answers("Start Nellie now?", "n")
    assert await person.ended() == 0


async def test_leads_from_nothing_to_an_answer(
    discord: Discord, tmp_path: Path, address: str
) -> None:
    discord.world.invited = False
    start = time.monotonic()

    async with setup(discord, tmp_path, DATABASE_URL=address) as person:
        await person.sees("discord.com/developers/applications?new_application=true")
        await person.answers(ASKS, discord.token)
        await person.sees("ok: message content")
        await person.sees("oauth2/authorize?client_id=")
        await person.sees("Waiting")
        discord.invite()
        await person.sees("Nellie is on The harbour")
        await person.answers("Start Nellie now?", "")
        await person.sees("Mention Nellie in #general")
        await person.sees("serving discord")
        await discord.until(lambda: discord.gateway.connected)
        asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} hello")
        await discord.until(lambda: discord.answers(asked))
        person.types(CTRL_C, enter=False)
        assert await person.ended() == 0

    print(f"\nfrom nothing to an answer on Discord: {time.monotonic() - start:.1f} s")  # noqa: T201  # a figure to read with -s, not to assert
    assert discord.token not in person.shown
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


async def test_goes_on_with_the_token_that_is_there(discord: Discord, tmp_path: Path) -> None:
    written = f"# mine\nDISCORD_TOKEN={discord.token}\n"
    (tmp_path / ".env").write_text(written)

    async with setup(discord, tmp_path) as person:
        await person.sees("DISCORD_TOKEN is set already")
        await person.sees("Nellie is on The harbour")
        await finish(person)

    assert (tmp_path / ".env").read_text() == written
    assert ASKS not in person.shown


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("123456789012345678", "it is an id"),
        ("a" * 64, "the application's public key"),
        ("AbCdEfGhIjKlMnOpQrStUvWxYz012345", "the application's client secret"),
        ("mfa.abcdefg", "a person's token"),
        ("xoxb-1-2-3", "a token of Slack"),
        ("https://nellie.example/bot", "an address"),
        ("two words", "three parts with dots"),
        ("MTIz.only", "three parts with dots"),
        ("MTIz.wrong.token", ""),  # only Discord knows
    ],
)
def test_what_is_no_token_is_known_by_its_looks(pasted: str, told: str) -> None:
    fault = fault_of(pasted)

    assert told in fault
    assert bool(fault) == bool(told)


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("mfa.abcdefg", "That is not it: it is a person's token"),
        ("MTIz.wrong.token", "Discord does not accept it"),
    ],
)
async def test_says_what_was_pasted_in_place_of_the_token(
    discord: Discord, tmp_path: Path, pasted: str, told: str
) -> None:
    async with setup(discord, tmp_path) as person:
        await person.answers(ASKS, pasted)
        await person.sees(told)
        await person.answers(ASKS, f"'DISCORD_TOKEN={discord.token}'")
        await finish(person)

    assert pasted not in person.shown
    assert discord.token not in person.shown
    assert f"\nDISCORD_TOKEN={discord.token}\n" in (tmp_path / ".env").read_text()


async def test_waits_until_the_intent_is_switched_on(discord: Discord, tmp_path: Path) -> None:
    discord.gateway.withheld_intents = MESSAGE_CONTENT

    async with setup(discord, tmp_path) as person:
        await person.answers(ASKS, discord.token)
        await person.sees("discord.com/developers/applications/123/bot")
        await person.sees("press Enter")
        assert discord.token in (tmp_path / ".env").read_text()
        discord.gateway.withheld_intents = 0
        person.types("")
        await person.sees("ok: message content")
        await finish(person)


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
async def test_whoever_stops_is_told_how_to_go_on(
    discord: Discord, tmp_path: Path, key: str
) -> None:
    async with setup(discord, tmp_path) as person:
        await person.sees(ASKS)
        await person.sees(">")
        person.types(key, enter=False)

        assert await person.ended() == 130

    assert person.shown.rstrip().endswith("Stopped. `nellie discord setup` goes on from here.")


async def test_what_is_kept_stays_when_the_wait_for_a_server_is_stopped(
    discord: Discord, tmp_path: Path
) -> None:
    discord.world.invited = False

    async with setup(discord, tmp_path) as person:
        await person.answers(ASKS, discord.token)
        await person.sees("Waiting")
        person.types(CTRL_C, enter=False)
        assert await person.ended() == 130

    assert "DISCORD_TOKEN stays in .env" in person.shown
    assert "Traceback" not in person.shown
    assert discord.token in (tmp_path / ".env").read_text()


async def test_enter_goes_on_without_a_server(discord: Discord, tmp_path: Path) -> None:
    discord.world.invited = False

    async with setup(discord, tmp_path) as person:
        await person.answers(ASKS, discord.token)
        await person.sees("Waiting")
        person.types("")
        await person.answers("Start Nellie now?", "n")
        await person.sees("once the link has brought it there")
        assert await person.ended() == 0


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"NELLIE_DISCORD_API": "http://127.0.0.1:9/api/v10"}, "refuses the connection"),
        (
            {"NELLIE_DISCORD_API": "http://nowhere.invalid/api/v10"},
            "no address for nowhere.invalid",
        ),
        ({"HTTP_PROXY": "http://me:word@127.0.0.1:9"}, "the proxy 127.0.0.1:9 does not answer"),
        ({"HTTP_PROXY": "socks5://127.0.0.1:9"}, "HTTP proxy, not through this one"),
    ],
)
async def test_a_network_that_leads_nowhere_is_a_sentence(
    discord: Discord, tmp_path: Path, environ: dict[str, str], told: str
) -> None:
    async with setup(discord, tmp_path, **{"NO_PROXY": "", "no_proxy": "", **environ}) as person:
        await person.answers(ASKS, discord.token)
        await person.sees(told)
        person.types(CTRL_C, enter=False)
        await person.ended()

    assert "Traceback" not in person.shown
    assert "word" not in person.shown
    assert discord.token not in person.shown


async def test_a_wrong_token_of_the_environment_is_mended_there(
    discord: Discord, tmp_path: Path
) -> None:
    async with setup(discord, tmp_path, DISCORD_TOKEN="MTIz.wrong.token") as person:
        await person.sees("The environment sets DISCORD_TOKEN, which counts before .env")
        assert await person.ended() == 1

    assert not (tmp_path / ".env").exists()


@pytest.mark.parametrize(
    ("rights", "told"), [(0o400, "cannot be written: it is read-only"), (0o000, "it is read-only")]
)
async def test_a_file_that_may_not_be_written_is_told_before_anything_is_asked(
    discord: Discord, tmp_path: Path, rights: int, told: str
) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    (tmp_path / ".env").chmod(rights)

    async with setup(discord, tmp_path) as person:
        await person.sees(told if rights or not os.geteuid() else "cannot be read")
        assert await person.ended()

    assert ASKS not in person.shown
