"""Settings of the files that people post."""

from typing import ClassVar

from pydantic import Field

from bot.config.groups.base import Group


class DocumentSettings(Group):
    """How what people attach is read."""

    title: ClassVar[str] = "Documents"

    read_files: int = Field(
        1,
        ge=0,
        le=16,
        description="Files that this process reads at once, each in a process of its own; 0 = none,"
        " other replicas read them.",
    )
    transcriber: str = Field(
        "",
        description="Plugin that hears sounds and voice messages, by its name; empty: they are"
        " named as not heard.",
    )
