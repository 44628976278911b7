"""How commands are typed in Slack: each begins with /nellie. Pure."""

import re

from bot.text.words import split_word

COMMAND = "/nellie"

_BARE_COMMAND = re.compile(
    r"(?<![\w/:.])/(?=(?:ask|catchup|digest|memory|persona|model|usage|key|tools|docs|remind|rules|web|help"
    r"|summarize|translate|sentiment|classify|extract)\b)"
)


def add_prefix(text: str) -> str:
    """A text that names commands, such as /help, with the names that people type in Slack."""
    return _BARE_COMMAND.sub(f"{COMMAND} ", text)


def split_command(text: str) -> tuple[str, str]:
    """The name and the arguments of what was typed after /nellie."""
    name, arguments = split_word(text)
    return name.lower().removeprefix("/") or "help", arguments
