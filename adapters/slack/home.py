"""The home tab: what is remembered where, how a channel is set, what it used, and help."""

from typing import Any

from adapters.slack.command_syntax import add_prefix
from adapters.slack.views import SECTION, plain_text
from adapters.slack.workspace import Workspace
from bot.domain.errors import NellieError
from bot.domain.model import Author, Channel, Command
from bot.domain.ports import Commands, Inbox

CHOOSE_CHANNEL = "home_channel"
HELP = "home_help"
LISTED = 10  # channels with what is remembered of them
MOST_CHOICES = 100
MOST_BLOCKS = 100
SETTINGS = (("model", "show"), ("persona", "show"), ("usage", ""))
HINT = "Mention me to ask something. What I hold of a channel: /nellie memory show."

Block = dict[str, Any]


class Home:
    """Shows each person the channels that they share with Nellie, and no others."""

    def __init__(self, *, workspace: Workspace, inbox: Inbox, commands: Commands) -> None:
        self._workspace = workspace
        self._inbox = inbox
        self._commands = commands

    async def publish(self, person: str, chosen: str = "") -> None:
        """Publish the tab as it is for this person now, with the settings of a chosen channel."""
        async with self._workspace.api.session():
            author = await self._workspace.directory.author(person)
            channels = await self._list_shared(person)
            first = channels[0] if channels else None
            channel = next((one for one in channels if one.id == chosen), first)
            memory = [
                (one, await self._first_line("memory", "show", one, author))
                for one in channels[:LISTED]
            ]
            settings = await self._settings(channel, author) if channel else []
            await self._workspace.api.try_write(
                "views.publish",
                feature="home tab",
                user_id=person,
                view=home_view(memory, channels, channel, settings),
            )

    async def _list_shared(self, person: str) -> list[Channel]:
        team_id = self._workspace.identity.team_id
        remembered = await self._inbox.known_channels("slack", team_id)
        try:
            shared = await self._workspace.directory.list_shared_with(person)
        except NellieError:
            return []  # rather none than a channel that is not theirs
        return [channel for channel in remembered if channel.id in shared]

    async def _settings(self, channel: Channel, author: Author) -> list[str]:
        return [
            await self._first_line(name, arguments, channel, author) for name, arguments in SETTINGS
        ]

    async def _first_line(self, name: str, arguments: str, channel: Channel, author: Author) -> str:
        try:
            reply = await self._commands.run(Command(name, arguments, channel, author))
        except NellieError as error:
            return str(error)
        return reply.text if name == "usage" else reply.text.partition("\n")[0]


def home_view(
    memory: list[tuple[Channel, str]],
    channels: list[Channel],
    chosen: Channel | None,
    settings: list[str],
) -> Block:
    """The tab. Pure."""
    blocks: list[Block] = [{"type": "header", "text": plain_text("What I remember")}]
    blocks += [_section(f"{channel_label(channel)}: {line}") for channel, line in memory]
    if not memory:
        blocks.append(_section("Nothing yet. Invite me into a channel, or write to me."))
    if chosen:
        blocks += _settings_blocks(channels, chosen, settings)
    button = {"type": "button", "action_id": HELP, "text": plain_text("Help")}
    blocks += [{"type": "divider"}, _section(HINT), {"type": "actions", "elements": [button]}]
    return {"type": "home", "blocks": blocks[:MOST_BLOCKS]}


def channel_label(channel: Channel) -> str:
    """A channel as people know it."""
    if channel.direct:
        return "Our direct messages"
    return f"#{channel.name}" if channel.name else channel.id


def _settings_blocks(channels: list[Channel], chosen: Channel, settings: list[str]) -> list[Block]:
    options = [
        {"text": plain_text(channel_label(channel)[:70]), "value": channel.id}
        for channel in channels[:MOST_CHOICES]
    ]
    select = {
        "type": "static_select",
        "action_id": CHOOSE_CHANNEL,
        "options": options,
        "placeholder": plain_text("Another channel"),
    }
    return [
        {"type": "divider"},
        {"type": "header", "text": plain_text(channel_label(chosen)[:140])},
        *(_section(line) for line in settings),
        {"type": "actions", "elements": [select]},
    ]


def _section(text: str) -> Block:
    return {"type": "section", "text": plain_text(add_prefix(text)[:SECTION] or "-")}
