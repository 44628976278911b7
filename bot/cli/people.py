"""Who the people of an archive are here: a file with a line for each."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.domain.errors import SettingsError
from bot.domain.model import Author, Message


@dataclass(frozen=True, slots=True)
class People:
    """By id or name in the archive: who they are here."""

    by_name: Mapping[str, Author] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "People":
        """Lines of `name or id in the archive, id here, name here`; the last may be left out.

        Raises SettingsError.
        """
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = [row for row in csv.reader(file, skipinitialspace=True) if any(row)]
        except (OSError, ValueError, csv.Error) as error:
            raise SettingsError(name="--people", reason=f"{path}: {error}") from None
        found: dict[str, Author] = {}
        for number, row in enumerate(rows, 1):
            cells = [cell.strip() for cell in row]
            if len(cells) not in (2, 3) or not all(cells[:2]):
                reason = f"{path}, line {number}: it is not `name there, id here, name here`"
                raise SettingsError(name="--people", reason=reason)
            found[cells[0]] = Author(cells[1], cells[2] if len(cells) == 3 else cells[0])
        return cls(found)

    def known(self, message: Message) -> Message:
        """A message with its people as they are called here."""
        if not self.by_name:
            return message
        author = message.author
        here = self.by_name.get(author.id) or self.by_name.get(author.name)
        mentions = tuple(self._id(one) for one in message.mentions)
        if here:
            author = replace(author, id=here.id, name=here.name)
        return replace(message, author=author, mentions=mentions)

    def _id(self, id_: str) -> str:
        return self.by_name[id_].id if id_ in self.by_name else id_
