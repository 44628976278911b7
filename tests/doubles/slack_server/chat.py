"""The Web API for messages: posting, changing and taking back, and streams."""

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doubles.slack_server.api import Call, method
from doubles.slack_server.message_limits import (
    MARKDOWN,
    TEXT,
    check_blocks,
    check_message,
    mentions_in,
    texts,
)
from doubles.slack_server.shapes import APP, BOT_ID, NELLIE, TEAM, Json, Refused, Room, new_id

if TYPE_CHECKING:
    from doubles.slack_server import Slack

_LINK = re.compile(r"https?://|\bwww\.")
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


def writable_room(slack: "Slack", call: Call) -> Room:
    """The room to post in. Raises Refused."""
    room = slack.room(call.require("channel"))
    if NELLIE not in room.members:
        raise Refused("not_in_channel" if room.kind == "channel" else "channel_not_found")
    if room.archived:
        raise Refused("is_archived")
    thread = call.get("thread_ts")
    if thread and thread not in room.messages:
        raise Refused("thread_not_found")
    return room


def message_fields(call: Call) -> Json:
    """The text, blocks and metadata of a message, as Slack keeps them."""
    text, blocks = call.get("text") or "", call.json("blocks")
    kept: Json = {"text": text}
    if call.get("markdown_text") is not None:
        text = call.get("markdown_text")
        kept = {"text": text, "blocks": [{"type": "markdown", "text": text}]}
    if len(kept["text"]) > TEXT:
        kept["text"] = kept["text"][:TEXT]
    if blocks:
        kept["blocks"] = with_ids(blocks)
    if call.json("metadata"):
        kept["metadata"] = call.json("metadata")
    return kept


def with_ids(blocks: list[Json]) -> list[Json]:
    """The blocks, each with an id."""
    return [{"block_id": new_id("b"), **block} for block in blocks]


def _check_message(call: Call, *, update: bool = False) -> None:
    check_message({**call.args, "blocks": call.json("blocks")}, update=update)


def _record_pings(slack: "Slack", room: Room, call: Call) -> None:
    """Keep what would ping people."""
    for text in (*texts(call.args), call.get("markdown_text") or ""):
        if any(ping in text for ping in _PINGS) or call.is_true("link_names"):
            slack.pings.append((room.id, text))
    for mention in mentions_in(call.json("blocks")):
        slack.pings.append((room.id, mention))


def open_links(slack: "Slack", room: Room, call: Call) -> None:
    """Keep the links that are opened for a preview: unless both flags forbid it, all of them."""
    flags = ("unfurl_links", "unfurl_media")
    if any(call.is_true(flag, default=True) for flag in flags):
        found = (*texts(call.args), call.get("markdown_text") or "")
        slack.unfurled += [(room.id, text) for text in found if _LINK.search(text)]


@method("chat.postMessage", "chat:write")
def post_message(slack: "Slack", call: Call) -> Json:
    room = writable_room(slack, call)
    _check_message(call)
    _record_pings(slack, room, call)
    open_links(slack, room, call)
    fields = {**author(), **message_fields(call)}
    if call.get("thread_ts"):
        fields["thread_ts"] = call.get("thread_ts")
        if call.is_true("reply_broadcast"):
            fields["subtype"] = "thread_broadcast"
    message = slack.post(room, fields)
    answer: Json = {"channel": room.id, "ts": message["ts"], "message": dict(message)}
    if len(call.get("text") or "") > TEXT:
        answer |= {"warning": "message_truncated"}
    return answer


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(slack: "Slack", call: Call) -> Json:
    room = writable_room(slack, call)
    _check_message(call)
    if call.require("user") not in room.members:
        raise Refused("user_not_in_channel")
    open_links(slack, room, call)
    fields = {"thread_ts": call.get("thread_ts"), **message_fields(call)}
    return {"message_ts": slack.post_ephemeral(room, call.get("user"), fields)["ts"]}


@method("chat.update", "chat:write")
def update(slack: "Slack", call: Call) -> Json:
    room = writable_room(slack, call)
    message = _own(slack, room, call, "cant_update_message")
    _check_message(call, update=True)
    if (stream := slack.streams.get((room.id, message["ts"]))) and _is_live(slack, stream):
        raise Refused("streaming_state_conflict")
    _record_pings(slack, room, call)
    open_links(slack, room, call)
    slack.update_message(room, message, {"blocks": [], **message_fields(call)}, by=NELLIE)
    return {
        "channel": room.id,
        "ts": message["ts"],
        "text": message["text"],
        "message": dict(message),
    }


