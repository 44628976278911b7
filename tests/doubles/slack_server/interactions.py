"""What people press and type for the app: commands, shortcuts, buttons, views."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from doubles.slack_server.delivery import Envelope
from doubles.slack_server.events import VERIFICATION
from doubles.slack_server.people import People
from doubles.slack_server.shapes import APP, TEAM, Json, Room, new_id


@dataclass
class ResponseUrl:
    """An address at which the app may answer an interaction, some times."""

    room: Room
    person: str
    message_ts: str
    """The message whose button was pressed, else ""."""
    trigger_id: str
    """The interaction's own id."""
    uses_left: int = 5


class Interactions(People):
    """Each returns its envelope, which knows whether and with what it was acknowledged."""

    def __init__(self, events: frozenset[str] | None) -> None:
        super().__init__(events)
        self.triggers: dict[str, str] = {}
        """The person of each trigger_id that was not used yet."""
        self.response_urls: dict[str, ResponseUrl] = {}

    def command(
        self, person: str, channel: str, text: str, *, command: str = "/nellie"
    ) -> Envelope:
        """Somebody types a slash command."""
        room, trigger = self.room(channel), self._trigger(person)
        return self.delivery.send(
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
                "response_url": self._response_url(room, person, trigger),
                "trigger_id": trigger,
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
            action_ts=self.next_ts(),
        )

    def global_shortcut(self, person: str, callback_id: str) -> Envelope:
        """Somebody picks a shortcut that belongs to no message."""
        return self._interact(person, None, type="shortcut", callback_id=callback_id)

    def press(
        self, person: str, channel: str, ts: str, action_id: str, value: str | None = None
    ) -> Envelope:
        """Somebody presses a button (of feedback: the one with this value) of a message.

        One that does not stand there is shown by a client that has not heard of its going yet.
        """
        room = self.room(channel)
        message = room.messages.get(ts) or self.ephemeral_messages[ts]
        gone = {"block_id": "gone"}, {"type": "button", "text": {"type": "plain_text", "text": "?"}}
        block, element = next(_elements(message.get("blocks", ()), action_id), gone)
        action = {
            "action_id": action_id,
            "block_id": block["block_id"],
            "action_ts": self.next_ts(),
            "type": element["type"],
            "value": value or element.get("value", ""),
        }
        if value is None and element["type"] == "button":
            action["text"] = element["text"]
        container = {
            "type": "message",
            "message_ts": ts,
            "channel_id": room.id,
            "is_ephemeral": ts in self.ephemeral_messages,
            **({"thread_ts": message["thread_ts"]} if message.get("thread_ts") else {}),
        }
        shape = {} if ts in self.ephemeral_messages else {"message": dict(message)}
        return self._interact(
            person,
            room,
            ts,
            type="block_actions",
            container=container,
            actions=[action],
            state={"values": {}},
            **shape,
        )

    def press_home(self, person: str, action_id: str, chosen: str = "") -> Envelope:
        """Somebody presses a button of Nellie's home tab, or chooses from a menu there."""
        view = self.home_tabs[person]
        block, element = next(_elements(view["blocks"], action_id))
        action = {
            "action_id": action_id,
            "block_id": block.get("block_id", "b"),
            "type": element["type"],
            "value": element.get("value", ""),
        }
        if chosen:
            action["selected_option"] = next(
                option for option in element["options"] if option["value"] == chosen
            )
        return self._interact(
            person,
            None,
            type="block_actions",
            container={"type": "view", "view_id": "V1"},
            view={"id": "V1", **view},
            actions=[action],
        )

    def submit(self, person: str, text: str) -> Envelope:
        """Somebody fills the first field of the view that was opened for them, and submits it."""
        view = self.opened_views[person]
        block = next(block for block in view["blocks"] if block["type"] == "input")
        field = {block["element"]["action_id"]: {"type": "plain_text_input", "value": text}}
        state = {"values": {block["block_id"]: field}}
        return self._interact(
            person, None, type="view_submission", view={**view, "state": state}, response_urls=[]
        )

    def _trigger(self, person: str) -> str:
        """An id by which the app may open a view for this person, once."""
        trigger = new_id("trigger")
        self.triggers[trigger] = person
        return trigger

    def _response_url(self, room: Room, person: str, trigger_id: str, message_ts: str = "") -> str:
        key = new_id("response")
        self.response_urls[key] = ResponseUrl(room, person, message_ts, trigger_id)
        return f"{self.url}/response/{key}"

    def _interact(
        self, person: str, room: Room | None, message_ts: str = "", **payload: Any
    ) -> Envelope:
        who = {"id": person, "username": self.people[person].name, "team_id": TEAM}
        common: Json = {
            "token": VERIFICATION,
            "team": {"id": TEAM, "domain": "double"},
            "user": {**who, "name": who["username"]},
            "api_app_id": APP,
            "is_enterprise_install": False,
            "enterprise": None,
            "trigger_id": self._trigger(person),
        }
        if room:
            common["channel"] = {"id": room.id, "name": room.name or "directmessage"}
            common["response_url"] = self._response_url(
                room, person, common["trigger_id"], message_ts
            )
        return self.delivery.send("interactive", common | payload)


def _elements(blocks: Any, action_id: str) -> Iterator[tuple[Json, Json]]:
    for block in blocks:
        for element in (*block.get("elements", ()), block.get("accessory", {})):
            if element.get("action_id") == action_id:
                yield block, element
