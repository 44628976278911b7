"""No link gets a preview: for one, Slack opens it unclicked, with whatever words it holds. Pure.

Posts and responses take a flag. Streams take none, so no link is streamed: where the first one
comes, the stream ends, and the rest is shown by updates, which never get a preview.
"""

import re
from collections.abc import Mapping
from typing import Any

NO_PREVIEWS = {"unfurl_links": False, "unfurl_media": False}
_SHOWS_NO_TEXT = {"chat.delete"}
_LINK = re.compile(r"://|\bwww\.|\]\(|[\w-]\.[^\W\d_]{2,}[/?#][^\s)\]\"'*_`]", re.IGNORECASE)
# The end of a growing text that may yet become a link: the word that is being written.
_UNFINISHED_WORD = re.compile(r"[!-~]{1,300}\Z")


def without_previews(method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call, with the flags where it shows text; a new method shows some too."""
    shows_text = method.startswith("chat.") and method not in _SHOWS_NO_TEXT
    return {**arguments, **(NO_PREVIEWS if shows_text else {})}


def holds_link(text: str) -> bool:
    """Whether Slack could make a link of something in a text."""
    return bool(_LINK.search(text))


def linkless_length(text: str) -> int:
    """How much of a growing text without links comes before an end that may become one."""
    found = _UNFINISHED_WORD.search(text)
    return found.start() if found else len(text)
