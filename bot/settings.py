"""NELLIE_* in the environment (or in .env) -> one frozen object, each setting with its line."""

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from platformdirs import user_data_path
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.errors import SettingsError

ENV_FILE = ".env"
_NUMBER = r"\d{1,9}(\.\d{1,9})?"
_PRICE = re.compile(rf"\S+={_NUMBER}/{_NUMBER}/{_NUMBER}", re.ASCII)
_EMBEDDER = re.compile(r"openai/\S+")
FROM_FILE = "_FILE"

Names = Annotated[tuple[str, ...], NoDecode]


def _plain(name: str) -> AliasChoices:
    """A setting that other programs know by this name too, so it carries no prefix."""
    return AliasChoices(name)


class Settings(BaseSettings):
    """What an operator decides. `.env.example` lists the same settings, and a test compares."""

    model_config = SettingsConfigDict(
        env_prefix="NELLIE_", extra="ignore", frozen=True, env_ignore_empty=True
    )

    model: Names = Field(
        ("extractive",), description="Models, tried in order: openai/<name>, tgi, extractive."
    )
    models: Names = Field((), description="What /model set may choose from (default: the above).")
    openai_api_key: SecretStr | None = Field(
        None, validation_alias=_plain("OPENAI_API_KEY"), description="Key for openai/<name>."
    )
    openai_base_url: str | None = Field(
        None,
        validation_alias=_plain("OPENAI_BASE_URL"),
        description="Any OpenAI-compatible server: vLLM, llama.cpp, Ollama, LM Studio, TGI's /v1.",
    )
    tgi_url: str | None = Field(None, description="Text Generation Inference, for model tgi.")
    tgi_api_key: SecretStr | None = Field(None, description="Bearer key of that TGI, if any.")
    database_url: SecretStr | None = Field(
        None,
        validation_alias=_plain("DATABASE_URL"),
        description="Postgres; without it an embedded one runs in NELLIE_HOME.",
    )
    home: Path = Field(
        default_factory=lambda: default_home(), description="Folder of the embedded Postgres."
    )
    persona: str = Field(
        "You are Nellie, a helpful teammate in this channel. You remember what was said here.",
        max_length=4000,
        description="Who she is, where a channel has not set its own persona.",
    )
    context_window: int | None = Field(
        None,
        ge=1024,
        le=100_000_000,
        description="Context window in tokens, where the server does not say.",
    )
    max_answer: int = Field(1000, ge=16, le=1_000_000, description="Tokens an answer may take.")
    window_high: int = Field(
        8000, ge=400, le=10_000_000, description="Window tokens at which compaction starts."
    )
    window_low: int = Field(2000, ge=100, description="Window tokens that compaction leaves.")
    recall: int = Field(
        1200, ge=0, le=1_000_000, description="Tokens of old messages per prompt; 0 = none."
    )
    embeddings: str = Field(
        "", description="Finds old messages by meaning too: openai/<name>; empty = by words alone."
    )
    embeddings_url: str | None = Field(
        None, description="Any server with /v1/embeddings: TEI, Ollama (default: OPENAI_BASE_URL)."
    )
    embeddings_key: SecretStr | None = Field(
        None, description="Key of that server (default: OPENAI_API_KEY, unless it has its own URL)."
    )
    embeddings_timeout: float = Field(
        0.3, gt=0, le=60, description="Seconds that recall waits for it, at most."
    )
    read_timeout: float = Field(60, gt=0, le=86_400, description="Seconds a model may be silent.")
    turn_timeout: float = Field(
        300, gt=0, le=86_400, description="Seconds an answer may take in all."
    )
    listen: Literal["all", "mentions"] = Field(
        "all", description="Remember everything said where she is, or only what is said to her."
    )
    follow_ups: bool = Field(True, description="Answer follow-ups in a thread without a mention.")
    admins: Names = Field((), description="Ids of people with all rights over every channel.")
    backfill_days: int = Field(
        30, ge=0, le=36_500, description="Days read back on joining; 0 = none."
    )
    retention: int = Field(
        0, ge=0, le=36_500, description="Days that messages are remembered; 0 = for ever."
    )
    catchup: int = Field(
        15,
        ge=0,
        le=525_600,
        description="Minutes after which a missed question stays unanswered; at least 6.",
    )
    concurrency: int = Field(
        32, ge=1, le=10_000, description="Calls of models at once, in one replica."
    )
    limit_waiting: int = Field(
        1000, ge=1, description="Questions that may wait for the model, in one replica."
    )
    limit_lane: int = Field(
        200, ge=1, description="Questions that may wait in one conversation; more are declined."
    )
    limit_person_minute: int = Field(
        0, ge=0, description="Questions of one person in a minute; 0 = any number."
    )
    limit_person_hour: int = Field(
        0, ge=0, description="Questions of one person in an hour; 0 = any number."
    )
    limit_channel_minute: int = Field(
        0, ge=0, description="Questions in one channel in a minute; 0 = any number."
    )
    limit_channel_hour: int = Field(
        0, ge=0, description="Questions in one channel in an hour; 0 = any number."
    )
    limit_person_tokens: int = Field(
        0, ge=0, description="Tokens that one person's questions may take a day (UTC); 0 = any."
    )
    limit_channel_tokens: int = Field(
        0, ge=0, description="Tokens that one channel may take a day (UTC); 0 = any."
    )
    limit_tokens: int = Field(
        0, ge=0, description="Tokens that everything may take a day (UTC); 0 = any."
    )
    limit_cost: float = Field(
        0, ge=0, description="Cost of everything a day (UTC), by NELLIE_PRICES; 0 = any."
    )
    prices: Names = Field(
        (), description="Prices per million tokens: openai/NAME=input/cached/output, ..."
    )
    lease: float = Field(
        15, ge=1, le=3_600, description="Seconds after which a silent replica is replaced."
    )
    health: str | None = Field(
        None, description="host:port for /healthz, /readyz and /metrics, as 127.0.0.1:8080."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="How much is logged, on standard error."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="Log lines for people or as JSON; auto: for people at a terminal."
    )

    @field_validator("model", "models", "admins", "prices", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("model")
    @classmethod
    def _not_empty(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("name at least one model, for example extractive")
        return value

    @field_validator("embeddings")
    @classmethod
    def _known_kind(cls, value: str) -> str:
        if value and not _EMBEDDER.fullmatch(value):
            raise ValueError("write openai/<name>, for example openai/text-embedding-3-small")
        return value

    @field_validator("window_low")
    @classmethod
    def _below_high(cls, value: int, info: object) -> int:
        high = getattr(info, "data", {}).get("window_high", value * 2)
        if value * 2 > high:
            raise ValueError(f"at most half of NELLIE_WINDOW_HIGH ({high})")
        return value

    @field_validator("prices")
    @classmethod
    def _priced(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            if not _PRICE.fullmatch(entry):
                raise ValueError("write openai/NAME=0.25/0.025/2.0: input, cached, output")
        return value

    @cached_property
    def price_of(self) -> dict[str, tuple[float, float, float]]:
        """By model, what a million tokens cost: of input, of cached input, of output."""
        found = {"extractive": (0.0, 0.0, 0.0)}
        for entry in self.prices:
            name, _, price = entry.rpartition("=")
            given, cached, output = map(float, price.split("/"))
            found[name] = given, cached, output
        return found

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *others: PydanticBaseSettingsSource,
        **named: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the caller says, then the environment as adapters read it too."""
        return (init_settings, _Given(settings_cls))

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """The models that /model set may choose from."""
        return self.models or self.model


def default_home() -> Path:
    """Where the embedded Postgres keeps its data.

    Root's own home is closed to the unprivileged user that Postgres must run as there.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/nellie")
    return user_data_path("nellie", appauthor=False)


def load(**overrides: object) -> Settings:
    """The settings, checked. Raises SettingsError naming the first one that is wrong."""
    _catch_typing_errors(environment())
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = str(first["loc"][0])
        name = field if field.isupper() else f"NELLIE_{field.upper()}"
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(name=name, reason=f"{reason[:1].lower()}{reason[1:]}") from None


def variables() -> dict[str, str]:
    """Every setting's variable, with its one line."""
    lines = {}
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        plain = alias.choices[0] if isinstance(alias, AliasChoices) else None
        lines[str(plain or f"NELLIE_{name.upper()}")] = field.description or ""
    return lines


def environment() -> "Environment":
    """The environment, over what .env says: where adapters find their own settings."""
    try:
        written = dotenv_values(ENV_FILE)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(name=ENV_FILE, reason=f"it cannot be read ({error})") from None
    return Environment({**{name: value or "" for name, value in written.items()}, **os.environ})


class Environment(Mapping[str, str]):
    """Variables by name. NAME_FILE names a file that holds NAME: so secrets come in containers.

    Such a file is read when its variable is asked for, and not before.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def __getitem__(self, name: str) -> str:
        file = self._given.get(name + FROM_FILE)
        if not file:
            return self._given[name]
        if self._given.get(name):
            raise SettingsError(name=name, reason=f"{name}{FROM_FILE} is set too; keep one of them")
        try:
            return Path(file).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = f"the file cannot be read ({error})"
            raise SettingsError(name=name + FROM_FILE, reason=reason) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


class _Given(EnvSettingsSource):
    """Our own variables, from the same environment that adapters are given."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        given = environment()
        return {name.lower(): given[name] for name in variables() if given.get(name)}


def _catch_typing_errors(given: Iterable[str]) -> None:
    """A NELLIE_ variable that is nearly a setting is a slip that would be silently ignored."""
    known = variables()
    for name in given:
        if name.startswith("NELLIE_") and name.removesuffix(FROM_FILE) not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            if near:
                raise SettingsError(name=name, reason=f"there is no such setting; is it {near[0]}?")
