"""The environment: variables, a file .env below them, and secrets that stand in files."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from dotenv import dotenv_values

from bot.domain.errors import SettingsError

ENV_FILE = ".env"
FROM_FILE = "_FILE"


class Environment(Mapping[str, str]):
    """Variables by name. NAME_FILE names a file that holds NAME, as containers hand over secrets.

    Such a file is read only when its variable is asked for.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def __getitem__(self, name: str) -> str:
        file = self._variables.get(name + FROM_FILE)
        if not file:
            return self._variables[name]
        if self._variables.get(name):
            raise SettingsError(name=name, reason=f"{name}{FROM_FILE} is set too; keep one of them")
        try:
            return Path(file).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = f"the file cannot be read ({error})"
            raise SettingsError(name=name + FROM_FILE, reason=reason) from None

    def raw(self, name: str) -> str:
        """What a variable itself says, empty where it is not set; no file is read."""
        return self._variables.get(name, "")

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


def read_environment() -> Environment:
    """Read the environment; what it does not set comes from .env. Raises SettingsError."""
    try:
        in_file = dotenv_values(ENV_FILE)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(name=ENV_FILE, reason=f"it cannot be read ({error})") from None
    return Environment({**{name: value or "" for name, value in in_file.items()}, **os.environ})
