"""Whether commands are to be registered anew, by what Discord says of those it has."""

from typing import Any

import pytest

from adapters.discord.client import Client
from adapters.discord.commands import differs
from adapters.discord.settings import Settings


@pytest.fixture
async def ours() -> list[dict[str, Any]]:
    client = Client(Settings("token"), None, contents=True)  # type: ignore[arg-type]  # no door is needed
    return [command.to_dict(client.tree) for command in client.tree.get_commands()]


def kept(commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What Discord makes of commands: with ids, rights as text, and nothing where nothing was."""

    def of(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: of(one) for key, one in value.items() if one not in (None, [], False)}
        return [of(one) for one in value] if isinstance(value, list) else value

    return [
        {
            **of(command),
            "id": "1",
            "version": "2",
            "default_member_permissions": str(command["default_member_permissions"])
            if command.get("default_member_permissions")
            else None,
        }
        for command in reversed(commands)
    ]


async def test_there_is_a_command_for_all_that_she_can_do(ours: list[dict[str, Any]]) -> None:
    names = {command["name"] for command in ours}

    assert names == {
        "ask", "catchup", "digest", "memory", "persona", "model", "usage", "help",
        "Ask Nellie about this", "Catch me up from here",
    }  # fmt: skip
    assert all(command["contexts"] == [0, 1] for command in ours)
    guarded = {one["name"] for one in ours if one.get("default_member_permissions")}
    assert guarded == {"persona", "model"}


async def test_the_same_commands_are_not_registered_again(ours: list[dict[str, Any]]) -> None:
    assert not differs(ours, kept(ours))


@pytest.mark.parametrize("change", ["none", "fewer", "more", "described", "option", "rights"])
async def test_other_commands_are(ours: list[dict[str, Any]], change: str) -> None:
    theirs = kept(ours)
    ask = next(one for one in theirs if one["name"] == "ask")
    match change:
        case "none":
            theirs = []
        case "fewer":
            theirs.pop()
        case "more":
            theirs.append({**theirs[0], "name": "imagine"})
        case "described":
            ask["description"] = "something else"
        case "option":
            ask["options"][0]["max_length"] = 100
        case "rights":
            next(one for one in theirs if one["name"] == "model")["default_member_permissions"] = (
                "8"
            )

    assert differs(ours, theirs)
