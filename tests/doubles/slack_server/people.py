"""What people do in the workspace."""

import re
from collections.abc import Sequence
from typing import Any

from doubles.slack_server.events import Events
from doubles.slack_server.shapes import (
    NELLIE,
    Json,
    Person,
    Room,
    mentions_nellie,
    new_id,
    rich_text_blocks,
)


class People(Events):
    """Verbs return at once: `await slack.settled()` waits until the app has acknowledged."""

    def person(self, name: str, **more: Any) -> Person:
        """A new person; their id is U and a number."""
        made = Person(f"U{len(self.people) + 100}", name, **more)
        self.people[made.id] = made
        return made

    def channel(self, name: str, *, kind: str = "channel", nellie: bool = True) -> str:
        """A new channel (or private one: "group") with everybody in it; returns its id."""
        members = [one for one in self.people if nellie or one != NELLIE]
        room = Room(new_id("C"), name, kind, members)
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
        stubs: bool = False,
        broadcast: bool = False,
        **more: Any,
    ) -> str:
        """Somebody says this; returns its ts. "@nellie" and "@bob" become mentions.

        `text` is what Slack keeps: & < > are written &amp; &lt; &gt;. `more` goes into the message.
        In place of its files Slack Connect sends `stubs`.
        """
        room, text = self.room(channel), self._mentioning(text)
        fields: Json = {"user": person, "text": text, "client_msg_id": new_id("client-"), **more}
        if text:
            fields["blocks"] = rich_text_blocks(text)
        if thread:
            fields["thread_ts"] = thread
        if files:
            fields |= {"subtype": "file_share", "upload": False, "display_as_bot": False}
            fields["files"] = [self._share(name, content, person) for name, content in files]
            del fields["client_msg_id"]
        if stubs:
            asked = {"mode": "file_access", "file_access": "check_file_info"}
            fields["files"] = [{"id": file["id"], **asked} for file in fields["files"]]
        if broadcast:
            root = room.messages[thread]
            hidden = ("client_msg_id", "blocks", "reply_users")
            shape = {name: value for name, value in root.items() if name not in hidden}
            fields |= {"subtype": "thread_broadcast", "root": shape}
        message = self.add_message(
            room, {name: value for name, value in fields.items() if name != "root"}
        )
        self.send_message_events(
            room, {**message, **({"root": fields["root"]} if broadcast else {})}
        )
        return str(message["ts"])

    def dm(self, person: str, text: str, **more: Any) -> str:
        """Somebody writes to Nellie; returns the ts."""
        return self.say(person, self.direct(person).id, text, **more)

    def bot_says(self, channel: str, text: str, *, bot: str = "B2", **more: Any) -> str:
        """Another app says this."""
        fields = {"subtype": "bot_message", "bot_id": bot, "username": "other", **more}
        room = self.room(channel)
        message = self.add_message(room, {**fields, "text": self._mentioning(text)})
        self.send_message_events(room, message)
        return str(message["ts"])

    def edit(self, channel: str, ts: str, text: str) -> None:
        """Its author rewrites it."""
        room = self.room(channel)
        message, text = self.message(room, ts), self._mentioning(text)
        new: Json = {"text": text, "blocks": rich_text_blocks(text)}
        asked_before = mentions_nellie(message)
        self.update_message(room, message, new, by=message["user"])
        if not asked_before:
            self.send_app_mention(room, message)

    def unfurl(self, channel: str, ts: str) -> None:
        """Slack shows a preview of a link in it: a change, but not of its text."""
        room = self.room(channel)
        message = self.message(room, ts)
        former = dict(message)
        message["attachments"] = [{"id": 1, "from_url": "https://a.example", "title": "A page"}]
        self._send_message_changed(room, message, former)

    def rewrite_file(self, file_id: str, content: bytes) -> None:
        """Somebody writes in a snippet or a canvas."""
        file, _ = self.files[file_id]
        self.files[file_id] = (file, content)
        self._tell_of_file("file_change", file_id)

    def delete_file(self, file_id: str) -> None:
        """Somebody deletes a file; of its messages, only the event of the file tells."""
        self.deleted_files.add(file_id)
        self._tell_of_file("file_deleted", file_id)

    def delete_files(self, channel: str, ts: str) -> None:
        """Somebody deletes its files: the message stays, and does not count as edited."""
        room = self.room(channel)
        message = self.message(room, ts)
        former = dict(message)
        message["files"] = [{"id": file["id"], "mode": "tombstone"} for file in message["files"]]
        for file in message["files"]:
            self.delete_file(file["id"])
        self._send_message_changed(room, message, former)

    def delete(self, channel: str, ts: str) -> None:
        """Somebody takes it back."""
        self.delete_message(self.room(channel), ts)

    def invite(self, channel: str, person: str = NELLIE, *, by: str = "U1") -> None:
        """Somebody brings Nellie (or a person) in."""
        self.add_member(self.room(channel), person, by)

    def kick(self, channel: str, person: str = NELLIE) -> None:
        """Somebody shows Nellie (or a person) out."""
        room = self.room(channel)
        room.members.remove(person)
        if person == NELLIE:
            kind = "channel" if room.kind == "channel" else "group"
            left = {"type": f"{kind}_left", "channel": room.id, "actor_id": "U1"}
            self.send_event({**left, "event_ts": self.next_ts()})
        self.send_event({**self._member("member_left_channel", room, person), "channel_type": "C"})

    def delete_room(self, channel: str) -> None:
        """An admin deletes a channel, with all that was said in it."""
        room = self.rooms.pop(channel)
        kind = "channel" if room.kind == "channel" else "group"
        gone = {"type": f"{kind}_deleted", "channel": room.id, "event_ts": self.next_ts()}
        self.send_event(gone)

    def rename(self, channel: str, name: str) -> None:
        room = self.room(channel)
        room.name = name
        kept = {"id": room.id, "name": name, "name_normalized": name, "created": 1_700_000_000}
        self.send_event({"type": "channel_rename", "channel": kept})

    def archive(self, channel: str) -> None:
        room = self.room(channel)
        room.archived = True
        self.send_event({"type": "channel_archive", "channel": room.id, "user": "U1"})

    def react(self, person: str, channel: str, ts: str, reaction: str = "thumbsup") -> None:
        item = {"type": "message", "channel": channel, "ts": ts}
        author = self.message(self.room(channel), ts).get("user", "")
        event = {"type": "reaction_added", "user": person, "reaction": reaction}
        self.send_event({**event, "item": item, "item_user": author})

    def open_home(self, person: str, tab: str = "home") -> None:
        """Somebody opens Nellie's page: its "home" or "messages" tab."""
        room = self.direct(person)
        self.send_event({"type": "app_home_opened", "user": person, "channel": room.id, "tab": tab})

    def stop(self, person: str, channel: str, thread: str) -> None:
        """Somebody presses Slack's own Stop button: streams end, and the app is told."""
        stopped = []
        for (room, ts), stream in self.streams.items():
            if (room, stream.message["thread_ts"], stream.state) == (channel, thread, "streaming"):
                stream.state = "stopped_by_user"
                stopped.append(ts)
        event = {"type": "agent_session_stopped", "channel": channel, "thread_ts": thread}
        self.send_event({**event, "user": person, "streaming_message_ts": stopped})

    def uninstall(self) -> None:
        """An admin removes the app: the token is void from then on."""
        self.send_event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [NELLIE]}})
        self.send_event({"type": "app_uninstalled"})
        self.revoked = "account_inactive"

    def _mentioning(self, text: str) -> str:
        for person in self.people.values():
            text = re.sub(rf"(?<!\w)@{person.name}\b", f"<@{person.id}>", text)
        return text

    def _tell_of_file(self, kind: str, file_id: str) -> None:
        about = {"file_id": file_id, "file": {"id": file_id}} if kind == "file_change" else {}
        self.send_event({"type": kind, "file_id": file_id, "event_ts": self.next_ts(), **about})

    def _share(self, name: str, content: bytes, person: str) -> Json:
        file = self.file_json(name, content, person)
        self.files[file["id"]] = (file, content)
        return file
