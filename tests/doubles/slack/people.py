"""What people do in the workspace, and what the app is told of it."""

import re
import time
from collections.abc import Sequence
from typing import Any

from doubles.slack.delivery import Delivery, Envelope
from doubles.slack.workspace import (
    APP,
    NELLIE,
    TEAM,
    Json,
    Person,
    Room,
    Workspace,
    number,
    rich,
)  # fmt: skip

_COUNTED = ("metadata", "reply_users", "reply_count", "latest_reply", "reply_users_count")
_UNTOLD = {
    "thread_broadcast": ("team", "parent_user_id"),
    "file_share": ("team", "client_msg_id"),
    "bot_message": ("team",),
    "me_message": ("team", "client_msg_id"),
}
"""What events leave out: always, and by subtype."""
VERIFICATION = "verification-token-of-the-double"


class People(Workspace):
    """Verbs return at once: `await slack.settled()` waits until the app has acknowledged."""

    delivery: Delivery
    url: str
    events: frozenset[str] | None
    quiet: bool
    touch: Any

    def person(self, name: str, **more: Any) -> Person:
        """A new person; their id is U and a number."""
        made = Person(f"U{len(self.people) + 100}", name, **more)
        self.people[made.id] = made
        return made

    def channel(self, name: str, *, kind: str = "channel", nellie: bool = True) -> str:
        """A new channel (or private one: "group") with everybody in it; returns its id."""
        members = [one for one in self.people if nellie or one != NELLIE]
        room = Room(number("C"), name, kind, members)
        self.rooms[room.id] = room
        return room.id

    def say(
        self,
        person: str,
        channel: str,
        text: str,
        *,
        thread: str = "",
        files: Sequence[tuple[str, bytes]] = (),
        broadcast: bool = False,
        **more: Any,
    ) -> str:
        """Somebody says this; returns its ts. "@nellie" and "@bob" become mentions.

        `text` is what Slack keeps: & < > are written &amp; &lt; &gt;. `more` goes into the message.
        """
        room, text = self.room(channel), self._mentioning(text)
        said: Json = {"user": person, "text": text, "client_msg_id": number("client-"), **more}
        if text:
            said["blocks"] = rich(text)
        if thread:
            said["thread_ts"] = thread
        if files:
            said |= {"subtype": "file_share", "upload": False, "display_as_bot": False}
            said["files"] = [self._share(name, content, person) for name, content in files]
            del said["client_msg_id"]
        if broadcast:
            root = room.messages[thread]
            hidden = ("client_msg_id", "blocks", "reply_users")
            shape = {name: value for name, value in root.items() if name not in hidden}
            said |= {"subtype": "thread_broadcast", "root": shape}
        message = self.add(room, {name: value for name, value in said.items() if name != "root"})
        self.announce(room, {**message, **({"root": said["root"]} if broadcast else {})})
        return str(message["ts"])

    def dm(self, person: str, text: str, **more: Any) -> str:
        """Somebody writes to Nellie; returns the ts."""
        return self.say(person, self.direct(person).id, text, **more)

    def bot_says(self, channel: str, text: str, *, bot: str = "B2", **more: Any) -> str:
        """Another app says this."""
        said = {"subtype": "bot_message", "bot_id": bot, "username": "other", **more}
        room = self.room(channel)
        message = self.add(room, {**said, "text": self._mentioning(text)})
        self.announce(room, message)
        return str(message["ts"])

    def edit(self, channel: str, ts: str, text: str) -> None:
        """Its author rewrites it."""
        room = self.room(channel)
        message, text = self.message(room, ts), self._mentioning(text)
        new: Json = {"text": text, "blocks": rich(text)}
        self.changed(room, message, new, by=message["user"])

    def unfurl(self, channel: str, ts: str) -> None:
        """Slack shows a preview of a link in it: a change, but not of its text."""
        room = self.room(channel)
        message = self.message(room, ts)
        former = dict(message)
        message["attachments"] = [{"id": 1, "from_url": "https://a.example", "title": "A page"}]
        self._tell_changed(room, message, former)

    def delete(self, channel: str, ts: str) -> None:
        """Somebody takes it back."""
        self.taken_back(self.room(channel), ts)

    def invite(self, channel: str, person: str = NELLIE, *, by: str = "U1") -> None:
        """Somebody brings Nellie (or a person) in."""
        self.enters(self.room(channel), person, by)

    def kick(self, channel: str, person: str = NELLIE) -> None:
        """Somebody shows Nellie (or a person) out."""
        room = self.room(channel)
        room.members.remove(person)
        self.tell({**self._member("member_left_channel", room, person), "channel_type": "C"})

    def rename(self, channel: str, name: str) -> None:
        room = self.room(channel)
        room.name = name
        kept = {"id": room.id, "name": name, "name_normalized": name, "created": 1_700_000_000}
        self.tell({"type": "channel_rename", "channel": kept})

    def archive(self, channel: str) -> None:
        room = self.room(channel)
        room.archived = True
        self.tell({"type": "channel_archive", "channel": room.id, "user": "U1"})

    def react(self, person: str, channel: str, ts: str, reaction: str = "thumbsup") -> None:
        item = {"type": "message", "channel": channel, "ts": ts}
        author = self.message(self.room(channel), ts).get("user", "")
        event = {"type": "reaction_added", "user": person, "reaction": reaction}
        self.tell({**event, "item": item, "item_user": author})

    def open_home(self, person: str, tab: str = "home") -> None:
        """Somebody opens Nellie's page: its "home" or "messages" tab."""
        room = self.direct(person)
        self.tell({"type": "app_home_opened", "user": person, "channel": room.id, "tab": tab})

    def stop(self, person: str, channel: str, thread: str) -> None:
        """Somebody presses Slack's own Stop button: streams end, and the app is told."""
        stopped = []
        for (room, ts), stream in self.streams.items():
            if (room, stream.message["thread_ts"], stream.state) == (channel, thread, "streaming"):
                stream.state = "stopped_by_user"
                stopped.append(ts)
        event = {"type": "agent_session_stopped", "channel": channel, "thread_ts": thread}
        self.tell({**event, "user": person, "streaming_message_ts": stopped})

    def uninstall(self) -> None:
        """An admin removes the app: the token is void from then on."""
        self.tell({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [NELLIE]}})
        self.tell({"type": "app_uninstalled"})
        self.revoked = "account_inactive"

    def tell(self, event: Json) -> Envelope | None:
        """An event, in its wrapping, to the app if it subscribed to it."""
        if self.quiet or not self._subscribed(event):
            return None
        if event["type"] not in ("app_uninstalled", "tokens_revoked"):
            event = {**event, "event_ts": event.get("event_ts") or event.get("ts") or self.ts()}
        installed = {"enterprise_id": None, "team_id": TEAM, "user_id": NELLIE}
        return self.delivery.begin(
            "events_api",
            {
                "token": VERIFICATION,
                "team_id": TEAM,
                "api_app_id": APP,
                "event": event,
                "type": "event_callback",
                "event_id": number("Ev"),
                "event_time": int(time.time()),
                "authorizations": [{**installed, "is_bot": True, "is_enterprise_install": False}],
                "is_ext_shared_channel": False,
                "event_context": number("ec"),
            },
        )

    async def settled(self) -> None:
        """Until everything told so far was acknowledged or given up."""
        await self.delivery.done()

    def announce(self, room: Room, message: Json) -> None:
        """A new message: `message`, and `app_mention` beside it."""
        self.touch()
        if NELLIE not in room.members:
            return
        hidden = {*_COUNTED, *_UNTOLD.get(message.get("subtype", ""), ())}
        event = {name: value for name, value in message.items() if name not in hidden}
        event["channel"] = room.id
        self.tell({**event, "channel_type": room.kind})
        mentioned = f"<@{NELLIE}>" in message.get("text", "")
        if mentioned and room.kind != "im" and message.get("user") != NELLIE:
            self.tell({**event, "type": "app_mention"})

    def changed(self, room: Room, message: Json, new: Json, *, by: str) -> None:
        """A message was rewritten."""
        former = dict(message)
        message.update(new)
        if not message.get("blocks"):
            message.pop("blocks", None)
        if "blocks" not in new or by != NELLIE:
            message["edited"] = {"user": by, "ts": self.ts()}
        self.shows(room, message)
        self._tell_changed(room, message, former)

    def taken_back(self, room: Room, ts: str) -> None:
        """A message was deleted."""
        former = self.remove(room, ts)
        self.touch()
        self._tell_hidden(
            room, subtype="message_deleted", deleted_ts=ts, previous_message=_bare(former)
        )

    def enters(self, room: Room, person: str, by: str = "") -> None:
        """Somebody joins, or Nellie does."""
        room.members.append(person)
        invited = {"inviter": by} if by else {}
        self.tell({**self._member("member_joined_channel", room, person), **invited})
        text = f"<@{person}> has joined the channel"
        joined = self.add(
            room, {"subtype": "channel_join", "user": person, "text": text, **invited}
        )
        self.announce(room, joined)

    def _member(self, kind: str, room: Room, person: str) -> Json:
        where = {"channel": room.id, "channel_type": "C" if room.kind == "channel" else "G"}
        return {"type": kind, "user": person, **where, "team": TEAM}

    def _tell_changed(self, room: Room, message: Json, former: Json) -> None:
        self._tell_hidden(
            room,
            subtype="message_changed",
            message=_bare(message),
            previous_message=_bare(former),
        )

    def _tell_hidden(self, room: Room, **event: Any) -> None:
        if NELLIE in room.members:
            where = {"channel": room.id, "channel_type": room.kind, "hidden": True}
            self.tell({"type": "message", **event, **where, "ts": self.ts()})

    def _mentioning(self, text: str) -> str:
        for person in self.people.values():
            text = re.sub(rf"(?<!\w)@{person.name}\b", f"<@{person.id}>", text)
        return text

    def _share(self, name: str, content: bytes, person: str) -> Json:
        file = self.shape_file(name, content, person)
        self.files[file["id"]] = (file, content)
        return file

    def _subscribed(self, event: Json) -> bool:
        name = event["type"]
        if name == "message":
            name = f"message.{self.rooms[event['channel']].kind}"
            name = {"message.channel": "message.channels", "message.group": "message.groups"}.get(
                name, name
            )
        return self.events is None or name in self.events


def _bare(message: Json) -> Json:
    hidden = ("metadata", "reply_users")
    return {name: value for name, value in message.items() if name not in hidden}
