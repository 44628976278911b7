"""Her home tab: what she remembers where, how a channel is set, what it used, and help."""

from dataclasses import dataclass
from typing import Any

from adapters.slack.typed import as_typed
from adapters.slack.windows import SECTION, words
from adapters.slack.workspace import Workspace
from bot.conversation import Author, Channel, Command
from bot.errors import NellieError
from bot.ports import Door

CHOOSE = "home_channel"
HELP = "home_help"
LISTED = 10  # channels with what is remembered of them
CHOICES = 100
SETTINGS = (("model", "show"), ("persona", "show"), ("usage", ""))

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Home:
    """Shows each person the channels that they and she are in, and no others."""

    workspace: Workspace
    door: Door

    async def show(self, person: str, chosen: str = "") -> None:
        """Publish the tab as it is for this person now."""
        workspace = self.workspace
        async with workspace.api.open():
            author = await workspace.directory.author(person)
            channels = await self._shared(person)
            first = channels[0] if channels else None
            at = next((one for one in channels if one.id == chosen), first)
            memory = [
                (one, await self._line("memory", "show", one, author)) for one in channels[:LISTED]
            ]
            settings = [await self._line(*what, at, author) for what in SETTINGS] if at else []
            await workspace.api.offer(
                "views.publish", "home tab", user_id=person,
                view=view(memory, channels, at, settings),
            )  # fmt: skip

    async def _shared(self, person: str) -> list[Channel]:
        remembered = await self.door.channels_of("slack", self.workspace.me.team)
        try:
            theirs = await self.workspace.directory.shared_with(person)
        except NellieError:
            return []  # rather nothing than a channel that is none of theirs
        return [one for one in remembered if one.id in theirs]

    async def _line(self, name: str, arguments: str, channel: Channel, author: Author) -> str:
        try:
            reply = await self.door.command(Command(name, arguments, channel, author))
        except NellieError as error:
            return str(error)
        return reply.text if name == "usage" else reply.text.partition("\n")[0]


def view(
    memory: list[tuple[Channel, str]],
    channels: list[Channel],
    chosen: Channel | None,
    settings: list[str],
) -> Block:
    """The tab. Pure."""
    blocks: list[Block] = [{"type": "header", "text": words("What I remember")}]
    blocks += [_section(f"{label(channel)}: {line}") for channel, line in memory]
    if not memory:
        blocks.append(_section("Nothing yet. Invite me into a channel, or write to me."))
    if chosen:
        blocks += [{"type": "divider"}, {"type": "header", "text": words(label(chosen)[:140])}]
        blocks += [_section(line) for line in settings]
        options = [{"text": words(label(one)[:70]), "value": one.id} for one in channels[:CHOICES]]
        choice = {
            "type": "static_select", "action_id": CHOOSE, "options": options,
            "placeholder": words("Another channel"),
        }  # fmt: skip
        blocks.append({"type": "actions", "elements": [choice]})
    tell = "Mention me to ask something. What I hold of a channel: /nellie memory show."
    button = {"type": "button", "action_id": HELP, "text": words("Help")}
    blocks += [
        {"type": "divider"},
        _section(tell),
        {"type": "actions", "elements": [button]},
    ]
    return {"type": "home", "blocks": blocks[:CHOICES]}


def label(channel: Channel) -> str:
    """A channel as people know it."""
    if channel.direct:
        return "Our direct messages"
    return f"#{channel.name}" if channel.name else channel.id


def _section(text: str) -> Block:
    return {"type": "section", "text": words(as_typed(text)[:SECTION] or "-")}
