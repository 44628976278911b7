"""Renders a prompt as a template would, with the refusals that templates have."""

from itertools import pairwise
from typing import Any


class _Response:
    def __init__(self, prompt: str) -> None:
        self.prompt = prompt


class Jinja2ChatFormatter:
    def __init__(self, template: str, *, eos_token: str, bos_token: str) -> None:
        self._template = template

    def __call__(self, *, messages: list[dict[str, str]], **options: Any) -> _Response:
        roles = [message["role"] for message in messages]
        if "no system" in self._template and "system" in roles:
            raise ValueError("System role not supported")
        if "by turns" in self._template and any(a == b for a, b in pairwise(roles)):
            raise ValueError("Conversation roles must alternate user/assistant")
        text = "".join(f"{one['role']}: {one['content']}\n" for one in messages)
        if "<think>" in self._template and options.get("enable_thinking", True):
            text += "<think>\n"
        return _Response(text)
