"""Labels that channels keep, with examples of them, which are people's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from bot.store.database import Database
from bot.store.message_inserts import lock_channel
from bot.store.sql_files import load
from bot.text.fingerprints import mark
from bot.text.words import fold_label

_SQL = load("label_sets")

MOST_SETS, MOST_EXAMPLES = 20, 200  # sets of a channel, examples of a set

NotAdded = Literal["known", "full", "unkept"]
"""It has another label there, there is no room, or its words are not to be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptExample:
    """A text with its label."""

    id: int
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSet:
    """A set of labels with its examples."""

    name: str
    labels: tuple[str, ...]
    examples: tuple[KeptExample, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExample:
    """An example as somebody adds it."""

    label: str
    text: str
    author_id: str
    """Whose words they are."""
    added_by: str
    seq: int | None = None
    """The message that they were said in."""

    @property
    def hash(self) -> str:
        """The same for the same words."""
        return mark(" ".join(self.text.split()).casefold())


class Put(NamedTuple):
    """A set that was kept."""

    labels: tuple[str, ...]
    gone: int
    """Examples that went with labels that are gone."""


class LabelSets:
    """The sets of each channel."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, channel_id: int, name: str, labels: Sequence[str]) -> Put | None:
        """Keep a set; a label that it has already stays as it is written there.

        None where the channel has as many sets as it may.
        """
        values: dict[str, Any] = {"channel": channel_id, "name": name, "most": MOST_SETS}
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            known = await connection.scalar(_SQL.find_set, values) or ()
            written = {fold_label(label): label for label in known}
            values["labels"] = [written.get(fold_label(label), label) for label in labels]
            row = (await connection.execute(_SQL.put, values)).one()
        return Put(tuple(values["labels"]), int(row.gone)) if row.put else None

    async def add(self, channel_id: int, name: str, new: NewExample) -> int | NotAdded:
        """Keep an example; returns its number, or why not."""
        values = {
            "channel": channel_id,
            "name": name,
            "label": new.label,
            "text": new.text,
            "hash": new.hash,
            "author": new.author_id,
            "person": new.added_by,
            "seq": new.seq,
            "most": MOST_EXAMPLES,
        }
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            if (added := await connection.scalar(_SQL.add, values)) is not None:
                return int(added)
            if await connection.scalar(_SQL.find_same, values) is not None:
                return "known"
            count = int(await connection.scalar(_SQL.count, values) or 0)
        return "full" if count >= MOST_EXAMPLES else "unkept"

    async def label_of(self, channel_id: int, name: str, new: NewExample) -> str | None:
        """The label that these words have already."""
        values = {"channel": channel_id, "name": name, "hash": new.hash}
        async with self._database.autocommit() as connection:
            label: str | None = await connection.scalar(_SQL.find_same, values)
        return label

    async def all(self, channel_id: int) -> list[tuple[KeptSet, int]]:
        """Every set of a channel, without its examples, and how many it has."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_sets, {"channel": channel_id})
            return [
                (KeptSet(name=row.name, labels=tuple(row.labels)), row.examples) for row in rows
            ]

    async def find(self, channel_id: int, name: str) -> KeptSet | None:
        """A set with its examples, in the order in which they were added."""
        values = {"channel": channel_id, "name": name}
        async with self._database.autocommit() as connection:
            labels = await connection.scalar(_SQL.find_set, values)
            rows = await connection.execute(_SQL.find_examples, values)
            examples = [KeptExample(id=row.id, label=row.label, text=row.text) for row in rows]
        if labels is None:
            return None
        return KeptSet(name=name, labels=tuple(labels), examples=tuple(examples))

    async def remove(self, channel_id: int, name: str) -> bool:
        """Let go of a set, with its examples; False where there is none."""
        values = {"channel": channel_id, "name": name}
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            return await connection.scalar(_SQL.remove_set, values) is not None

    async def remove_example(self, channel_id: int, name: str, example_id: int) -> str | None:
        """Let go of an example; its label, or None where there is none of this number."""
        values = {"channel": channel_id, "name": name, "id": example_id}
        async with self._database.begin() as connection:
            label: str | None = await connection.scalar(_SQL.remove_example, values)
        return label
