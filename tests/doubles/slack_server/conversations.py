"""The Web API for conversations: which there are, who is in them, and their history."""

from typing import TYPE_CHECKING

from doubles.slack_server.api import Call, method, paginate, require_room_scope, require_scope
from doubles.slack_server.shapes import KINDS, NELLIE, Json, Refused, Room

if TYPE_CHECKING:
    from doubles.slack_server import Slack


@method("conversations.info")
def conversations_info(slack: "Slack", call: Call) -> Json:
    room = slack.room(call.require("channel"))
    require_room_scope(slack, room, "read")
    if room.kind != "channel" and NELLIE not in room.members:
        raise Refused("channel_not_found")
    return {"channel": room.json()}


def _kinds(slack: "Slack", call: Call) -> set[str]:
    wanted = (call.get("types") or "public_channel").split(",")
    words = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
    if not set(wanted) <= words.keys():
        raise Refused("invalid_types")
    for kind in wanted:
        require_scope(slack, f"{KINDS[words[kind]]}:read")
    return {words[kind] for kind in wanted}


@method("conversations.list")
def conversations_list(slack: "Slack", call: Call) -> Json:
    return _listed(slack, call, mine=False)


@method("users.conversations")
def users_conversations(slack: "Slack", call: Call) -> Json:
    return _listed(slack, call, mine=True)


def _listed(slack: "Slack", call: Call, *, mine: bool) -> Json:
    kinds, hidden = _kinds(slack, call), call.is_true("exclude_archived")
    whose = call.get("user", NELLIE) if mine else NELLIE
    rooms = [
        room
        for room in slack.rooms.values()
        if room.kind in kinds
        and not (hidden and room.archived)
        and (whose in room.members or (not mine and room.kind == "channel"))
    ]
    listed, more = paginate(rooms, call)
    return {"channels": [room.json() for room in listed], **more}


@method("conversations.members")
def conversations_members(slack: "Slack", call: Call) -> Json:
    room = slack.room(call.require("channel"))
    require_room_scope(slack, room, "read")
    members, more = paginate(room.members, call)
    return {"members": members, **more}


@method("conversations.join", "channels:join")
def conversations_join(slack: "Slack", call: Call) -> Json:
    room = slack.room(call.require("channel"))
    if room.kind != "channel":
        raise Refused("method_not_supported_for_channel_type")
    if NELLIE not in room.members:
        slack.add_member(room, NELLIE)
    return {"channel": room.json()}


@method("conversations.open", "im:write", "mpim:write")
def conversations_open(slack: "Slack", call: Call) -> Json:
    people = str(call.require("users")).split(",")
    if not set(people) <= slack.people.keys():
        raise Refused("user_not_found")
    return {"channel": {"id": slack.direct(*people).id}}


@method("conversations.history")
def conversations_history(slack: "Slack", call: Call) -> Json:
    room = _readable(slack, call)
    visible = [one for one in room.top() if float(one["ts"]) >= room.shown_from]
    found, more = _page(_between(visible[::-1], call), call)
    hides = {"is_limited": True} if len(visible) < len(room.top()) else {}
    return {"messages": found, **hides, **more}


@method("conversations.replies")
def conversations_replies(slack: "Slack", call: Call) -> Json:
    room, root = _readable(slack, call), call.require("ts")
    if root not in room.messages:
        raise Refused("thread_not_found")
    thread = room.thread(room.messages[root].get("thread_ts", root))
    found, more = _page([_plain(thread[0], call), *_between(thread[1:], call)], call)
    return {"messages": found, **more}


def _page(messages: list[Json], call: Call) -> tuple[list[Json], Json]:
    """A page of messages; its cursor names the next one, whatever is said or deleted meanwhile."""
    limit, cursor = int(call.get("limit") or 100), call.get("cursor") or ""
    if not 1 <= limit <= 999:
        raise Refused("invalid_limit")
    if cursor and call.method == "conversations.history":
        messages = [one for one in messages if one["ts"] <= cursor]
    elif cursor:
        messages = [one for one in messages if one["ts"] >= cursor]
    rest = messages[limit:]
    metadata = {"next_cursor": rest[0]["ts"] if rest else ""}
    return messages[:limit], {"has_more": bool(rest), "response_metadata": metadata}


def _readable(slack: "Slack", call: Call) -> Room:
    room = slack.room(call.require("channel"))
    require_room_scope(slack, room, "history")
    if NELLIE not in room.members:
        raise Refused("not_in_channel" if room.kind == "channel" else "channel_not_found")
    return room


def _between(messages: list[Json], call: Call) -> list[Json]:
    oldest, latest = float(call.get("oldest") or 0), float(call.get("latest") or "inf")
    both = call.is_true("inclusive")
    return [
        _plain(one, call)
        for one in messages
        if oldest < float(one["ts"]) < latest or (both and float(one["ts"]) in (oldest, latest))
    ]


def _plain(message: Json, call: Call) -> Json:
    if call.is_true("include_all_metadata"):
        return message
    return {name: value for name, value in message.items() if name != "metadata"}
