"""Settings of the page in a browser."""

from typing import ClassVar

from pydantic import Field

from bot.config.groups.base import Group


class WebSettings(Group):
    """Where people look at what she remembers, and how they reach it."""

    title: ClassVar[str] = "Page"

    web: str | None = Field(
        None,
        description="host:port where the page is served, such as 127.0.0.1:8082; a port alone is on"
        " this machine only.",
    )
    web_url: str | None = Field(
        None,
        description="How people reach it, where something with TLS stands before it:"
        " https://nellie.example.org.",
    )
