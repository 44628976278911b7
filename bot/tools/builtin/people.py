"""Whom a model means by a name: those of this channel who are called so, wholly or in part."""

from collections.abc import Iterable

from bot.domain.model import Author
from bot.domain.tool_errors import ToolFailed
from bot.language.folding import fold_values
from bot.text.mentions import mentioned_id

SHOWN = 12  # names that an error lists
_ASKER = {"me", "i", "myself", "asker", "the asker", "ich", "moi", "yo"}
_NELLIE = {"nellie", "you", "assistant"}


def find_people(name: str, people: Iterable[Author], asker: Author) -> set[str]:
    """The ids of those who are meant. Raises ToolFailed, with who there is."""
    known = list(people)
    wanted = mentioned_id(name) or name.removeprefix("@")
    folded = fold_values(wanted).strip()
    if folded in _ASKER:
        return {asker.id}
    if found := {one.id for one in known if wanted == one.id}:
        return found
    if folded in _NELLIE:
        return {one.id for one in known if one.nellie} or {"nellie"}
    whole = {one.id for one in known if fold_values(one.name) == folded}
    found = whole or {one.id for one in known if _is_part(folded, fold_values(one.name))}
    if not found:
        names = ", ".join(
            sorted({one.name for one in known if one.name and not one.nellie})[:SHOWN]
        )
        raise ToolFailed(
            reason=f"Nobody here is called “{name[:40]}”. There are: {names or 'none'}."
        )
    return found


def _is_part(wanted: str, name: str) -> bool:
    """Whether a name begins so, or has these words: ana of "Ana Lopez", lopez too."""
    words = wanted.split()
    return bool(words) and set(words) <= set(name.replace(".", " ").replace("_", " ").split())
