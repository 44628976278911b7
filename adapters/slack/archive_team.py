"""Which workspace an export is of: it says so of its people, and of some messages."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from adapters.slack.archive_files import BROKEN_ZIP, PEOPLE, Files, read_entries

_DAYS_LOOKED_AT = 20
_ENTRIES_LOOKED_AT = 10_000  # of a file


def find_team(files: Files) -> str:
    """The id of the workspace that most people, else most messages are of; empty for none."""
    told = Counter(_teams(files, [name for name in PEOPLE if name in files]))
    if not told:
        days = sorted(name for name in files if "/" in name)
        told = Counter(_teams(files, days[-_DAYS_LOOKED_AT:]))
    return told.most_common(1)[0][0] if told else ""


def _teams(files: Files, names: Collection[str]) -> Iterator[str]:
    for name in names:
        with suppress(OSError, *BROKEN_ZIP):
            for _, entry in islice(read_entries(files[name])[0], _ENTRIES_LOOKED_AT):
                yield from _teams_of(entry)


def _teams_of(entry: Any) -> Iterator[str]:
    """Guests of other workspaces are strangers here; an Enterprise Grid's id begins with E."""
    if not isinstance(entry, dict) or entry.get("is_stranger"):
        return
    profile = entry.get("user_profile") or entry.get("profile")
    for given in (
        entry.get("team_id"),
        entry.get("team"),
        profile.get("team") if isinstance(profile, dict) else None,
    ):
        if isinstance(given, str) and given.startswith("T"):
            yield given
            return
