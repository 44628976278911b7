"""The JSON in a model's answer, also of one that no server held to it; pure."""

import json
import re
from typing import Any

_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)\n\s*```", re.DOTALL | re.IGNORECASE)
_DECODER = json.JSONDecoder()


def read_object(answer: str) -> dict[str, Any]:
    """The object that an answer is, or has in it. Raises ValueError, with what is wrong."""
    if not answer.strip():
        raise ValueError("nothing was said")
    fenced = _FENCED.search(answer)
    text = fenced[1] if fenced else answer
    start = text.find("{")
    if start < 0:
        raise ValueError("there is no JSON object in it")
    try:
        found, _ = _DECODER.raw_decode(text, start)
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"its JSON is broken ({error})") from None
    if not isinstance(found, dict):
        raise ValueError("its JSON is no object")
    return found
