"""The Web API for messages: posting, changing and taking back, and streams."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doubles.slack.api import Call, method
from doubles.slack.limits import MARKDOWN, TEXT, check, check_blocks, texts
from doubles.slack.workspace import APP, BOT_ID, NELLIE, TEAM, Json, Refused, Room, number

if TYPE_CHECKING:
    from doubles.slack import Slack

_PINGS = ("<!channel", "<!here", "<!everyone", "<!subteam", "<@U", "<@W")
STREAM = 12_000


@dataclass
class Stream:
    """A message that is still being written."""

    message: Json
    began: float
    recipient: str = ""
    state: str = "streaming"
    """Then "stopped", or "stopped_by_user"."""


def author() -> Json:
    """What marks a message as Nellie's."""
    icons = dict.fromkeys(("image_36", "image_48", "image_72"), "https://icons.example/1.png")
    profile = {
        "id": BOT_ID,
        "deleted": False,
        "name": "nellie",
        "updated": 1_700_000_000,
        "app_id": APP,
        "icons": icons,
        "team_id": TEAM,
    }
    return {"user": NELLIE, "bot_id": BOT_ID, "app_id": APP, "bot_profile": profile}


def place(slack: "Slack", call: Call) -> Room:
    """The room where something is to be said. Raises Refused."""
    room = slack.room(call.need("channel"))
    if NELLIE not in room.members:
        raise Refused("not_in_channel" if room.kind == "channel" else "channel_not_found")
    if room.archived:
        raise Refused("is_archived")
    thread = call.get("thread_ts")
    if thread and thread not in room.messages:
        raise Refused("thread_not_found")
    return room


def written(call: Call) -> Json:
    """The text, blocks and metadata of a message, as Slack keeps them."""
    text, blocks = call.get("text") or "", call.json("blocks")
    kept: Json = {"text": text}
    if call.get("markdown_text") is not None:
        text = call.get("markdown_text")
        kept = {"text": text, "blocks": [{"type": "markdown", "text": text}]}
    if len(kept["text"]) > TEXT:
        kept["text"] = kept["text"][:TEXT]
    if blocks:
        kept["blocks"] = [{"block_id": number("b"), **block} for block in blocks]
    if call.json("metadata"):
        kept["metadata"] = call.json("metadata")
    return kept


def _checked(call: Call, *, update: bool = False) -> None:
    check({**call.args, "blocks": call.json("blocks")}, update=update)


def _note(slack: "Slack", room: Room, call: Call) -> None:
    """Keep what would ping people or be unfurled."""
    for text in (*texts(call.args), call.get("markdown_text") or ""):
        if any(ping in text for ping in _PINGS) or call.flag("link_names"):
            slack.pings.append((room.id, text))
    if "http" in str(call.args) and (
        call.flag("unfurl_links", default=True) or call.flag("unfurl_media", default=True)
    ):
        slack.unfurled.append((room.id, str(call.get("text"))))


@method("chat.postMessage", "chat:write")
def post_message(slack: "Slack", call: Call) -> Json:
    room = place(slack, call)
    _checked(call)
    _note(slack, room, call)
    said = {**author(), **written(call)}
    if call.get("thread_ts"):
        said["thread_ts"] = call.get("thread_ts")
        if call.flag("reply_broadcast"):
            said["subtype"] = "thread_broadcast"
    message = slack.said(room, said)
    answer: Json = {"channel": room.id, "ts": message["ts"], "message": dict(message)}
    if len(call.get("text") or "") > TEXT:
        answer |= {"warning": "message_truncated"}
    return answer


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(slack: "Slack", call: Call) -> Json:
    room = place(slack, call)
    _checked(call)
    if call.need("user") not in room.members:
        raise Refused("user_not_in_channel")
    said = {"thread_ts": call.get("thread_ts"), **written(call)}
    return {"message_ts": slack.whispered(room, call.get("user"), said)["ts"]}


@method("chat.update", "chat:write")
def update(slack: "Slack", call: Call) -> Json:
    room = place(slack, call)
    message = _own(slack, room, call, "cant_update_message")
    _checked(call, update=True)
    if (stream := slack.streams.get((room.id, message["ts"]))) and _live(slack, stream):
        raise Refused("streaming_state_conflict")
    _note(slack, room, call)
    slack.changed(room, message, {"blocks": [], **written(call)}, by=NELLIE)
    return {
        "channel": room.id,
        "ts": message["ts"],
        "text": message["text"],
        "message": dict(message),
    }


