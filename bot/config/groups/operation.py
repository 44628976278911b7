"""Settings of logs and health checks."""

from typing import ClassVar, Literal

from pydantic import Field

from bot.config.groups.base import Group


class OperationSettings(Group):
    """How a running process is watched."""

    title: ClassVar[str] = "Operation"

    health: str | None = Field(
        None,
        description="host:port where /healthz, /readyz and /metrics are served, such as"
        " 127.0.0.1:8080.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="What is logged on standard error: debug, info, warning or error."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto",
        description="Log lines for people (console) or machines (json); auto: console at a"
        " terminal.",
    )
