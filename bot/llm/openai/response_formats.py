"""How a server is told to hold an answer to a format, each in its own words; pure."""

import re
from typing import Any

from bot.domain.response_format import ResponseFormat

_ABOUT_FORMATS = re.compile(
    r"response_format|json[_ ]?(?:schema|object|mode)|structured.?output|guided|grammar|\bschema",
    re.IGNORECASE,
)


class ResponseFormats:
    """What one model at one server does for an answer's format.

    A server that refuses a schema is asked for any JSON, with the schema as a hint, and one that
    refuses this too for free words; remembered by the format's name.
    """

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._refusals: dict[str, int] = {}

    def parameters(self, wanted: ResponseFormat | None) -> dict[str, Any]:
        """What to send; nothing where this server knows no such thing."""
        if wanted is None:
            return {}
        if self._provider == "tgi":  # it has OpenAI's name for another thing
            return {} if wanted.name in self._refusals else {"response_format": grammar_of(wanted)}
        if not wanted.schema:
            return _format_regex(wanted.regex, self._provider)
        schema = {"name": wanted.name, "schema": dict(wanted.schema), "strict": True}
        steps: tuple[dict[str, Any], ...] = (
            {"response_format": {"type": "json_schema", "json_schema": schema}},
            {"response_format": {"type": "json_object", "schema": dict(wanted.schema)}},
        )
        refused = self._refusals.get(wanted.name, 0)
        return steps[refused] if refused < len(steps) else {}

    def loosen(self, wanted: ResponseFormat | None, words: str) -> bool:
        """Read a refusal. Whether it is worth asking again, for less."""
        if wanted is None or not self.parameters(wanted) or not _ABOUT_FORMATS.search(words):
            return False
        self._refusals[wanted.name] = self._refusals.get(wanted.name, 0) + 1
        return bool(wanted.schema) or self._provider == "tgi"


def grammar_of(wanted: ResponseFormat) -> dict[str, Any]:
    """The same in TGI's own words."""
    if wanted.schema:
        return {"type": "json", "value": dict(wanted.schema)}
    return {"type": "regex", "value": wanted.regex}


def _format_regex(regex: str, provider: str) -> dict[str, Any]:
    """vLLM and SGLang have names of their own for it, which OpenAI's library passes on."""
    named: dict[str, dict[str, Any]] = {
        "vllm": {"structured_outputs": {"regex": regex}},
        "sglang": {"regex": regex},
    }
    return {"extra_body": named[provider]} if provider in named else {}
