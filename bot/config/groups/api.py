"""Settings of the OpenAI endpoint."""

from typing import ClassVar, Literal

from pydantic import Field

from bot.config.groups.base import Group, Names


class ApiSettings(Group):
    """What programs are offered, and where."""

    title: ClassVar[str] = "OpenAI endpoint"

    api: str | None = Field(
        None,
        description="host:port where programs find an OpenAI endpoint at /v1, such as"
        " 127.0.0.1:8081; a port alone is on this machine only.",
    )
    api_cors: Names = Field(
        (),
        description="Origins whose web pages may call it, such as https://chat.example.org,"
        " separated by commas; * = any.",
    )
    api_cache: float = Field(
        0,
        ge=0,
        le=31_536_000,
        description="Seconds that an answer without chance (temperature 0, no tools) is kept for"
        " the same question; 0 = none is.",
    )
    api_log: Literal["numbers", "content"] = Field(
        "numbers",
        description="What is kept of each call: numbers, or its content too (content).",
    )
    api_log_days: int = Field(
        7, ge=1, le=3_650, description="Days that the content of calls is kept, where it is."
    )
