"""Text leaves each adapter at one place, where it is kept from pinging and from previews."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ADAPTERS = Path(__file__).parents[2] / "adapters"
SENDS = {
    "discord": {
        *("send", "edit", "reply", "send_message", "edit_message", "edit_original_response"),
        *("create_thread", "forward", "publish", "edit_webhook_message", "execute_webhook"),
        *("edit_original_interaction_response", "create_interaction_response"),
    },
    "slack": {
        *("api_call", "chat_stream", "say", "respond", "send", "send_message", "files_upload"),
        *("files_upload_v2", "post", "request", "say_stream"),
    },
}
"""How the libraries send something; every method of Slack's client too, which all have a `_`."""
ONE_PLACE = {"discord": "posting.py", "slack": "web_api.py"}
KNOWN = {
    # Ours: they end at the one place.
    *("backfill.request", "self._backfill.request", "self._loop.request", "workspace.api.respond"),
    *("self._api.respond", "self.respond", "self._responses.respond", "posting.send"),
    *("posting.edit", "posting.respond", "self._pace.edit", "self._surface.edit", "super().edit"),
    *("self.by_token.edit", "self._direct.edit"),
    "web.post",  # where Slack's deliveries arrive
    "terminal.say",  # to who sets her up, at a terminal
}


def calls(platform: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call in the platform's folder, with its file."""
    for path in sorted((ADAPTERS / platform).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield path.name, node


def is_sending(call: ast.Call, platform: str) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return name in SENDS[platform] or name.startswith(("chat_", "views_", "files_"))


@pytest.mark.parametrize("platform", ONE_PLACE)
def test_text_is_sent_at_one_place(platform: str) -> None:
    elsewhere = {
        f"{file}: {ast.unparse(call.func)}"
        for file, call in calls(platform)
        if file != ONE_PLACE[platform]
        and is_sending(call, platform)
        and ast.unparse(call.func) not in KNOWN
    }

    assert elsewhere == set()


def test_every_call_that_sends_text_to_discord_forbids_previews_and_pings() -> None:
    sent = [call for file, call in calls("discord") if file == "posting.py"]
    sending = [call for call in sent if is_sending(call, "discord")]

    assert len(sending) > 4
    for call in sending:
        assert any(
            ast.unparse(keyword.value) in ("_ALWAYS", "given", "_by(interaction, given)")
            for keyword in call.keywords
        ), ast.unparse(call)


@pytest.mark.parametrize(
    ("platform", "file"), [("discord", "surfaces.py"), ("slack", "answer_messages.py")]
)
def test_whom_a_post_may_ping_is_what_the_core_says_of_it_alone(platform: str, file: str) -> None:
    asked = {
        (path.name, ast.unparse(node))
        for path in sorted((ADAPTERS / platform).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "pings"
    }

    assert {name for name, _ in asked} == {file}
    assert all(text.endswith("delivery_log.pings") for _, text in asked)


@pytest.mark.parametrize("platform", ONE_PLACE)
def test_an_acknowledgement_carries_no_text(platform: str) -> None:
    acknowledged = [
        ast.unparse(call)
        for _, call in calls(platform)
        if ast.unparse(call.func).split(".")[-1] in ("ack", "_ack") and (call.args or call.keywords)
    ]

    assert acknowledged == []
