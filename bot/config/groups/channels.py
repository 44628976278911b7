"""Settings of how Nellie behaves in channels."""

from typing import ClassVar, Literal

from pydantic import Field

from bot.config.groups.base import Group, Names


class ChannelSettings(Group):
    """How Nellie behaves in channels."""

    title: ClassVar[str] = "Channels"

    persona: str = Field(
        "You are Nellie, a helpful teammate in this channel. You remember what was said here.",
        max_length=4000,
        description="Who Nellie is in channels that have not set their own persona.",
    )
    listen: Literal["all", "mentions"] = Field(
        "all",
        description="all: remember everything said in a channel; mentions: only what is addressed"
        " to Nellie.",
    )
    follow_ups: bool = Field(
        True, description="Answer follow-up questions in a thread without a mention."
    )
    admins: Names = Field(
        (), description="Ids of people with all rights over every channel, separated by commas."
    )
    backfill_days: int = Field(
        30,
        ge=0,
        le=36_500,
        description="Days of history to read when Nellie joins a channel; 0 = none.",
    )
    catchup: int = Field(
        15,
        ge=0,
        le=525_600,
        description="Minutes after which a missed question is no longer answered; at least 6.",
    )
