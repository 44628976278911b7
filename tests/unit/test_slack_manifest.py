"""The manifest asks for what the code calls and hears, and for nothing else."""

import re
from pathlib import Path
from typing import Any

import yaml

from adapters.slack import bolt_app, command_syntax
from adapters.slack.cli import read_manifest
from adapters.slack.events import Events

ROOT = Path(__file__).parents[2]
MANIFEST = yaml.safe_load(read_manifest())
KINDS = ("channels", "groups", "im", "mpim")
SCOPES = {
    "agents.sessions.setStatus": {"assistant:write"},
    "apps.connections.open": set[str](),  # the app-level token's own
    "assistant.threads.setStatus": {"assistant:write"},
    "assistant.threads.setSuggestedPrompts": {"assistant:write"},
    "auth.test": set[str](),
    "bots.info": {"users:read"},
    "chat.appendStream": {"chat:write"},
    "chat.delete": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.startStream": {"chat:write"},
    "chat.stopStream": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {f"{kind}:history" for kind in KINDS},
    "conversations.info": {f"{kind}:read" for kind in KINDS},
    "conversations.members": {f"{kind}:read" for kind in KINDS},
    "conversations.open": {"im:write"},
    "conversations.replies": {f"{kind}:history" for kind in KINDS},
    "files.info": {"files:read"},
    "files.upload": {"files:write"},
    "users.conversations": {f"{kind}:read" for kind in KINDS},
    "users.info": {"users:read"},
    "views.open": set[str](),
    "views.publish": set[str](),
}
"""What each method needs, as Slack's reference says."""
ELSEWHERE = {"commands", "files:read", "app_mentions:read"}
"""Scopes for commands and shortcuts, for downloads, and for an event."""
_CALL = re.compile(
    r"\"((?:agents|apps|assistant|auth|bots|chat|conversations|files|users|views)\.[a-zA-Z.]+)\""
    r"|\.(apps_connections_open|files_upload)"
)


def called() -> set[str]:
    """Every method that stands in the adapter's code."""
    found = set()
    for file in (ROOT / "adapters" / "slack").glob("*.py"):
        for direct, wrapped in _CALL.findall(file.read_text()):
            found.add(direct or wrapped.replace("_", "."))
    return found - {"users.json"}


def test_every_method_is_known_here() -> None:
    assert called() == set(SCOPES)


def test_the_scopes_are_those_that_the_code_needs() -> None:
    needed = set().union(*(SCOPES[method] for method in called())) | ELSEWHERE

    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed


def test_every_scope_has_its_reason_in_the_guide() -> None:
    guide = (ROOT / "docs" / "slack.md").read_text()
    explained = set(re.findall(r"`([a-z_]+:?[a-z]*)`", guide.split("## What each scope")[1]))

    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) <= explained


def test_the_events_are_those_that_are_handled() -> None:
    nothing: Any = None
    events = Events(workspace=nothing, inbox=nothing, turns=nothing, home=nothing, backfill=nothing)
    handled = set(events.handlers)
    subscribed = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])

    assert {event.partition(".")[0] for event in subscribed} == handled
    assert {event for event in subscribed if "." in event} == {f"message.{kind}" for kind in KINDS}


def test_what_people_can_press_and_type_is_listened_for() -> None:
    features = MANIFEST["features"]

    assert [one["command"] for one in features["slash_commands"]] == [command_syntax.COMMAND]
    assert {one["callback_id"] for one in features["shortcuts"]} == set(bolt_app.SHORTCUTS)
    assert all(one["type"] == "message" for one in features["shortcuts"])
    assert MANIFEST["settings"]["interactivity"]["is_enabled"]
    assert MANIFEST["settings"]["socket_mode_enabled"]
