"""A model that sorts texts by a word in them, as prompts of labels ask it to."""

import json
import re

from bot.domain.model import Chunk, Prompt, Usage
from bot.testing import Script, Steps

_TEXT = re.compile(r"^(?:Text (\d+)|The text):\n((?:\|.*\n?)+)", re.MULTILINE)


def sorts(sure: float = 0.9, **words: str) -> Script:
    """A script that gives a label to each text with its word, and none to all others."""

    def script(prompt: Prompt) -> Steps:
        found = {
            number or "1": _sort(text, sure, words)
            for number, text in _TEXT.findall(prompt.messages[1].text)
        }
        answer = found if len(found) > 1 else found["1"]
        return (Chunk(json.dumps(answer)), Chunk("", "stop", Usage("", prompt.tokens, 9)))

    return script


def _sort(text: str, sure: float, words: dict[str, str]) -> dict[str, object]:
    label = next((label for label, word in words.items() if word in text), "none")
    return {"label": label, "confidence": sure}


def asked_texts(prompt: Prompt) -> list[str]:
    """The texts that a prompt asks about."""
    return [text.strip() for _, text in _TEXT.findall(prompt.messages[1].text)]
