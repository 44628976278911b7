"""What a message's menu does with its text; what else is to be known, a view asks."""

import json
from dataclasses import dataclass

from adapters.slack.commands import SlashCommands, joined_channel
from adapters.slack.incoming import check_fields
from adapters.slack.payloads import Payload, channel_of, person_of, view_metadata
from adapters.slack.quoted import ABOUT_MESSAGE, GONE_MESSAGE, read_about
from adapters.slack.responses import Ack, Responses
from adapters.slack.views import ASKED, asking_view
from adapters.slack.workspace import Workspace
from bot.domain.errors import CommandError
from bot.domain.model import Author, Channel, Command, Message
from bot.text.json_fields import read_field

SENTIMENT = "sentiment_message"


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that has to know one thing more."""

    command: str
    title: str
    label: str
    hint: str


ASKING = {
    "translate_message": Asked(
        "translate", "Translate this", "Into which language?", "German, deutsch, 日本語, pt-BR"
    ),
    "classify_message": Asked(
        "classify",
        "Classify this",
        "Which labels?",
        "bug, praise, question; or the name of labels that are kept here",
    ),
}
"""By the shortcut that opens its view, and the view itself."""


@dataclass(frozen=True, slots=True)
class TaskShortcuts:
    """Shortcuts that run a command with the message on which they were used."""

    workspace: Workspace
    responses: Responses
    slash_commands: SlashCommands

    async def sentiment(self, ack: Ack, body: Payload) -> None:
        """The shortcut "Sentiment of this"."""
        await self.responses.run(ack, body, self._sentiment(body))

    async def open(self, ack: Ack, body: Payload) -> None:
        """A shortcut that asks for something more: it opens a view."""
        await self.responses.run(ack, body, self._open(body))

    async def submit(self, ack: Ack, body: Payload) -> None:
        """Its view was submitted."""
        await self.responses.run(ack, body, self._submit(body))

    async def _sentiment(self, body: Payload) -> None:
        channel, ts = await self._place(body)
        await self._run(body, "sentiment", "", channel, ts)

    async def _open(self, body: Payload) -> None:
        channel, ts = await self._place(body)
        callback = read_field(body, "callback_id", str)
        asked = ASKING[callback]
        url = read_field(body, "response_url", str, "")
        await self.workspace.api.write(
            "views.open",
            trigger_id=read_field(body, "trigger_id", str),
            view=asking_view(
                callback,
                json.dumps({"channel": channel.id, "url": url, "about": ts}),
                title=asked.title,
                label=asked.label,
                hint=asked.hint,
            ),
        )

    async def _submit(self, body: Payload) -> None:
        view, metadata = read_field(body, "view", dict), view_metadata(body)
        asked = ASKING[read_field(view, "callback_id", str)]
        values = read_field(read_field(view, "state", dict), "values", dict)
        typed = read_field(read_field(read_field(values, ASKED, dict), ASKED, dict), "value", str)
        channel = await joined_channel(
            self.workspace.directory, read_field(metadata, "channel", str)
        )
        about = read_field(metadata, "about", str)
        await self._run(body, asked.command, f"{typed}:", channel, about)

    async def _run(
        self, body: Payload, name: str, arguments: str, channel: Channel, ts: str
    ) -> None:
        person = person_of(body)
        await self.workspace.members.require(channel, person)
        about = await self._message(channel, ts)
        command = Command(name, arguments, channel, Author(person, ""), about=about)
        await self.slash_commands.carry_out(body, command)

    async def _message(self, channel: Channel, ts: str) -> Message:
        """The message as it stands now."""
        found = await read_about(self.workspace.history, channel, ts, ABOUT_MESSAGE)
        if not found:
            raise CommandError(reason=GONE_MESSAGE)
        return found[-1]

    async def _place(self, body: Payload) -> tuple[Channel, str]:
        """Where the message stands, for somebody who may read it there."""
        message = check_fields(read_field(body, "message", dict))
        channel = await joined_channel(self.workspace.directory, channel_of(body))
        await self.workspace.members.require(channel, person_of(body))
        return channel, read_field(message, "ts", str)
