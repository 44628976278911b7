"""What the app is told of what happens in the workspace: events, each in Slack's envelope."""

import time
from typing import Any

from doubles.slack_server.delivery import Delivery, Envelope
from doubles.slack_server.record import Record
from doubles.slack_server.shapes import APP, NELLIE, TEAM, Json, Room, mentions_nellie, new_id

VERIFICATION = "verification-token-of-the-double"
_COUNTED = ("metadata", "reply_users", "reply_count", "latest_reply", "reply_users_count")
_LEFT_OUT = {
    "thread_broadcast": ("team", "parent_user_id"),
    "file_share": ("team", "client_msg_id"),
    "bot_message": ("team",),
    "me_message": ("team", "client_msg_id"),
}
"""The fields that events leave out, by subtype; those of _COUNTED they leave out always."""


class Events(Record):
    """Changes of the workspace that the app hears of."""

    delivery: Delivery

    def __init__(self, events: frozenset[str] | None) -> None:
        """Only these types of events are sent; None: all."""
        super().__init__()
        self.events = events
        self.app_is_down = False
        """While it is set, the app is told nothing of what happens."""

    def send_event(self, event: Json) -> Envelope | None:
        """An event, in its wrapping, to the app if it subscribed to it."""
        if self.app_is_down or not self._subscribed(event):
            return None
        if event["type"] not in ("app_uninstalled", "tokens_revoked"):
            event = {
                **event,
                "event_ts": event.get("event_ts") or event.get("ts") or self.next_ts(),
            }
        installed = {"enterprise_id": None, "team_id": TEAM, "user_id": NELLIE}
        return self.delivery.send(
            "events_api",
            {
                "token": VERIFICATION,
                "team_id": TEAM,
                "api_app_id": APP,
                "event": event,
                "type": "event_callback",
                "event_id": new_id("Ev"),
                "event_time": int(time.time()),
                "authorizations": [{**installed, "is_bot": True, "is_enterprise_install": False}],
                "is_ext_shared_channel": False,
                "event_context": new_id("ec"),
            },
        )

    async def settled(self) -> None:
        """Until everything told so far was acknowledged or given up."""
        await self.delivery.wait_until_idle()

    def send_message_events(self, room: Room, message: Json) -> None:
        """A new message: `message`, and `app_mention` beside it."""
        self.notify()
        if NELLIE not in room.members:
            return
        event = _as_event(room, message)
        self.send_event({**event, "channel_type": room.kind})
        self.send_app_mention(room, message)

    def send_app_mention(self, room: Room, message: Json) -> None:
        """A message mentions the app, since it was written or since an edit."""
        if mentions_nellie(message) and room.kind != "im" and message.get("user") != NELLIE:
            self.send_event({**_as_event(room, message), "type": "app_mention"})

    def update_message(self, room: Room, message: Json, new: Json, *, by: str) -> None:
        """A message was rewritten."""
        former = dict(message)
        message.update(new)
        if not message.get("blocks"):
            message.pop("blocks", None)
        if "blocks" not in new or by != NELLIE:
            message["edited"] = {"user": by, "ts": self.next_ts()}
        self.record_visible(room, message)
        self._send_message_changed(room, message, former)

    def delete_message(self, room: Room, ts: str) -> None:
        """A message was deleted."""
        former = self.remove_message(room, ts)
        self.notify()
        self._send_hidden_event(
            room, subtype="message_deleted", deleted_ts=ts, previous_message=_without_counts(former)
        )

    def add_member(self, room: Room, person: str, by: str = "") -> None:
        """Somebody joins, or Nellie does."""
        room.members.append(person)
        invited = {"inviter": by} if by else {}
        self.send_event({**self._member("member_joined_channel", room, person), **invited})
        text = f"<@{person}> has joined the channel"
        joined = self.add_message(
            room, {"subtype": "channel_join", "user": person, "text": text, **invited}
        )
        self.send_message_events(room, joined)

    def _member(self, kind: str, room: Room, person: str) -> Json:
        where = {"channel": room.id, "channel_type": "C" if room.kind == "channel" else "G"}
        return {"type": kind, "user": person, **where, "team": TEAM}

    def _send_message_changed(self, room: Room, message: Json, former: Json) -> None:
        self._send_hidden_event(
            room,
            subtype="message_changed",
            message=_without_counts(message),
            previous_message=_without_counts(former),
        )

    def _send_hidden_event(self, room: Room, **event: Any) -> None:
        if NELLIE in room.members:
            where = {"channel": room.id, "channel_type": room.kind, "hidden": True}
            self.send_event({"type": "message", **event, **where, "ts": self.next_ts()})

    def _subscribed(self, event: Json) -> bool:
        name = event["type"]
        if name == "message":
            name = f"message.{self.rooms[event['channel']].kind}"
            name = {"message.channel": "message.channels", "message.group": "message.groups"}.get(
                name, name
            )
        return self.events is None or name in self.events


def _as_event(room: Room, message: Json) -> Json:
    hidden = {*_COUNTED, *_LEFT_OUT.get(message.get("subtype", ""), ())}
    return {**{k: v for k, v in message.items() if k not in hidden}, "channel": room.id}


def _without_counts(message: Json) -> Json:
    hidden = ("metadata", "reply_users")
    return {name: value for name, value in message.items() if name not in hidden}
