"""/nellie, with whatever follows it."""

from collections.abc import Mapping
from dataclasses import replace

import structlog
from slack_sdk.errors import SlackApiError

from adapters.slack.command_syntax import add_prefix, split_command
from adapters.slack.directory import Directory
from adapters.slack.ephemeral import ask_privately
from adapters.slack.markup import (
    keep_mentions,
    linked_channels,
    mentioned_people,
    to_plain_text,
)
from adapters.slack.message_text import tellable
from adapters.slack.outgoing import fallback_text
from adapters.slack.payloads import Payload
from adapters.slack.pings import read_pings
from adapters.slack.responses import Ack, Responses
from adapters.slack.views import BUTTON_VALUE, confirmation, text_blocks
from adapters.slack.workspace import Workspace
from bot.domain.errors import CommandError, NellieError
from bot.domain.model import Author, Channel, Command, Reply
from bot.domain.ports import Commands, Inbox
from bot.text.json_fields import read_field

NOT_A_MEMBER = (
    "I am not in this channel, so I know nothing of it and remember nothing."
    " Bring me in with /invite @Nellie."
)
PINGING = {"rules"}  # commands that are told whom to ping
DECIDED_BY_IDS = {"memory"}  # commands that mean the people whom they mention, not their names
AS_WRITTEN = {"summarize", "translate", "sentiment", "extract"}
"""Commands whose replies hold people's own words, in which /help is no command of ours."""
NO_QUESTION = "Ask me what? For example: /nellie ask where is the backup disk?"
NO_FILES = "I may not send files here: that needs the scopes files:write and im:write."
TOO_LONG = "That is too long to be confirmed: use fewer words."

log = structlog.get_logger(__name__, platform="slack")


class SlashCommands:
    """Carries out commands, and shows their replies."""

    def __init__(
        self, *, workspace: Workspace, responses: Responses, inbox: Inbox, commands: Commands
    ) -> None:
        self._workspace = workspace
        self._responses = responses
        self._inbox = inbox
        self._commands = commands

    async def command(self, ack: Ack, body: Payload) -> None:
        """A person typed /nellie."""
        await self._responses.run(ack, body, self._command(body))

    async def carry_out(self, body: Payload, command: Command, *, confirmed: bool = False) -> None:
        """Carry out a command; once `confirmed`, its reply replaces the question."""
        if not confirmed:  # what a button knows was understood when it was typed
            command = replace(command, arguments=await self._understand(command))
        reply = await self._commands.run(await self._complete(command))
        if reply.attachment:
            reply = await self._send_file(reply, command.channel, command.person.id)
        text = reply.text if command.name in AS_WRITTEN else add_prefix(reply.text)
        value = f"{command.name} {reply.confirm}"
        if len(value) > BUTTON_VALUE:
            raise CommandError(reason=TOO_LONG)
        content = {
            "text": fallback_text(text),
            "blocks": confirmation(text, value) if reply.confirm else text_blocks(text),
            "replace_original": confirmed and reply.private,
            "response_type": "ephemeral" if reply.private else "in_channel",
        }
        await self._responses.respond(body, content)

    async def _command(self, body: Payload) -> None:
        name, arguments = split_command(read_field(body, "text", str, ""))
        channel = await joined_channel(
            self._workspace.directory, read_field(body, "channel_id", str)
        )
        person = read_field(body, "user_id", str)
        if name == "ask":
            await self._ask(body, channel, person, arguments)
        else:
            await self.carry_out(body, Command(name, arguments, channel, Author(person, "")))

    async def _ask(self, body: Payload, channel: Channel, person: str, arguments: str) -> None:
        question = await self._readable(arguments)
        if not question:
            raise CommandError(reason=NO_QUESTION)
        await self._workspace.members.require(channel, person)
        await ask_privately(
            workspace=self._workspace,
            inbox=self._inbox,
            channel=channel,
            person=person,
            text=question,
            question_id=f"command-{read_field(body, 'trigger_id', str)}",
            response_url=read_field(body, "response_url", str, ""),
        )

    async def _complete(self, command: Command) -> Command:
        """The command with the person's name and rights, and whether they can read the channel."""
        directory, channel, person = self._workspace.directory, command.channel, command.person.id
        return replace(
            command,
            whispered=True,
            person=await directory.author(person),
            admin=channel.direct or await directory.is_admin(person, channel.id),
            zone=await directory.time_zone(person),
            refusal=await self._workspace.members.refusal_for(channel, person),
        )

    async def _understand(self, command: Command) -> str:
        """The arguments without Slack's markup."""
        if command.name in PINGING:
            names = await self._workspace.directory.names(mentioned_people(command.arguments))
            return read_pings(command.arguments, names).strip()
        if command.name not in DECIDED_BY_IDS:
            return await self._readable(command.arguments)
        channels = await self._channel_names(command.arguments)
        return keep_mentions(command.arguments, channels).strip()

    async def _send_file(self, reply: Reply, channel: Channel, person: str) -> Reply:
        """Send a file to the person's own messages: nobody else sees it there."""
        api = self._workspace.api
        try:
            opened = await api.write("conversations.open", users=person)
            await api.send_file(
                channel=read_field(read_field(opened, "channel", dict), "id", str),
                filename=f"nellie-{channel.id}.jsonl",
                content=reply.attachment,
                comment="What I remember of the channel where you asked.",
            )
        except (SlackApiError, NellieError) as error:
            log.warning("file_not_sent", fix="add the scopes files:write and im:write")
            raise CommandError(reason=NO_FILES) from error
        return Reply(f"{reply.text} The file is in your messages with me.")

    async def _readable(self, text: str) -> str:
        names = await self._workspace.directory.names(mentioned_people(text))
        return to_plain_text(text, names, await self._channel_names(text)).strip()

    async def _channel_names(self, text: str) -> Mapping[str, str]:
        directory = self._workspace.directory
        return tellable(text, await directory.channel_names(linked_channels(text), here=""))


async def joined_channel(directory: Directory, id_: str) -> Channel:
    """The channel of memory, where Nellie is a member. Raises CommandError where it is not."""
    conversation = await directory.conversation(id_)
    if conversation is None or not conversation.member:
        directory.forget(id_)
        raise CommandError(reason=NOT_A_MEMBER)
    return directory.channel(id_)
