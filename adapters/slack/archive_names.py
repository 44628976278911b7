"""Names that an export's messages tell of their authors, where its list of people lacks them."""

from collections.abc import Iterable
from typing import Any

from adapters.slack.incoming import display_name


def learn_name(people: dict[str, str], entry: Any) -> None:
    """Note how an author is called who is not in the list; what is garbled tells nothing."""
    if not isinstance(entry, dict):
        return
    id_, profile = entry.get("user"), entry.get("user_profile")
    if not isinstance(id_, str) or not isinstance(profile, dict) or id_ in people:
        return
    try:
        name = display_name(profile, profile)
    except ValueError:
        return
    if name:
        people[id_] = name


def learn_names(people: dict[str, str], entries: Iterable[tuple[int, Any]]) -> None:
    """Those of a whole file: a mention may stand before what its person wrote."""
    for _, entry in entries:
        learn_name(people, entry)
