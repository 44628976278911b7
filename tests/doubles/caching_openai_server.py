"""OpenAI since GPT-5.6: a prompt is kept up to marks, and found at marks alone; writes count."""

from typing import Any

from aiohttp import web
from doubles.canned_responses import CannedResponse, ReceivedRequest, pieces
from doubles.openai_server import OpenAIServer

LEAST = 1_024  # tokens from which on a beginning is kept
LOOKED_AT, KEPT = 80, 4  # marks of one prompt: so many are looked for, and so many kept
MARK = "prompt_cache_breakpoint"


class CachingOpenAIServer(OpenAIServer):
    """Answers as OpenAI does, and says in its usage what it had in its cache and what it wrote."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._kept: set[tuple[str, str]] = set()
        self._cache_usage: dict[str, int] = {}

    def _refusal(self, received: ReceivedRequest) -> web.Response | None:
        for number, message in enumerate(received.body["messages"]):
            if refused := self._refuse_content(received, number, message):
                return refused
        if "prompt_cache_retention" in received.body:
            return self.refuse(received.path, 400, "prompt_cache_retention cannot be combined")
        self._cache_usage = self._look_up(received.body)
        return super()._refusal(received)

    def _refuse_content(
        self, received: ReceivedRequest, number: int, message: dict[str, Any]
    ) -> web.Response | None:
        content = message["content"]
        for place, part in enumerate(content if isinstance(content, list) else []):
            where = f"messages[{number}].content[{place}]"
            if part["type"] == "image_url":
                continue
            if not part.get("text"):
                return self.refuse(received.path, 400, f"{where}.text must not be empty")
            if unknown := part.keys() - {"type", "text", MARK}:
                names = f"'{where}.{min(unknown)}'"
                return self.refuse(received.path, 400, f"Unknown parameter: {names}.")
            if MARK in part and message["role"] == "assistant":
                return self.refuse(received.path, 400, f"'{where}.{MARK}' is not for assistants")
        return None

    def _look_up(self, body: dict[str, Any]) -> dict[str, int]:
        """What the prompt's beginning was found and kept as."""
        key = body.get("prompt_cache_key", "")
        marks = [one for one in _beginnings(body)[-LOOKED_AT:] if len(pieces(one)) >= LEAST and key]
        found = max((len(pieces(one)) for one in marks if (key, one) in self._kept), default=0)
        self._kept.update((key, one) for one in marks[-KEPT:])
        written = max(0, len(pieces(marks[-1])) - found) if marks else 0
        return {"cached_tokens": found, "cache_write_tokens": written}

    def usage_chunk(self, read: int, canned: CannedResponse) -> dict[str, Any]:
        chunk = super().usage_chunk(read, canned)
        chunk["usage"]["prompt_tokens_details"] = dict(self._cache_usage)
        return chunk


def _beginnings(body: dict[str, Any]) -> list[str]:
    """The prompt up to each mark; without one, and where nobody says otherwise, up to its end."""
    text, found = "", []
    for message in body["messages"]:
        text += f"\n{message['role']}: "
        content = message["content"]
        for part in content if isinstance(content, list) else [{"text": content}]:
            text += part.get("text") or part["image_url"]["url"]
            if MARK in part:
                found.append(text)
    is_explicit = body.get("prompt_cache_options", {}).get("mode") == "explicit"
    return found if is_explicit else [*found, text]