@method("chat.delete", "chat:write")
def delete(slack: "Slack", call: Call) -> Json:
    room = place(slack, call)
    message = _own(slack, room, call, "cant_delete_message")
    slack.taken_back(room, message["ts"])
    return {"channel": room.id, "ts": message["ts"]}


@method("chat.getPermalink")
def permalink(slack: "Slack", call: Call) -> Json:
    room = slack.room(call.need("channel"))
    message = slack.message(room, call.need("message_ts"))
    return {"channel": room.id, "permalink": slack.link(room, message)}


@method("chat.startStream", "chat:write")
def start_stream(slack: "Slack", call: Call) -> Json:
    if not slack.streaming:
        raise Refused("feature_not_enabled")
    room = place(slack, call)
    if not call.get("thread_ts"):
        raise Refused("invalid_arguments")
    if room.kind != "im":
        for name in ("recipient_team_id", "recipient_user_id"):
            if not call.get(name):
                raise Refused(f"missing_{name}")
    text = _piece(call)
    said = {**author(), "text": text, "thread_ts": call.get("thread_ts")}
    message = slack.said(room, said)
    recipient = call.get("recipient_user_id") or ""
    slack.streams[room.id, message["ts"]] = Stream(message, time.monotonic(), recipient)
    return {"channel": room.id, "ts": message["ts"]}


@method("chat.appendStream", "chat:write")
def append_stream(slack: "Slack", call: Call) -> Json:
    room, stream = _running(slack, call)
    piece = _piece(call)
    if not piece and not call.json("chunks"):
        raise Refused("no_text")
    _grow(slack, room, stream, piece)
    return {"channel": room.id, "ts": stream.message["ts"]}


@method("chat.stopStream", "chat:write")
def stop_stream(slack: "Slack", call: Call) -> Json:
    room, stream = _running(slack, call)
    blocks = call.json("blocks") or []
    check_blocks(blocks)
    if piece := _piece(call):
        _grow(slack, room, stream, piece)
    message = stream.message
    stream.state = "stopped"
    if blocks:
        body = {"type": "markdown", "text": message["text"]}
        message["blocks"] = [body, *({"block_id": number("b"), **block} for block in blocks)]
    if call.json("metadata"):
        message["metadata"] = call.json("metadata")
    if call.get("session_status"):
        slack.sessions[room.id, message["thread_ts"]] = call.get("session_status")
    slack.shows(room, message)
    return {}


def _own(slack: "Slack", room: Room, call: Call, error: str) -> Json:
    message = slack.message(room, call.need("ts"))
    if message.get("bot_id") != BOT_ID:
        raise Refused(error)
    return message


def _piece(call: Call) -> str:
    """What is to be appended. Raises Refused."""
    piece = call.get("markdown_text") or ""
    for chunk in call.json("chunks") or ():
        if chunk.get("type") == "markdown_text":
            piece += chunk["text"]
    if len(piece) > MARKDOWN:
        raise Refused("msg_too_long")
    return piece


def _live(slack: "Slack", stream: Stream) -> bool:
    return stream.state == "streaming" and time.monotonic() - stream.began < slack.stream_ttl


def _running(slack: "Slack", call: Call) -> tuple[Room, Stream]:
    room = place(slack, call)
    message = _own(slack, room, call, "message_not_owned_by_app")
    stream = slack.streams.get((room.id, message["ts"]))
    if stream and stream.state == "stopped_by_user":
        raise Refused("stopped_by_user")
    if stream is None or not _live(slack, stream):
        raise Refused("message_not_in_streaming_state")
    return room, stream


def _grow(slack: "Slack", room: Room, stream: Stream, piece: str) -> None:
    if len(stream.message["text"]) + len(piece) > STREAM:
        raise Refused("msg_too_long")
    if any(ping in stream.message["text"][-20:] + piece for ping in _PINGS):
        slack.pings.append((room.id, piece))
    stream.message["text"] += piece
    slack.shows(room, stream.message)
