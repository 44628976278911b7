"""The rest of the Web API: who and where, history, files, the agent's surface, the home tab."""

from typing import TYPE_CHECKING

from doubles.slack.api import Call, method, need, need_for, page
from doubles.slack.limits import check_blocks
from doubles.slack.workspace import APP, BOT_ID, KINDS, NELLIE, TEAM, Json, Refused, Room, number

if TYPE_CHECKING:
    from doubles.slack import Slack


@method("auth.test")
def auth_test(slack: "Slack", call: Call) -> Json:
    return {
        "url": slack.home,
        "team": "Double",
        "user": "nellie",
        "team_id": TEAM,
        "user_id": NELLIE,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


@method("apps.connections.open")
def connections_open(slack: "Slack", call: Call) -> Json:
    return {"url": slack.sockets.ticket()}


@method("team.info", "team:read")
def team_info(slack: "Slack", call: Call) -> Json:
    return {"team": {"id": TEAM, "name": "Double", "domain": "double", "email_domain": ""}}


@method("bots.info", "users:read")
def bots_info(slack: "Slack", call: Call) -> Json:
    if call.get("bot") != BOT_ID:
        raise Refused("bot_not_found")
    known = {"id": BOT_ID, "app_id": APP, "user_id": NELLIE, "name": "nellie"}
    return {"bot": {**known, "deleted": False, "updated": 1_700_000_000}}


@method("users.info", "users:read")
def users_info(slack: "Slack", call: Call) -> Json:
    person = slack.people.get(call.need("user"))
    if person is None:
        raise Refused("user_not_found")
    return {"user": person.json()}


@method("users.list", "users:read")
def users_list(slack: "Slack", call: Call) -> Json:
    people, more = page(list(slack.people.values()), call)
    return {"members": [one.json() for one in people], "cache_ts": 0, **more}


@method("conversations.info")
def conversations_info(slack: "Slack", call: Call) -> Json:
    room = slack.room(call.need("channel"))
    need_for(slack, room, "read")
    if room.kind != "channel" and NELLIE not in room.members:
        raise Refused("channel_not_found")
    return {"channel": room.json()}


def _kinds(slack: "Slack", call: Call) -> set[str]:
    wanted = (call.get("types") or "public_channel").split(",")
    words = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
    if not set(wanted) <= words.keys():
        raise Refused("invalid_types")
    for kind in wanted:
        need(slack, f"{KINDS[words[kind]]}:read")
    return {words[kind] for kind in wanted}


@method("conversations.list")
def conversations_list(slack: "Slack", call: Call) -> Json:
    return _listed(slack, call, mine=False)


@method("users.conversations")
def users_conversations(slack: "Slack", call: Call) -> Json:
    return _listed(slack, call, mine=True)


def _listed(slack: "Slack", call: Call, *, mine: bool) -> Json:
    kinds, hidden = _kinds(slack, call), call.flag("exclude_archived")
    whose = call.get("user", NELLIE) if mine else NELLIE
    rooms = [
        room
        for room in slack.rooms.values()
        if room.kind in kinds
        and not (hidden and room.archived)
        and (whose in room.members or (not mine and room.kind == "channel"))
    ]
    listed, more = page(rooms, call)
    return {"channels": [room.json() for room in listed], **more}


@method("conversations.members")
def conversations_members(slack: "Slack", call: Call) -> Json:
    room = slack.room(call.need("channel"))
    need_for(slack, room, "read")
    members, more = page(room.members, call)
    return {"members": members, **more}


@method("conversations.join", "channels:join")
def conversations_join(slack: "Slack", call: Call) -> Json:
    room = slack.room(call.need("channel"))
    if room.kind != "channel":
        raise Refused("method_not_supported_for_channel_type")
    if NELLIE not in room.members:
        slack.enters(room, NELLIE)
    return {"channel": room.json()}


@method("conversations.open", "im:write", "mpim:write")
def conversations_open(slack: "Slack", call: Call) -> Json:
    people = str(call.need("users")).split(",")
    if not set(people) <= slack.people.keys():
        raise Refused("user_not_found")
    return {"channel": {"id": slack.direct(*people).id}}


@method("conversations.history")
def conversations_history(slack: "Slack", call: Call) -> Json:
    room = _readable(slack, call)
    found, more = page(_between(room.top()[::-1], call), call, most=999)
    return {"messages": found, "has_more": bool(more["response_metadata"]["next_cursor"]), **more}


@method("conversations.replies")
def conversations_replies(slack: "Slack", call: Call) -> Json:
    room, root = _readable(slack, call), call.need("ts")
    if root not in room.messages:
        raise Refused("thread_not_found")
    thread = room.thread(room.messages[root].get("thread_ts", root))
    found, more = page([_plain(thread[0], call), *_between(thread[1:], call)], call)
    return {"messages": found, "has_more": bool(more["response_metadata"]["next_cursor"]), **more}


def _readable(slack: "Slack", call: Call) -> Room:
    room = slack.room(call.need("channel"))
    need_for(slack, room, "history")
    if NELLIE not in room.members:
        raise Refused("not_in_channel" if room.kind == "channel" else "channel_not_found")
    return room


def _between(messages: list[Json], call: Call) -> list[Json]:
    oldest, latest = float(call.get("oldest") or 0), float(call.get("latest") or "inf")
    both = call.flag("inclusive")
    return [
        _plain(one, call)
        for one in messages
        if oldest < float(one["ts"]) < latest or (both and float(one["ts"]) in (oldest, latest))
    ]


def _plain(message: Json, call: Call) -> Json:
    if call.flag("include_all_metadata"):
        return message
    return {name: value for name, value in message.items() if name != "metadata"}


@method("reactions.add", "reactions:write")
def reactions_add(slack: "Slack", call: Call) -> Json:
    message = slack.message(slack.room(call.need("channel")), call.need("timestamp"))
    reactions = slack.reactions.setdefault(message["ts"], [])
    if call.need("name") in reactions:
        raise Refused("already_reacted")
    reactions.append(call.get("name"))
    return {}


@method("reactions.remove", "reactions:write")
def reactions_remove(slack: "Slack", call: Call) -> Json:
    reactions = slack.reactions.get(call.need("timestamp"), [])
    if call.need("name") not in reactions:
        raise Refused("no_reaction")
    reactions.remove(call.get("name"))
    return {}


@method("files.info", "files:read")
def files_info(slack: "Slack", call: Call) -> Json:
    if call.need("file") not in slack.files:
        raise Refused("file_not_found")
    return {"file": slack.files[call.get("file")][0]}


@method("files.getUploadURLExternal", "files:write")
def upload_url(slack: "Slack", call: Call) -> Json:
    file = slack.shape_file(call.need("filename"), b"", NELLIE)
    slack.files[file["id"]] = (file, b"")
    return {"upload_url": f"{slack.url}/upload/{file['id']}", "file_id": file["id"]}


@method("files.completeUploadExternal", "files:write")
def complete_upload(slack: "Slack", call: Call) -> Json:
    files = []
    for one in call.json("files"):
        if one["id"] not in slack.files:
            raise Refused("file_not_found")
        files.append(slack.files[one["id"]][0])
    if call.get("channel_id"):
        said = {"subtype": "file_share", "user": NELLIE, "bot_id": BOT_ID, "files": files}
        thread = {"thread_ts": call.get("thread_ts")} if call.get("thread_ts") else {}
        text = call.get("initial_comment") or ""
        slack.said(slack.room(call.get("channel_id")), {**said, **thread, "text": text})
    return {"files": files}


@method("assistant.threads.setStatus", "assistant:write", "chat:write")
def set_status(slack: "Slack", call: Call) -> Json:
    room, thread = slack.room(call.need("channel_id")), call.need("thread_ts")
    if thread not in room.messages:
        raise Refused("invalid_thread_ts")
    if "status" not in call.args:
        raise Refused("invalid_arguments")
    slack.status(room, thread, call.get("status"))
    return {}


@method("assistant.threads.setSuggestedPrompts", "assistant:write")
def set_prompts(slack: "Slack", call: Call) -> Json:
    prompts = call.json("prompts")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
        raise Refused("invalid_arguments")
    slack.prompts[slack.room(call.need("channel_id")).id] = [one["title"] for one in prompts]
    return {}


@method("assistant.threads.setTitle", "assistant:write")
def set_title(slack: "Slack", call: Call) -> Json:
    slack.titles[call.need("channel_id"), call.need("thread_ts")] = call.need("title")
    return {}


@method("agents.sessions.setStatus", "assistant:write", "chat:write")
def session_status(slack: "Slack", call: Call) -> Json:
    if not slack.agents:
        raise Refused("feature_not_enabled")
    if call.need("status") not in ("active", "processing", "suspended", "closed"):
        raise Refused("invalid_arguments")
    room = slack.room(call.need("channel_id"))
    slack.sessions[room.id, call.get("thread_ts") or ""] = call.get("status")
    if slack.events is not None and "agent_session_stopped" not in slack.events:
        return {"warning": "missing_agent_session_stopped_event_subscription"}
    return {"status": call.get("status")}


@method("agents.sessions.rename", "assistant:write", "chat:write")
def session_rename(slack: "Slack", call: Call) -> Json:
    if not slack.agents:
        raise Refused("feature_not_enabled")
    slack.titles[call.need("channel_id"), call.get("thread_ts") or ""] = call.need("title")
    return {}


@method("views.publish")
def views_publish(slack: "Slack", call: Call) -> Json:
    view = call.json("view")
    if call.need("user_id") not in slack.people:
        raise Refused("user_not_found")
    check_home(view)
    slack.homes[call.get("user_id")] = view
    return {"view": {"id": number("V"), "team_id": TEAM, "hash": "1", **view}}


@method("views.open")
def views_open(slack: "Slack", call: Call) -> Json:
    if call.need("trigger_id") not in slack.triggers:
        raise Refused("expired_trigger_id")
    person = slack.triggers.pop(call.get("trigger_id"))
    view = call.json("view")
    check_home(view)
    opened = {"id": number("V"), "team_id": TEAM, "hash": "1", "state": {"values": {}}, **view}
    slack.modals[person] = opened
    return {"view": opened}


def check_home(view: object) -> None:
    """A view has a type and at most 100 blocks. Raises Refused."""
    if not isinstance(view, dict) or view.get("type") not in ("home", "modal"):
        raise Refused("invalid_arguments")
    blocks = view.get("blocks") or []
    if len(blocks) > 100:
        raise Refused("invalid_arguments")
    for start in range(0, len(blocks), 50):
        check_blocks(blocks[start : start + 50])
