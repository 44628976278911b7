"""What people do with buttons, shortcuts and views."""

import json

from adapters.kit import button_presses
from adapters.slack.command_syntax import add_prefix
from adapters.slack.commands import SlashCommands, joined_channel
from adapters.slack.consent_buttons import ConsentButtons
from adapters.slack.ephemeral import ask_privately
from adapters.slack.go_on_button import GoOnButton
from adapters.slack.home import Home
from adapters.slack.incoming import check_fields, to_text
from adapters.slack.outgoing import escape
from adapters.slack.payloads import (
    Payload,
    action_of,
    action_value,
    channel_of,
    person_of,
    response_url_of,
    to_turn_id,
    view_metadata,
)
from adapters.slack.quoted import ABOUT_MESSAGE, ABOUT_THREAD, GONE_MESSAGE, read_about
from adapters.slack.responses import Ack, Responses
from adapters.slack.task_shortcuts import TaskShortcuts
from adapters.slack.views import QUESTION, help_view, question_view
from adapters.slack.workspace import Workspace
from bot.domain.errors import CommandError
from bot.domain.model import Author, Channel, Command
from bot.domain.ports import Commands, Inbox, TurnControl
from bot.text.json_fields import read_field

SUMMARIZE_THREAD = "Summarize this thread in a few lines."
EMPTY_THREAD = "There is nothing in this thread that I can read."


