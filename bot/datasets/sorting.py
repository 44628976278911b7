"""What was made of turns goes into its part of a dataset, once; and is counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bot.datasets import reasons
from bot.datasets.building import LeftOut
from bot.datasets.duplicates import NearDuplicates
from bot.datasets.example import Example, Pair
from bot.datasets.shapes import Trainer, example_line, pair_line
from bot.datasets.splits import Borders, Split
from bot.datasets.writing import DatasetFolder
from bot.domain.training import AnsweredTurn, Candidate

PAIRS = "pairs-"
"""What the name of a file of pairs begins with."""


@dataclass(slots=True)
class Exported:
    """What became of all that was there."""

    borders: Borders = field(default_factory=Borders)
    left_out: Counter[str] = field(default_factory=Counter)
    """Turns, by why."""
    examples: Counter[str] = field(default_factory=Counter)
    """By kind: "found good", "corrected", "cited"."""
    pairs: Counter[str] = field(default_factory=Counter)
    """By where the better answer is from: "corrected", "asked again"."""
    models: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    """When the first and the last question of it were asked."""

    @property
    def written(self) -> int:
        """Lines of all files."""
        return self.examples.total() + self.pairs.total()


@dataclass(frozen=True, slots=True)
class When:
    """The time of what a turn has given."""

    latest: datetime
    """When the last of what it holds was said."""
    joined: bool
    """Some of it is of another thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a turn has given."""

    when: When
    kind: str = ""
    """Of the example; empty where there is none."""
    example: Example | None = None
    pair: Pair | None = None
    pair_from: str = ""


class Sorting:
    """What was made goes into its part, once."""

    def __init__(self, folder: DatasetFolder, trainer: Trainer, exported: Exported) -> None:
        self._folder = folder
        self._trainer = trainer
        self._examples, self._pairs = NearDuplicates(), NearDuplicates()
        self.exported = exported

    def place(self, candidates: Iterable[Candidate]) -> dict[int, Split]:
        """The part of each that is in one; of the others, it is counted that they are in none."""
        placed: dict[int, Split] = {}
        for one in candidates:
            if split := self.exported.borders.place(one.began, one.asked):
                placed[one.id] = split
            else:
                self.exported.left_out[reasons.ACROSS] += 1
        return placed

    def add(self, candidate: Candidate, turn: AnsweredTurn, made: Made) -> None:
        """Write what is new of it. Raises LeftOut where nothing is."""
        # What is corrected, or asked again, is of the time of that; but a thread stays in one part.
        latest = made.when.latest
        began = latest if candidate.alone and not made.when.joined else candidate.began
        if (split := self.exported.borders.place(began, latest)) is None:
            raise LeftOut(reasons.ACROSS)
        question, new = turn.question.text, False
        example, pair = made.example, made.pair
        if example and not self._examples.seen(f"{question}\n{example.messages[-1].text}"):
            self._folder.file(f"{split}.jsonl").write(example_line(example, self._trainer))
            self.exported.examples[made.kind] += 1
            new = True
        if pair and not self._pairs.seen(f"{question}\n{pair.chosen}"):
            self._folder.file(f"{PAIRS}{split}.jsonl").write(pair_line(pair, self._trainer))
            self.exported.pairs[made.pair_from] += 1
            new = True
        if not new:
            raise LeftOut(reasons.NEARLY_THE_SAME)
        self._note(candidate, turn)

    def _note(self, candidate: Candidate, turn: AnsweredTurn) -> None:
        exported = self.exported
        exported.models[turn.model or "unknown"] += 1
        exported.first = min(exported.first or candidate.asked, candidate.asked)
        exported.last = max(exported.last or candidate.asked, candidate.asked)
