"""Settings of memory: window, recall, retention and embeddings."""

import re
from typing import ClassVar

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from bot.config.groups.base import Group

_EMBEDDER = re.compile(r"[\w.-]+/\S+|tei|llamacpp")
_NONE = "none"  # an empty variable counts as one that is not set


class MemorySettings(Group):
    """What prompts hold of a channel, how old messages are found, and how long they are kept."""

    title: ClassVar[str] = "Memory"

    window_high: int = Field(
        8000,
        ge=400,
        le=10_000_000,
        description="Tokens of recent messages at which compaction starts.",
    )
    window_low: int = Field(
        2000, ge=100, description="Tokens of recent messages that compaction leaves."
    )
    recall: int = Field(
        1200, ge=0, le=1_000_000, description="Tokens of old messages in a prompt; 0 = none."
    )
    retention: int = Field(
        0, ge=0, le=36_500, description="Days that messages are kept; 0 = for ever."
    )
    forget_removed_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="Days after which a channel is forgotten that Nellie was removed from, or that"
        " was deleted; 0 = never.",
    )
    embeddings: str = Field(
        "",
        description="Model that finds old messages by meaning: <provider>/<name>, or tei; empty ="
        " by words alone.",
    )
    embeddings_url: str | None = Field(
        None,
        description="Address of any server with /v1/embeddings: TEI, Ollama (default:"
        " OPENAI_BASE_URL).",
    )
    embeddings_dimensions: int = Field(
        0,
        ge=0,
        le=16_000,
        description="Numbers of a vector, where the model can have fewer; 0 = its own size.",
    )
    embeddings_query_prefix: str | None = Field(
        None,
        description="What stands before a question (default: what the model's name asks for; none"
        " = nothing).",
    )
    embeddings_passage_prefix: str | None = Field(
        None, description="What stands before a message (the same)."
    )
    embeddings_key: SecretStr | None = Field(
        None,
        description="Key of that server (default: OPENAI_API_KEY, unless NELLIE_EMBEDDINGS_URL is"
        " set).",
    )
    embeddings_timeout: float = Field(
        0.3,
        gt=0,
        le=60,
        description="Seconds to wait for that server before recall goes on without it.",
    )

    @field_validator("window_low")
    @classmethod
    def _at_most_half(cls, value: int, info: ValidationInfo) -> int:
        high = info.data.get("window_high", value * 2)
        if value * 2 > high:
            raise ValueError(f"at most half of NELLIE_WINDOW_HIGH ({high})")
        return value

    @field_validator("embeddings")
    @classmethod
    def _known_kind(cls, value: str) -> str:
        if value and not _EMBEDDER.fullmatch(value):
            raise ValueError(
                "write openai/<name>, or the like of another provider, for example"
                " openai/text-embedding-3-small"
            )
        return value

    @field_validator("embeddings_query_prefix", "embeddings_passage_prefix")
    @classmethod
    def _as_meant(cls, value: str | None) -> str | None:
        """Lines end with \\n in a variable."""
        if value is None or value.strip().lower() == _NONE:
            return value and ""
        return value.replace("\\n", "\n")