class Interactions:
    """The buttons, shortcuts and views, by their names in Slack."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        responses: Responses,
        inbox: Inbox,
        turns: TurnControl,
        commands: Commands,
        slash_commands: SlashCommands,
        home: Home,
    ) -> None:
        self._workspace = workspace
        self._responses = responses
        self._inbox = inbox
        self._turns = turns
        self._commands = commands
        self._slash_commands = slash_commands
        self._home = home
        self.go_on_button = GoOnButton(workspace, responses, turns)
        self.task_shortcuts = TaskShortcuts(workspace, responses, slash_commands)
        self.consent_buttons = ConsentButtons(workspace, responses, turns)

    async def confirm(self, ack: Ack, body: Payload) -> None:
        """The button Yes under a command that asks first."""
        await self._responses.run(ack, body, self._confirm(body))

    async def cancel(self, ack: Ack, body: Payload) -> None:
        """The button No beside it."""
        await self._responses.run(ack, body, self._cancel(body))

    async def rate(self, ack: Ack, body: Payload) -> None:
        """The buttons for ratings, under an answer."""
        await self._responses.run(ack, body, self._rate(body))

    async def retry(self, ack: Ack, body: Payload) -> None:
        """The button Retry under an incomplete answer."""
        await self._responses.run(ack, body, self._retry(body))

    async def stop(self, ack: Ack, body: Payload) -> None:
        """The button Stop of a private answer that takes long."""
        await self._responses.run(ack, body, self._stop(body))

    async def unknown(self, ack: Ack, body: Payload) -> None:
        """A button, a shortcut or a view of an earlier version."""
        await self._responses.run(ack, body, self._unknown())

    async def ask_about(self, ack: Ack, body: Payload) -> None:
        """The shortcut "Ask Nellie about this": it opens a view for the question."""
        await self._responses.run(ack, body, self._ask_about(body))

    async def submit_question(self, ack: Ack, body: Payload) -> None:
        """The view with the question was submitted."""
        await self._responses.run(ack, body, self._submit_question(body))

    async def summarize(self, ack: Ack, body: Payload) -> None:
        """The shortcut "Summarize this thread"."""
        await self._responses.run(ack, body, self._summarize(body))

    async def choose_channel(self, ack: Ack, body: Payload) -> None:
        """Another channel was chosen in the home tab."""
        await self._responses.run(ack, body, self._choose_channel(body))

    async def help(self, ack: Ack, body: Payload) -> None:
        """The button Help of the home tab."""
        await self._responses.run(ack, body, self._help(body))

    async def _confirm(self, body: Payload) -> None:
        name, _, arguments = action_value(body).partition(" ")
        channel = await joined_channel(self._workspace.directory, channel_of(body))
        command = Command(name, arguments, channel, Author(person_of(body), ""))
        await self._slash_commands.carry_out(body, command, confirmed=True)

    async def _cancel(self, body: Payload) -> None:
        channel = await joined_channel(self._workspace.directory, channel_of(body))
        command = Command("no", "", channel, Author(person_of(body), ""))
        await self._slash_commands.carry_out(body, command, confirmed=True)

    async def _rate(self, body: Payload) -> None:
        rating, _, turn_id = action_value(body).partition(" ")
        if rating not in {"good", "bad"}:
            raise ValueError("its value is no rating")
        person = await self._workspace.directory.author(person_of(body))
        thanks = await button_presses.rate(
            self._turns, to_turn_id(turn_id), person, good=rating == "good"
        )
        await self._responses.tell(body, thanks)

    async def _retry(self, body: Payload) -> None:
        await button_presses.retry(self._turns, to_turn_id(action_value(body)))

    async def _stop(self, body: Payload) -> None:
        person = person_of(body)
        try:
            await button_presses.stop(
                self._turns,
                to_turn_id(action_value(body)),
                may_stop=lambda turn: turn.asker.id in {"", person},
                who="who asked",
            )
        except CommandError as error:  # with the sentence, the button goes that does nothing more
            ended = {"text": escape(str(error)), "replace_original": True}
            if not await self._responses.respond(body, ended):
                raise
        else:
            await self._responses.respond(body, {"delete_original": True})

    async def _unknown(self) -> None:
        raise CommandError(reason=button_presses.UNKNOWN)

    async def _ask_about(self, body: Payload) -> None:
        message = check_fields(read_field(body, "message", dict))
        directory = self._workspace.directory
        channel = await joined_channel(directory, channel_of(body))
        await self._workspace.members.require(channel, person_of(body))
        names = await directory.names_in([message], channel.id)
        metadata = {
            "channel": channel.id,
            "url": read_field(body, "response_url", str, ""),
            "about": read_field(message, "ts", str),
        }
        author = names.people.get(message.get("user", ""), "")
        text = to_text(message, self._workspace.identity, names)
        shown = f"{author}: {text}" if author else text
        await self._workspace.api.write(
            "views.open",
            trigger_id=read_field(body, "trigger_id", str),
            view=question_view(json.dumps(metadata), shown),
        )

    async def _submit_question(self, body: Payload) -> None:
        view, metadata = read_field(body, "view", dict), view_metadata(body)
        values = read_field(read_field(view, "state", dict), "values", dict)
        question = read_field(
            read_field(read_field(values, QUESTION, dict), QUESTION, dict), "value", str
        )
        channel = await joined_channel(
            self._workspace.directory, read_field(metadata, "channel", str)
        )
        about = read_field(metadata, "about", str)
        await self._check_readable(channel, about, ABOUT_MESSAGE, otherwise=GONE_MESSAGE)
        id_ = f"{ABOUT_MESSAGE}-{read_field(view, 'id', str)}"
        await self._ask(body, channel, question, question_id=id_, about=about)

    async def _summarize(self, body: Payload) -> None:
        message = check_fields(read_field(body, "message", dict))
        channel = await joined_channel(self._workspace.directory, channel_of(body))
        await self._workspace.members.require(channel, person_of(body))
        root = message.get("thread_ts") or read_field(message, "ts", str)
        await self._check_readable(channel, root, ABOUT_THREAD, otherwise=EMPTY_THREAD)
        id_ = f"{ABOUT_THREAD}-{read_field(body, 'trigger_id', str)}"
        await self._ask(body, channel, SUMMARIZE_THREAD, question_id=id_, about=root)

    async def _check_readable(
        self, channel: Channel, ts: str, kind: str, *, otherwise: str
    ) -> None:
        if not await read_about(self._workspace.history, channel, ts, kind):
            raise CommandError(reason=otherwise)

    async def _ask(
        self, body: Payload, channel: Channel, text: str, *, question_id: str, about: str
    ) -> None:
        await self._workspace.members.require(channel, person_of(body))
        await ask_privately(
            workspace=self._workspace,
            inbox=self._inbox,
            channel=channel,
            person=person_of(body),
            text=text,
            question_id=question_id,
            response_url=response_url_of(body),
            about=about,
        )

    async def _choose_channel(self, body: Payload) -> None:
        chosen = read_field(read_field(action_of(body), "selected_option", dict), "value", str)
        await self._home.publish(person_of(body), chosen)

    async def _help(self, body: Payload) -> None:
        person = person_of(body)
        reply = await self._commands.run(
            Command(
                name="help",
                arguments="",
                channel=Channel("slack", self._workspace.identity.team_id, person, direct=True),
                person=await self._workspace.directory.author(person),
            )
        )
        await self._workspace.api.try_write(
            "views.open",
            feature="views",
            trigger_id=read_field(body, "trigger_id", str),
            view=help_view(add_prefix(reply.text)),
        )
