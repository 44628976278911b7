"""All that rules do by the clock, on the platforms that this replica serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from bot.core.acceptance import Acceptance
from bot.core.ruling.labelling import Labelling
from bot.core.ruling.recapping import DueRecaps
from bot.core.ruling.telling import DueTells
from bot.store.stores import Stores
from bot.tasks.classification import Classification


@dataclass(frozen=True, slots=True)
class Ruling:
    """Labels what has arrived, and posts what is owed for it."""

    labelling: Labelling
    tells: DueTells
    recaps: DueRecaps

    @classmethod
    def on(
        cls,
        stores: Stores,
        *,
        classification: Classification,
        acceptance: Acceptance,
        platforms: Sequence[str],
    ) -> Self:
        """On the stores of one replica."""
        labelling = Labelling(
            rules=stores.rules,
            work=stores.rule_work,
            locks=stores.locks,
            label_sets=stores.label_sets,
            classification=classification,
            platforms=platforms,
        )
        return cls(
            labelling,
            DueTells(stores.rule_tells, acceptance, platforms),
            DueRecaps(stores.rule_recaps, acceptance, platforms),
        )

    async def label_due(self) -> None:
        """One look at what has arrived; whoever is to be told of it is told at once."""
        await self.labelling.label_due()
        await self.tells.open_due()

    async def post_due(self) -> None:
        """What is owed by now, also where what labels waits for a model."""
        await self.tells.open_due()
        await self.recaps.open_due()

    async def drop_old(self) -> None:
        """Let go of what is told."""
        await self.tells.tells.drop_old()
