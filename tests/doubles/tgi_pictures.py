"""What TGI's router does with pictures in a prompt, by its own rule (router/src/validation.rs)."""

import base64
import re
from typing import Any

_PICTURE = re.compile(r"!\[\]\([^\)]*\)")
TOKENS_OF_ONE = 256  # as with Gemma 3, whatever its size
_IMAGE = "<|image|>"


class BadPicture(Exception):
    """A part of a prompt that looks like a picture and is none."""


def expand(text: str, fetched: list[str]) -> str:
    """The text with image tokens in the place of pictures; addresses are noted in `fetched`."""

    def replace(found: re.Match[str]) -> str:
        content = found.group()[4:-1]
        if content.startswith(("http://", "https://")):
            fetched.append(content)
            raise BadPicture("Could not fetch image: error sending request")
        kind, _, data = content.removeprefix("data:").partition(";")
        if not content.startswith("data:") or content.count(";") != 1:
            raise BadPicture(f"invalid image content: {content.removeprefix('data:')}")
        if not data.startswith("base64,"):
            raise BadPicture(f"invalid image content: {kind};{data}")
        if not base64.b64decode(data.removeprefix("base64,")):
            raise BadPicture("invalid image: The image format could not be determined")
        return _IMAGE * TOKENS_OF_ONE

    return _PICTURE.sub(replace, text)


def join_parts(content: Any) -> str:
    """A message's content as its template gets it."""
    if isinstance(content, str):
        return content
    return "".join(
        part["text"] if part["type"] == "text" else f"![]({part['image_url']['url']})"
        for part in content
    )
