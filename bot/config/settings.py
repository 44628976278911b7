"""What an operator decides: NELLIE_* in the environment or in .env, as one frozen object."""

import difflib
from collections.abc import Iterable, Mapping

from pydantic import AliasChoices, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.config.environment import FROM_FILE, read_environment
from bot.config.groups.api import ApiSettings
from bot.config.groups.base import Group
from bot.config.groups.channels import ChannelSettings
from bot.config.groups.database import DatabaseSettings
from bot.config.groups.documents import DocumentSettings
from bot.config.groups.limits import LimitSettings
from bot.config.groups.memory import MemorySettings
from bot.config.groups.models import ModelSettings
from bot.config.groups.operation import OperationSettings
from bot.config.groups.tools import ToolSettings
from bot.config.groups.web import WebSettings
from bot.domain.errors import SettingsError

PREFIX = "NELLIE_"
GROUPS: tuple[type[Group], ...] = (
    ModelSettings,
    DatabaseSettings,
    ChannelSettings,
    MemorySettings,
    DocumentSettings,
    LimitSettings,
    ApiSettings,
    WebSettings,
    ToolSettings,
    OperationSettings,
)
"""In the order in which `nellie settings` shows them."""


class Settings(
    ModelSettings,
    DatabaseSettings,
    ChannelSettings,
    MemorySettings,
    DocumentSettings,
    LimitSettings,
    ApiSettings,
    WebSettings,
    ToolSettings,
    OperationSettings,
    BaseSettings,
):
    """All settings. `.env.example` is what `nellie settings` prints, and a test compares."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, env_ignore_empty=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take the arguments first, then the environment as adapters read it too."""
        return (init_settings, _EnvironmentSource(settings_cls))


class _EnvironmentSource(EnvSettingsSource):
    """Our own variables, from the same environment that adapters are given."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        environ = read_environment()
        return {name.lower(): environ[name] for name in variables() if environ.get(name)}


def load(**overrides: object) -> Settings:
    """Read and check the settings. Raises SettingsError naming the first one that is wrong."""
    _check_spelling(read_environment())
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = str(first["loc"][0])
        name = field if field.isupper() else f"{PREFIX}{field.upper()}"
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(name=name, reason=f"{reason[:1].lower()}{reason[1:]}") from None


def variables() -> dict[str, str]:
    """Every setting's variable with its description, in the order of the groups."""
    descriptions = {}
    for group in GROUPS:
        for name, field in group.model_fields.items():
            descriptions[variable_of(name, field)] = field.description or ""
    return descriptions


def variable_of(name: str, field: FieldInfo) -> str:
    """The variable of a field."""
    alias = field.validation_alias
    plain = alias.choices[0] if isinstance(alias, AliasChoices) else None
    return str(plain or f"{PREFIX}{name.upper()}")


def _check_spelling(names: Iterable[str]) -> None:
    """Raise SettingsError for a NELLIE_ variable that is nearly a setting.

    It is a slip that would be ignored silently. Others may belong to a plugin.
    """
    known = variables()
    for name in names:
        if name.startswith(PREFIX) and name.removesuffix(FROM_FILE) not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            if near:
                raise SettingsError(name=name, reason=f"there is no such setting; is it {near[0]}?")
