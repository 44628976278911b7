"""The contract of adapters: ours keep it, and an adapter that breaks a rule is told which."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack

import pytest
from doubles.discord_server.server import Discord
from doubles.mailbox import Mailbox
from doubles.slack_server import BOT_ID, Slack
from doubles.slack_server.shapes import visible_text

from adapters.discord.adapter import DiscordAdapter
from adapters.slack.adapter import SlackAdapter
from bot.testing import ADAPTER_CONTRACT, AdapterCheck, PlatformUnderTest


class SlackUnderTest:
    """Our adapter on the Slack that our tests have."""

    acknowledges = True

    def __init__(self, slack: Slack) -> None:
        adapter = SlackAdapter.configured(slack.environ)
        assert adapter
        self.adapter = adapter
        self._slack = slack

    async def say(self, text: str) -> str:
        return self._slack.say("U1", "C1", f"@nellie {text}")

    def acknowledged(self, message_id: str) -> bool:
        return any(
            envelope.acknowledged
            for envelope in self._slack.delivery.envelopes
            if envelope.payload.get("event", {}).get("ts") == message_id
        )

    def posts(self) -> Mapping[str, str]:
        messages = self._slack.rooms["C1"].messages.values()
        return {one["ts"]: visible_text(one) for one in messages if one.get("bot_id") == BOT_ID}


class DiscordUnderTest:
    """Our adapter on the Discord that our tests have."""

    acknowledges = False

    def __init__(self, discord: Discord) -> None:
        adapter = DiscordAdapter.configured(discord.environ)
        assert adapter
        self.adapter = adapter
        self._discord = discord

    async def say(self, text: str) -> str:
        words = f"{self._discord.bot.mention} {text}"
        return self._discord.say(self._discord.ana, self._discord.general, words).id

    def acknowledged(self, message_id: str) -> bool:
        return False  # Discord is told of no message

    def posts(self) -> Mapping[str, str]:
        return {post.id: post.text for post in self._discord.of_bot(self._discord.general)}


@pytest.fixture
async def platform(request: pytest.FixtureRequest) -> AsyncIterator[PlatformUnderTest]:
    async with AsyncExitStack() as stack:
        match request.param:
            case "slack":
                yield SlackUnderTest(await stack.enter_async_context(Slack()))
            case "discord":
                yield DiscordUnderTest(await stack.enter_async_context(Discord()))
            case "mailbox":
                yield Mailbox()


@pytest.mark.parametrize("platform", ["slack", "discord", "mailbox"], indirect=True)
@pytest.mark.parametrize("check", ADAPTER_CONTRACT, ids=lambda check: check.__name__)
async def test_our_adapters_keep_the_contract(
    platform: PlatformUnderTest, check: AdapterCheck
) -> None:
    await check(platform)


FAULTS = {
    "invents ids": ("gives_each_message_the_platforms_id", "platform's id letter-1"),
    "names another platform": ("gives_each_message_the_platforms_id", "not 'mailbox'"),
    "acknowledges too early": ("acknowledges_only_what_was_received", "before `receive` had ret"),
    "acknowledges what was not stored": (
        "acknowledges_nothing_that_was_not_stored",
        "raised DatabaseUnavailable",
    ),
    "asks for no lease": ("posts_nothing_without_the_lease", "does not raise the Fenced"),
    "asks for the lease once": ("posts_nothing_more_once_the_lease_is_lost", "the Fenced"),
    "records nothing": ("records_what_it_posts", "was told of no post"),
    "shows the first piece only": ("records_what_it_posts", "what stands there is"),
    "posts again": ("replaces_its_posts_in_place", "were to be replaced"),
    "finds nothing": ("replaces_its_posts_in_place", "were to be replaced"),
    "sees nothing": ("tells_what_stands", "`ids` lacks it"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_adapter_that_breaks_a_rule_is_told_which(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.testing.adapter_contract.PATIENCE", 0.5)
    name, message = FAULTS[fault]
    [check] = [check for check in ADAPTER_CONTRACT if check.__name__ == name]

    with pytest.raises(AssertionError) as raised:
        await check(Mailbox(fault))

    assert message in str(raised.value)


def test_every_rule_of_the_contract_is_broken_by_some_fault() -> None:
    assert {name for name, _ in FAULTS.values()} == {check.__name__ for check in ADAPTER_CONTRACT}
