"""The Web API for agents (status, prompts, sessions) and for views (home tab, modals)."""

from typing import TYPE_CHECKING

from doubles.slack_server.api import Call, method
from doubles.slack_server.message_limits import check_blocks
from doubles.slack_server.shapes import TEAM, Json, Refused, new_id

if TYPE_CHECKING:
    from doubles.slack_server import Slack


@method("assistant.threads.setStatus", "assistant:write", "chat:write")
def set_status(slack: "Slack", call: Call) -> Json:
    room, thread = slack.room(call.require("channel_id")), call.require("thread_ts")
    if thread not in room.messages:
        raise Refused("invalid_thread_ts")
    if "status" not in call.args:
        raise Refused("invalid_arguments")
    slack.set_status(room, thread, call.get("status"))
    return {}


@method("assistant.threads.setSuggestedPrompts", "assistant:write")
def set_prompts(slack: "Slack", call: Call) -> Json:
    prompts = call.json("prompts")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
        raise Refused("invalid_arguments")
    slack.suggested_prompts[slack.room(call.require("channel_id")).id] = [
        one["title"] for one in prompts
    ]
    return {}


@method("assistant.threads.setTitle", "assistant:write")
def set_title(slack: "Slack", call: Call) -> Json:
    slack.titles[call.require("channel_id"), call.require("thread_ts")] = call.require("title")
    return {}


@method("agents.sessions.setStatus", "assistant:write", "chat:write")
def session_status(slack: "Slack", call: Call) -> Json:
    if not slack.agents:
        raise Refused("feature_not_enabled")
    if call.require("status") not in ("active", "processing", "suspended", "closed"):
        raise Refused("invalid_arguments")
    room = slack.room(call.require("channel_id"))
    slack.sessions[room.id, call.get("thread_ts") or ""] = call.get("status")
    if slack.events is not None and "agent_session_stopped" not in slack.events:
        return {"warning": "missing_agent_session_stopped_event_subscription"}
    return {"status": call.get("status")}


@method("agents.sessions.rename", "assistant:write", "chat:write")
def session_rename(slack: "Slack", call: Call) -> Json:
    if not slack.agents:
        raise Refused("feature_not_enabled")
    slack.titles[call.require("channel_id"), call.get("thread_ts") or ""] = call.require("title")
    return {}


@method("views.publish")
def views_publish(slack: "Slack", call: Call) -> Json:
    view = call.json("view")
    if call.require("user_id") not in slack.people:
        raise Refused("user_not_found")
    check_view(view)
    slack.home_tabs[call.get("user_id")] = view
    return {"view": {"id": new_id("V"), "team_id": TEAM, "hash": "1", **view}}


@method("views.open")
def views_open(slack: "Slack", call: Call) -> Json:
    if call.require("trigger_id") not in slack.triggers:
        raise Refused("expired_trigger_id")
    person = slack.triggers.pop(call.get("trigger_id"))
    view = call.json("view")
    check_view(view)
    opened = {"id": new_id("V"), "team_id": TEAM, "hash": "1", "state": {"values": {}}, **view}
    slack.opened_views[person] = opened
    return {"view": opened}


def check_view(view: object) -> None:
    """A view has a type and at most 100 blocks. Raises Refused."""
    if not isinstance(view, dict) or view.get("type") not in ("home", "modal"):
        raise Refused("invalid_arguments")
    blocks = view.get("blocks") or []
    if len(blocks) > 100:
        raise Refused("invalid_arguments")
    for start in range(0, len(blocks), 50):
        check_blocks(blocks[start : start + 50])
