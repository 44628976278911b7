"""The shape that an answer is to have, for servers that can hold a model to it; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """A JSON Schema, or a regular expression, which the whole answer is to match.

    Whoever asks checks what comes: not every server can do this, and one that cannot answers in
    free words. OpenAI and TGI want an object with `properties` at the top of a schema, OpenAI
    also all of them `required` and no `additionalProperties`.
    """

    name: str
    """Of letters, digits, "_" and "-"."""
    schema: Mapping[str, Any] = field(default_factory=dict)
    regex: str = ""
    """In place of a schema: TGI, vLLM and SGLang know it, others are not asked for it."""
