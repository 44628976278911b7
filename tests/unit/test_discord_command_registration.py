"""Whether the commands must be registered, by what Discord says of those that it has."""

from typing import Any

import discord
import pytest

from adapters.discord.command_registration import differ
from adapters.discord.commands import command_tree


@pytest.fixture
async def ours() -> list[dict[str, Any]]:
    tree = command_tree(discord.Client(intents=discord.Intents.none()))
    return [command.to_dict(tree) for command in tree.get_commands()]


def as_discord_has_them(commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
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


async def test_there_is_a_command_for_everything_that_nellie_can_do(
    ours: list[dict[str, Any]],
) -> None:
    names = {command["name"] for command in ours}

    slash = {"ask", "catchup", "digest", "memory", "persona", "model", "usage", "key", "help"}
    slash |= {"tools", "docs", "remind", "rules", "web"}
    slash |= {"summarize", "translate", "sentiment", "classify", "extract"}
    menus = {"Ask Nellie about this", "Catch me up from here", "Summarize this"}
    menus |= {"Translate this", "Sentiment of this"}
    assert names == slash | menus
    assert all(command["contexts"] == [0, 1] for command in ours)
    guarded = {one["name"] for one in ours if one.get("default_member_permissions")}
    assert guarded == {"persona", "model"}


async def test_the_same_commands_are_not_registered_again(ours: list[dict[str, Any]]) -> None:
    assert not differ(ours, as_discord_has_them(ours))


@pytest.mark.parametrize("change", ["none", "fewer", "more", "described", "option", "rights"])
async def test_other_commands_are_registered_again(ours: list[dict[str, Any]], change: str) -> None:
    theirs = as_discord_has_them(ours)
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

    assert differ(ours, theirs)
