"""Slash commands, shortcuts and buttons: acknowledged once taken in, or after a moment."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog

from adapters.slack import typed
from adapters.slack.history import transcript
from adapters.slack.home import Home
from adapters.slack.incoming import Names, checked, people, to_text
from adapters.slack.markup import mentioned, plain
from adapters.slack.outgoing import escaped
from adapters.slack.windows import QUESTION, ask_window, confirmation, help_window, page
from adapters.slack.workspace import Workspace
from bot.archive import want
from bot.conversation import Author, Channel, Command, Message, Reply
from bot.errors import CommandError, NellieError
from bot.ports import Door

MOMENT = 1.5  # seconds until an acknowledgement, whatever becomes of it
ABOUT = 1_500  # characters of the message that is asked about
NOT_HERE = (
    "I am not in this channel, so I know nothing of it and remember nothing."
    " Bring me in with /invite @Nellie."
)
UNCLEAR = "Ask me what? For example: /nellie ask where is the backup disk?"

Payload = dict[str, Any]
Ack = Callable[..., Awaitable[object]]
T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Interactions:
    """What people do by commands, shortcuts and buttons."""

    workspace: Workspace
    door: Door
    home: Home

    async def command(self, ack: Ack, body: Payload) -> None:
        """/nellie, with whatever follows."""
        await _acknowledged(ack, self._politely(body, self._command(body)))

    async def confirm(self, ack: Ack, body: Payload) -> None:
        """The button under a question "Sure?"."""
        await _acknowledged(ack, self._politely(body, self._confirmed(body)))

    async def cancel(self, ack: Ack, body: Payload) -> None:
        """The other button."""
        await ack()
        await self._tell(body, {"text": "Nothing was changed.", "replace_original": True})

    async def rate(self, ack: Ack, body: Payload) -> None:
        """An opinion on an answer."""
        await _acknowledged(ack, self._politely(body, self._rated(body)))

    async def again(self, ack: Ack, body: Payload) -> None:
        """The button below an answer that is incomplete."""
        await _acknowledged(ack, self._politely(body, self._again(body)))

    async def ask_about(self, ack: Ack, body: Payload) -> None:
        """The shortcut "Ask Nellie about this": a window for the question."""
        await _acknowledged(ack, self._politely(body, self._open_question(body)))

    async def asked_about(self, ack: Ack, body: Payload) -> None:
        """The window was sent off."""
        await _acknowledged(ack, self._politely(body, self._asked_about(body)))

    async def summarize(self, ack: Ack, body: Payload) -> None:
        """The shortcut "Summarize this thread"."""
        await _acknowledged(ack, self._politely(body, self._summarize(body)))

    async def choose(self, ack: Ack, body: Payload) -> None:
        """Another channel was chosen in her home."""
        await ack()
        chosen = want(want(_action(body), "selected_option", dict), "value", str)
        self.workspace.background.start(self.home.show(_person(body), chosen), "showing her home")

    async def help(self, ack: Ack, body: Payload) -> None:
        """The help button of her home."""
        await ack()
        here = Channel("slack", self.workspace.me.team, _person(body), direct=True)
        person = await self.workspace.directory.author(_person(body))
        reply = await self.door.command(Command("help", "", here, person))
        view = help_window(typed.as_typed(reply.text))
        await self.workspace.api.offer(
            "views.open", "windows", trigger_id=want(body, "trigger_id", str), view=view
        )

    async def _command(self, body: Payload) -> None:
        name, arguments = typed.split(want(body, "text", str, ""))
        channel = await self._here(want(body, "channel_id", str))
        person = want(body, "user_id", str)
        if name == "ask":
            words = await self._readable(arguments)
            if not words:
                raise CommandError(reason=UNCLEAR)
            question = f"command-{want(body, 'trigger_id', str)}"
            await self._ask(channel, person, words, question, want(body, "response_url", str))
            return
        await self._carry_out(body, Command(name, arguments, channel, Author(person, "")))

    async def _confirmed(self, body: Payload) -> None:
        name, _, arguments = want(_action(body), "value", str).partition(" ")
        channel = await self._here(_place(body))
        asked = Command(name, arguments, channel, Author(_person(body), ""))
        await self._carry_out(body, asked, again=True)

    async def _carry_out(self, body: Payload, asked: Command, *, again: bool = False) -> None:
        """Do what a command says; `again`, its answer stands in the place of the question."""
        directory, channel, person = self.workspace.directory, asked.channel, asked.person.id
        command = replace(
            asked,
            arguments=await self._readable(asked.arguments),
            person=await directory.author(person),
            admin=channel.direct or await directory.may(person, channel.id),
        )
        reply = await self.door.command(command)
        if reply.attachment:
            reply = await self._hand_over(reply, channel, person)
        text = typed.as_typed(reply.text)
        sure = f"{asked.name} {reply.confirm}"
        content = {
            "text": escaped(text)[:3_000],
            "blocks": confirmation(text, sure) if reply.confirm else page(text),
            "replace_original": again and reply.private,
            "response_type": "ephemeral" if reply.private else "in_channel",
        }
        await self._tell(body, content)

    async def _hand_over(self, reply: Reply, channel: Channel, person: str) -> Reply:
        """A file goes to the person's own messages: nobody else sees it there."""
        from slack_sdk.errors import SlackApiError

        api = self.workspace.api
        try:
            opened = await api.write("conversations.open", users=person)
            to = want(want(opened, "channel", dict), "id", str)
            await api.client.files_upload_v2(
                channel=to, content=reply.attachment, filename=f"nellie-{channel.id}.jsonl",
                initial_comment=f"What I remember of {channel.name or channel.id}.",
            )  # fmt: skip
        except (SlackApiError, NellieError) as error:
            log.warning("slack: a file was not handed over", to_have_it="files:write, im:write")
            reason = "I may not send files here: that needs the scopes files:write and im:write."
            raise CommandError(reason=reason) from error
        return Reply(f"{reply.text} The file is in your messages with me.")

    async def _rated(self, body: Payload) -> None:
        opinion, _, turn = want(_action(body), "value", str).partition(" ")
        if opinion not in {"good", "bad"} or not turn.isdecimal() or len(turn) > 18:
            raise ValueError("its value is no opinion")
        person = await self.workspace.directory.author(_person(body))
        await self.door.rate(int(turn), person, good=opinion == "good")

    async def _again(self, body: Payload) -> None:
        turn = want(_action(body), "value", str)
        if not turn.isdecimal() or len(turn) > 18:
            raise ValueError("its value is no turn")
        if not await self.door.again(int(turn)):
            raise CommandError(reason="This was answered, or taken back: please ask anew.")

    async def _open_question(self, body: Payload) -> None:
        message = checked(want(body, "message", dict))
        channel = await self._here(_place(body))
        names = await self.workspace.directory.names(people(message))
        about = {
            "channel": channel.id,
            "url": want(body, "response_url", str, ""),
            "text": to_text(message, self.workspace.me, Names(names))[:ABOUT],
            "by": names.get(message.get("user", ""), ""),
        }
        window = ask_window(json.dumps(about))
        trigger = want(body, "trigger_id", str)
        await self.workspace.api.write("views.open", trigger_id=trigger, view=window)

    async def _asked_about(self, body: Payload) -> None:
        view = want(body, "view", dict)
        about = _about(body)
        values = want(want(view, "state", dict), "values", dict)
        said = want(want(want(values, QUESTION, dict), QUESTION, dict), "value", str)
        text = f"About this message{_by(about)}: “{want(about, 'text', str)}”\n\n{said}"
        channel = await self._here(want(about, "channel", str))
        question = f"window-{want(view, 'id', str)}"
        await self._ask(channel, _person(body), text, question, want(about, "url", str, ""))

    async def _summarize(self, body: Payload) -> None:
        message = checked(want(body, "message", dict))
        channel = await self._here(_place(body))
        root = message.get("thread_ts") or want(message, "ts", str)
        said = transcript(await self.workspace.history.thread(channel, root))
        if not said:
            raise CommandError(reason="There is nothing in this thread that I can read.")
        question = f"shortcut-{want(body, 'trigger_id', str)}"
        url = want(body, "response_url", str, "")
        text = f"Summarize this thread in a few lines:\n\n{said}"
        await self._ask(channel, _person(body), text, question, url)

    async def _ask(self, channel: Channel, person: str, text: str, id_: str, url: str) -> None:
        """A question whose answer is for the asker alone; it is never remembered."""
        author = await self.workspace.directory.author(person)
        if url:
            self.workspace.whispers.keep(id_, url)
        now = datetime.now(UTC)
        asked = Message(channel, id_, author, text, now, addressed=True, private=True)
        await self.door.receive(asked)

    async def _here(self, id_: str) -> Channel:
        """The channel, where she is in it. Raises CommandError."""
        room = await self.workspace.directory.room(id_)
        if room is None or not room.member:
            self.workspace.directory.forget(id_)
            raise CommandError(reason=NOT_HERE)
        return self.workspace.directory.channel(id_)

    async def _readable(self, text: str) -> str:
        names = await self.workspace.directory.names(mentioned(text))
        return plain(text, names, self.workspace.directory.room_names(text)).strip()

    async def _politely(self, body: Payload, work: Awaitable[None]) -> None:
        """What goes wrong is said to whoever asked, and to nobody else."""
        try:
            await work
        except NellieError as error:
            said = {"text": escaped(typed.as_typed(str(error)))}
            await self._tell(body, {**said, "response_type": "ephemeral"})

    async def _tell(self, body: Payload, content: Payload) -> None:
        """Answer where Slack said, which is what a window keeps of the shortcut that opened it."""
        address = want(body, "response_url", str, "")
        if not address and "view" in body:
            address = want(_about(body), "url", str, "")
        content = {"replace_original": False, **content}
        if not await self.workspace.api.respond(address, content):
            log.warning("slack: a command's answer was not taken", type=str(body.get("type"))[:60])


async def _acknowledged(ack: Ack, work: Awaitable[T]) -> T:
    """Do it; Slack is told when it is done, or after a moment, so that it shows no error."""
    task = asyncio.ensure_future(work)
    await asyncio.wait([task], timeout=MOMENT)
    await ack()
    return await task


def _about(body: Payload) -> Payload:
    """What the window of a question keeps of the message that it is about."""
    found = json.loads(want(want(body, "view", dict), "private_metadata", str))
    if not isinstance(found, dict):
        raise ValueError("its window is none of ours")
    return found


def _by(about: Payload) -> str:
    name = want(about, "by", str, "")
    return f" by {name}" if name else ""


def _action(body: Payload) -> Payload:
    actions = want(body, "actions", list)
    if not actions or not isinstance(actions[0], dict):
        raise ValueError("it has no action")
    return actions[0]


def _person(body: Payload) -> str:
    return want(want(body, "user", dict), "id", str)


def _place(body: Payload) -> str:
    return want(want(body, "channel", dict), "id", str)
