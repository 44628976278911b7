"""What people press and type for the app: commands, shortcuts, buttons."""

from collections.abc import Iterator
from typing import Any

from doubles.slack.delivery import Envelope
from doubles.slack.people import VERIFICATION, People
from doubles.slack.workspace import APP, TEAM, Json, Room, number


class Interactions(People):
    """Each returns its envelope, which knows whether and with what it was acknowledged."""

    whispers: dict[str, Json]
    homes: dict[str, Json]
    triggers: dict[str, str]
    responses: dict[str, tuple[Room, str, int]]

    def command(
        self, person: str, channel: str, text: str, *, command: str = "/nellie"
    ) -> Envelope:
        """Somebody types a slash command."""
        room = self.room(channel)
        return self.delivery.begin(
            "slash_commands",
            {
                "token": VERIFICATION,
                "team_id": TEAM,
                "team_domain": "double",
                "channel_id": room.id,
                "channel_name": room.name or "directmessage",
                "user_id": person,
                "user_name": self.people[person].name,
                "command": command,
                "text": text,
                "api_app_id": APP,
                "is_enterprise_install": "false",
                "response_url": self.response_url(room, person),
                "trigger_id": self.trigger(person),
            },
        )

    def shortcut(self, person: str, channel: str, ts: str, callback_id: str) -> Envelope:
        """Somebody picks a message shortcut."""
        room = self.room(channel)
        return self._interact(
            person,
            room,
            type="message_action",
            callback_id=callback_id,
            message_ts=ts,
            message=dict(self.message(room, ts)),
            action_ts=self.ts(),
        )

    def global_shortcut(self, person: str, callback_id: str) -> Envelope:
        """Somebody picks a shortcut that belongs to no message."""
        return self._interact(person, None, type="shortcut", callback_id=callback_id)

    def press(
        self, person: str, channel: str, ts: str, action_id: str, value: str | None = None
    ) -> Envelope:
        """Somebody presses a button (of feedback: the one with this value) of a message."""
        room = self.room(channel)
        message = room.messages.get(ts) or self.whispers[ts]
        block, element = next(_elements(message.get("blocks", ()), action_id))
        action = {"action_id": action_id, "block_id": block["block_id"], "action_ts": self.ts()}
        chosen = {"type": element["type"], "value": value or element.get("value", "")}
        if value is None and element["type"] == "button":
            chosen["text"] = element["text"]
        container = {
            "type": "message",
            "message_ts": ts,
            "channel_id": room.id,
            "is_ephemeral": ts in self.whispers,
            **({"thread_ts": message["thread_ts"]} if message.get("thread_ts") else {}),
        }
        shape = {} if ts in self.whispers else {"message": dict(message)}
        return self._interact(
            person,
            room,
            type="block_actions",
            container=container,
            actions=[action | chosen],
            state={"values": {}},
            **shape,
        )

    def press_home(self, person: str, action_id: str) -> Envelope:
        """Somebody presses a button of Nellie's home tab."""
        view = self.homes[person]
        block, element = next(_elements(view["blocks"], action_id))
        action = {"action_id": action_id, "block_id": block.get("block_id", "b")}
        return self._interact(
            person,
            None,
            type="block_actions",
            container={"type": "view", "view_id": "V1"},
            view={"id": "V1", **view},
            actions=[{**action, "type": element["type"], "value": element.get("value", "")}],
        )

    def trigger(self, person: str) -> str:
        """An id by which the app may open a window for this person, once."""
        trigger = number("trigger")
        self.triggers[trigger] = person
        return trigger

    def response_url(self, room: Room, person: str) -> str:
        """An address that takes five answers."""
        key = number("response")
        self.responses[key] = (room, person, 5)
        return f"{self.url}/response/{key}"

    def _interact(self, person: str, room: Room | None, **payload: Any) -> Envelope:
        who = {"id": person, "username": self.people[person].name, "team_id": TEAM}
        common: Json = {
            "token": VERIFICATION,
            "team": {"id": TEAM, "domain": "double"},
            "user": {**who, "name": who["username"]},
            "api_app_id": APP,
            "is_enterprise_install": False,
            "enterprise": None,
            "trigger_id": self.trigger(person),
        }
        if room:
            common["channel"] = {"id": room.id, "name": room.name or "directmessage"}
            common["response_url"] = self.response_url(room, person)
        return self.delivery.begin("interactive", common | payload)


def _elements(blocks: Any, action_id: str) -> Iterator[tuple[Json, Json]]:
    for block in blocks:
        for element in (*block.get("elements", ()), block.get("accessory", {})):
            if element.get("action_id") == action_id:
                yield block, element
