"""What the groups of settings share."""

from typing import Annotated, ClassVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict
from pydantic_settings import NoDecode


def _split_at_commas(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_at_commas)]
"""A list that is written with commas."""


def without_prefix(name: str) -> AliasChoices:
    """The variable of a setting that other programs know by this name too."""
    return AliasChoices(name)


class Group(BaseModel):
    """Settings of one subject."""

    title: ClassVar[str]
    model_config = ConfigDict(frozen=True)
