"""Settings of the database and of the replicas that share it."""

import os
from pathlib import Path
from typing import ClassVar

from platformdirs import user_data_path
from pydantic import Field, SecretStr

from bot.config.groups.base import Group, without_prefix


def default_home() -> Path:
    """Where the embedded Postgres keeps its data.

    Root's own home is closed to the unprivileged user that Postgres must run as there.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/nellie")
    return user_data_path("nellie", appauthor=False)


class DatabaseSettings(Group):
    """Where Postgres is, and when a silent replica is replaced."""

    title: ClassVar[str] = "Database and replicas"

    database_url: SecretStr | None = Field(
        None,
        validation_alias=without_prefix("DATABASE_URL"),
        description="Address of Postgres; without it, an embedded one runs in NELLIE_HOME.",
    )
    home: Path = Field(
        default_factory=default_home,
        description="Folder of the embedded Postgres; for root /var/lib/nellie, else your own.",
    )
    lease: float = Field(
        15,
        ge=1,
        le=3_600,
        description="Seconds of silence after which other replicas take over a replica's work.",
    )
