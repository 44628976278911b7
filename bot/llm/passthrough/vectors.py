"""Answers of Embeddings as they pass: read for what they cost, and never changed."""

from typing import Any

from bot.domain.model import Usage
from bot.llm.answers.usage import read_usage
from bot.llm.openai.events import find_words, raise_error, read_json


def read_vectors(model: str, answer: bytes) -> tuple[dict[str, Any], Usage | None]:
    """The body, and what it cost. Raises ServerError, and ValueError where it has no vectors."""
    body = read_json(answer)
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        if find_words(body):
            raise_error(body)
        raise ValueError("no vectors")
    usage = body.get("usage")
    return body, read_usage(model, usage) if usage else None
