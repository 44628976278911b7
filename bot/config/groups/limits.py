"""Settings of limits: how much may be asked and spent."""

from functools import cached_property
from typing import ClassVar

from pydantic import Field, field_validator

from bot.config.groups.base import Group, Names
from bot.domain.prices import Price


class LimitSettings(Group):
    """How much may be asked and spent."""

    title: ClassVar[str] = "Limits"

    limit_waiting: int = Field(
        1000,
        ge=1,
        description="Questions that may wait for a model in one replica; more are declined.",
    )
    limit_lane: int = Field(
        200, ge=1, description="Questions that may wait in one conversation; more are declined."
    )
    limit_person_minute: int = Field(
        0, ge=0, description="Questions one person may ask in a minute; 0 = any number."
    )
    limit_person_hour: int = Field(
        0, ge=0, description="Questions one person may ask in an hour; 0 = any number."
    )
    limit_channel_minute: int = Field(
        0, ge=0, description="Questions that may be asked in a channel in a minute; 0 = any number."
    )
    limit_channel_hour: int = Field(
        0, ge=0, description="Questions that may be asked in a channel in an hour; 0 = any number."
    )
    limit_person_tokens: int = Field(
        0,
        ge=0,
        description="Tokens a day (UTC) for one person: questions, and calls of the API; 0 = any"
        " number.",
    )
    limit_person_cost: float = Field(
        0, ge=0, description="Cost a day (UTC) of one person: the same; 0 = any."
    )
    limit_team_tokens: int = Field(
        0,
        ge=0,
        description="Tokens a day (UTC) for one team: a workspace, a server, or the keys of a team;"
        " 0 = any number.",
    )
    limit_team_cost: float = Field(0, ge=0, description="Cost a day (UTC) of one team; 0 = any.")
    limit_channel_tokens: int = Field(
        0, ge=0, description="Tokens a day (UTC) for one channel; 0 = any number."
    )
    limit_tokens: int = Field(
        0, ge=0, description="Tokens a day (UTC) for everything; 0 = any number."
    )
    limit_cost: float = Field(
        0,
        ge=0,
        description="Cost a day (UTC) of everything, at the prices of NELLIE_PRICES; 0 = any.",
    )
    prices: Names = Field(
        (),
        description="Prices per million tokens: openai/NAME=input/cached/output, or"
        " input/cached/written/output where writing into the cache costs, separated by commas.",
    )

    @field_validator("prices")
    @classmethod
    def _well_formed(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            name, _, price = entry.rpartition("=")
            Price.parse(price if name and not any(map(str.isspace, name)) else "")
        return value

    @cached_property
    def price_of(self) -> dict[str, Price]:
        """By model, what a million of its tokens cost."""
        prices = {"extractive": Price(0, 0, 0, 0)}
        for entry in self.prices:
            name, _, price = entry.rpartition("=")
            prices[name] = Price.parse(price)
        return prices
