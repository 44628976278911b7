"""The Web API for the app itself, its workspace, people, reactions and files."""

from typing import TYPE_CHECKING

from doubles.slack_server.api import Call, method, paginate
from doubles.slack_server.chat import open_unflagged_links
from doubles.slack_server.shapes import APP, BOT_ID, NELLIE, TEAM, Json, Refused

if TYPE_CHECKING:
    from doubles.slack_server import Slack


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
    person = slack.people.get(call.require("user"))
    if person is None:
        raise Refused("user_not_found")
    return {"user": person.json()}


@method("users.list", "users:read")
def users_list(slack: "Slack", call: Call) -> Json:
    people, more = paginate(list(slack.people.values()), call)
    return {"members": [one.json() for one in people], "cache_ts": 0, **more}


@method("reactions.add", "reactions:write")
def reactions_add(slack: "Slack", call: Call) -> Json:
    message = slack.message(slack.room(call.require("channel")), call.require("timestamp"))
    reactions = slack.reactions.setdefault(message["ts"], [])
    if call.require("name") in reactions:
        raise Refused("already_reacted")
    reactions.append(call.get("name"))
    return {}


@method("reactions.remove", "reactions:write")
def reactions_remove(slack: "Slack", call: Call) -> Json:
    reactions = slack.reactions.get(call.require("timestamp"), [])
    if call.require("name") not in reactions:
        raise Refused("no_reaction")
    reactions.remove(call.get("name"))
    return {}


@method("files.info", "files:read")
def files_info(slack: "Slack", call: Call) -> Json:
    file_id = call.require("file")
    if file_id in slack.deleted_files:
        raise Refused("file_deleted")
    if file_id not in slack.files:
        raise Refused("file_not_found")
    return {"file": slack.files[file_id][0], "comments": [], **slack.file_contents.get(file_id, {})}


@method("files.getUploadURLExternal", "files:write")
def upload_url(slack: "Slack", call: Call) -> Json:
    file = slack.file_json(call.require("filename"), b"", NELLIE)
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
        fields = {"subtype": "file_share", "user": NELLIE, "bot_id": BOT_ID, "files": files}
        thread = {"thread_ts": call.get("thread_ts")} if call.get("thread_ts") else {}
        text, room = call.get("initial_comment") or "", slack.room(call.get("channel_id"))
        open_unflagged_links(slack, room, text)
        slack.post(room, {**fields, **thread, "text": text})
    return {"files": files}
