"""The words of commands as people type them in Slack: everything begins with /nellie."""

import re

COMMAND = "/nellie"

_BARE = re.compile(r"(?<![\w/:.])/(?=(?:ask|catchup|digest|memory|persona|model|usage|help)\b)")


def as_typed(text: str) -> str:
    """A text that names commands, with their names as they are here."""
    return _BARE.sub(f"{COMMAND} ", text)


def split(text: str) -> tuple[str, str]:
    """The name and the arguments of what was typed after /nellie."""
    name, _, arguments = text.strip().partition(" ")
    return name.lower().removeprefix("/") or "help", arguments.strip()
