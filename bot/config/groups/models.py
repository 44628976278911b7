"""Settings of language models."""

from functools import cached_property
from typing import ClassVar

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from bot.config.groups.base import Group, Names, without_prefix
from bot.domain.generation import parse_generations

_SEES = {"yes": True, "no": False, "auto": None}


class ModelSettings(Group):
    """Which language models answer, and how long they may take."""

    title: ClassVar[str] = "Models"

    model: Names = Field(
        ("extractive",),
        description="Models to answer with, tried in order: <provider>/<name>, local/<path>, tgi,"
        " extractive.",
    )
    models: Names = Field(
        (), description="Models that /model set may choose from (default: those of NELLIE_MODEL)."
    )
    openai_api_key: SecretStr | None = Field(
        None,
        validation_alias=without_prefix("OPENAI_API_KEY"),
        description="API key for the models openai/<name>.",
    )
    openai_base_url: str | None = Field(
        None,
        validation_alias=without_prefix("OPENAI_BASE_URL"),
        description="Address of any OpenAI-compatible server: vLLM, llama.cpp, Ollama, LM Studio,"
        " TGI's /v1.",
    )
    tgi_url: str | None = Field(
        None, description="Address of Text Generation Inference, for the model tgi."
    )
    tgi_api_key: SecretStr | None = Field(
        None, description="Bearer key of that TGI server, if it needs one."
    )
    local_context_window: int = Field(
        8192,
        ge=512,
        le=100_000_000,
        description="Context window of models local/<path>, at most what their file says; memory"
        " grows with it.",
    )
    context_window: int | None = Field(
        None,
        ge=1024,
        le=100_000_000,
        description="Context window of the model in tokens, where its server does not say.",
    )
    generation: str = Field(
        "",
        description="How models generate where a channel says nothing else: temperature=0.2"
        " top_p=0.9 seed=7 stop=END reasoning_effort=low verbosity=low"
        ' system="Answer in French."; openai/gpt-6-luna: temperature=0.9.',
    )
    vision: Names = Field(
        ("auto",),
        description="Whether models are shown pictures: auto (tried once where a server does not"
        " say), yes or no; of one model: openai/gpt-6-luna=no.",
    )
    max_answer: int = Field(1000, ge=16, le=1_000_000, description="Tokens an answer may have.")
    read_timeout: float = Field(
        60, gt=0, le=86_400, description="Seconds a model may be silent before it counts as failed."
    )
    turn_timeout: float = Field(
        300, gt=0, le=86_400, description="Seconds an answer may take in all."
    )
    concurrency: int = Field(
        32, ge=1, le=10_000, description="Model calls that one replica makes at the same time."
    )

    @field_validator("model")
    @classmethod
    def _not_empty(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("name at least one model, for example extractive")
        if twice := next((name for name in value if value.count(name) > 1), None):
            raise ValueError(f"it names {twice} twice")
        return value

    @field_validator("generation")
    @classmethod
    def _generation_is_understood(cls, value: str, info: ValidationInfo) -> str:
        known = {*info.data.get("model", ()), *info.data.get("models", ())}
        for name in parse_generations(value).keys() - {"", *map(str.casefold, known)}:
            raise ValueError(f"it names {name}, which is neither in NELLIE_MODEL nor NELLIE_MODELS")
        return value

    @field_validator("vision")
    @classmethod
    def _vision_is_understood(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known = {"", *info.data.get("model", ()), *info.data.get("models", ())}
        for name, sees in map(_split_vision, value):
            if sees not in _SEES:
                raise ValueError(f"it says {sees}, which is none of {', '.join(_SEES)}")
            if name.casefold() not in map(str.casefold, known):
                raise ValueError(
                    f"it names {name}, which is neither in NELLIE_MODEL nor NELLIE_MODELS"
                )
        return value

    def sees(self, model: str) -> bool | None:
        """Whether this model is shown pictures; None where that is found out."""
        told = {name.casefold(): sees for name, sees in map(_split_vision, self.vision)}
        return _SEES[told.get(model.casefold(), told.get("", "auto"))]

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """The models that /model set may choose from."""
        return self.models or self.model


def _split_vision(said: str) -> tuple[str, str]:
    """A model, or "" for all of them, and whether it sees."""
    name, _, sees = said.rpartition("=")
    return name.strip(), sees.strip().casefold()