@method("chat.delete", "chat:write")
def delete(slack: "Slack", call: Call) -> Json:
    room = writable_room(slack, call)
    message = _own(slack, room, call, "cant_delete_message")
    slack.delete_message(room, message["ts"])
    return {"channel": room.id, "ts": message["ts"]}


@method("chat.getPermalink")
def permalink(slack: "Slack", call: Call) -> Json:
    room = slack.room(call.require("channel"))
    message = slack.message(room, call.require("message_ts"))
    return {"channel": room.id, "permalink": slack.link(room, message)}


@method("chat.startStream", "chat:write")
def start_stream(slack: "Slack", call: Call) -> Json:
    if not slack.streaming:
        raise Refused("feature_not_enabled")
    room = writable_room(slack, call)
    if not call.get("thread_ts"):
        raise Refused("invalid_arguments")
    if room.kind != "im":
        for name in ("recipient_team_id", "recipient_user_id"):
            if not call.get(name):
                raise Refused(f"missing_{name}")
    text = _stream_text(call)
    fields = {**author(), "text": text, "thread_ts": call.get("thread_ts")}
    message = slack.post(room, fields)
    open_unflagged_links(slack, room, text)
    recipient = call.get("recipient_user_id") or ""
    slack.streams[room.id, message["ts"]] = Stream(message, time.monotonic(), recipient)
    return {"channel": room.id, "ts": message["ts"]}


@method("chat.appendStream", "chat:write")
def append_stream(slack: "Slack", call: Call) -> Json:
    room, stream = _open_stream(slack, call)
    piece = _stream_text(call)
    if not piece and not call.json("chunks"):
        raise Refused("no_text")
    _append_text(slack, room, stream, piece)
    return {"channel": room.id, "ts": stream.message["ts"]}


@method("chat.stopStream", "chat:write")
def stop_stream(slack: "Slack", call: Call) -> Json:
    room, stream = _open_stream(slack, call)
    blocks = call.json("blocks") or []
    check_blocks(blocks)
    if piece := _stream_text(call):
        _append_text(slack, room, stream, piece)
    message = stream.message
    stream.state = "stopped"
    if blocks:
        body = {"type": "markdown", "text": message["text"]}
        message["blocks"] = [body, *with_ids(blocks)]
    if call.json("metadata"):
        message["metadata"] = call.json("metadata")
    if call.get("session_status"):
        slack.sessions[room.id, message["thread_ts"]] = call.get("session_status")
    slack.record_visible(room, message)
    return {}


def _own(slack: "Slack", room: Room, call: Call, error: str) -> Json:
    message = slack.message(room, call.require("ts"))
    if message.get("bot_id") != BOT_ID:
        raise Refused(error)
    return message


def _stream_text(call: Call) -> str:
    """What is to be appended. Raises Refused."""
    piece = call.get("markdown_text") or ""
    for chunk in call.json("chunks") or ():
        if chunk.get("type") == "markdown_text":
            piece += chunk["text"]
    if len(piece) > MARKDOWN:
        raise Refused("msg_too_long")
    return piece


def _is_live(slack: "Slack", stream: Stream) -> bool:
    return stream.state == "streaming" and time.monotonic() - stream.began < slack.stream_ttl


def _open_stream(slack: "Slack", call: Call) -> tuple[Room, Stream]:
    room = writable_room(slack, call)
    message = _own(slack, room, call, "message_not_owned_by_app")
    stream = slack.streams.get((room.id, message["ts"]))
    if stream and stream.state == "stopped_by_user":
        raise Refused("stopped_by_user")
    if stream is None or not _is_live(slack, stream):
        raise Refused("message_not_in_streaming_state")
    return room, stream


def _append_text(slack: "Slack", room: Room, stream: Stream, piece: str) -> None:
    if len(stream.message["text"]) + len(piece) > STREAM:
        raise Refused("msg_too_long")
    if any(ping in stream.message["text"][-20:] + piece for ping in _PINGS):
        slack.pings.append((room.id, piece))
    stream.message["text"] += piece
    open_unflagged_links(slack, room, stream.message["text"])
    slack.record_visible(room, stream.message)


def open_unflagged_links(slack: "Slack", room: Room, text: str) -> None:
    """Streams and comments take no flag: their links are opened whatever the call says."""
    if _LINK.search(text):
        slack.unfurled.append((room.id, text))
