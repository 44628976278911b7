"""A dataset from beginning to end: turns are chosen, built, sorted and written, piece by piece."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.datasets import reasons
from bot.datasets.anonymizing import Anonymizer, People
from bot.datasets.building import WINDOW, Around, Builder, LeftOut, Shown, to_example, to_pair
from bot.datasets.pseudonyms import Pseudonyms
from bot.datasets.scrubbing import Scrubber
from bot.datasets.shapes import Trainer
from bot.datasets.sorting import Exported, Made, Sorting, When
from bot.datasets.splits import FEWEST, Borders, Shares
from bot.datasets.writing import DatasetFolder
from bot.domain.training import AnsweredTurn, Candidate, Choice, Place, SaidBefore
from bot.prompting.budget import Budget
from bot.store.channels import ChannelState
from bot.store.training_turns import TrainingTurns

Rated = Literal["good", "corrected", "all"]
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody asks a dataset to hold."""

    trainer: Trainer
    channels: Sequence[ChannelState]
    since: datetime | None
    until: datetime | None
    rated: Rated
    cited: bool
    """Also what nobody rated, where the answer cites what was shown."""
    pairs: bool
    shares: Shares
    persona: str
    """Of channels that have none of their own."""
    budget: Budget
    tokens: int
    """Of an example; `budget` is what of them its prompt may take."""
    keep_names: bool
    key: bytes

    @property
    def choice(self) -> Choice:
        """The turns that may be part of it."""
        return Choice(
            channels=[one.id for one in self.channels],
            since=self.since,
            until=self.until,
            good=self.rated != "corrected",
            bad=self.rated != "good" or self.pairs,
            unrated=self.cited,
        )


class Exporter:
    """Makes one dataset."""

    def __init__(self, turns: TrainingTurns, wanted: Wanted, scrubber: Scrubber) -> None:
        self._turns = turns
        self._wanted = wanted
        self._scrubber = scrubber
        self._states: Mapping[int, ChannelState] = {one.id: one for one in wanted.channels}

    async def write(self, folder: DatasetFolder, progress: Progress) -> Exported:
        """Write its files."""
        exported = Exported()
        counted = await self._turns.count(self._wanted.choice)
        total = counted.pop("", 0)
        exported.left_out.update(counted)
        exported.borders = await self._borders(total)
        builder = await self._builder()
        sorting = Sorting(folder, self._wanted.trainer, exported)
        done = 0
        async for candidates in self._turns.choose(self._wanted.choice):
            placed = sorting.place(candidates)
            async for candidate, around in self._around(candidates):
                if candidate.id in placed:
                    self._add(sorting, builder, candidate, around)
            done += len(candidates)
            progress(done, total)
        return exported

    async def _borders(self, total: int) -> Borders:
        shares = self._wanted.shares
        if total < FEWEST or shares.train == 100:
            return Borders()
        wanted = [shares.train / 100, (shares.train + shares.validation) / 100]
        first, (validation, test) = await self._turns.borders(self._wanted.choice, wanted)
        if first is None or validation <= first:
            return Borders()
        return Borders(validation if shares.validation else None, test if shares.test else None)

    async def _builder(self) -> Builder:
        wanted = self._wanted
        people = People(Pseudonyms(wanted.key), keep_names=wanted.keep_names)
        await people.read(self._turns.people())
        anonymizer = Anonymizer(people, self._scrubber, line_limit=wanted.budget.message)
        return Builder(anonymizer, wanted.budget, longest=wanted.tokens // 4)

    def _add(
        self, sorting: Sorting, builder: Builder, candidate: Candidate, around: Around | None
    ) -> None:
        try:
            if around is None:
                raise LeftOut(reasons.FORGOTTEN)
            sorting.add(candidate, around.turn, self._make(builder, candidate, around))
        except LeftOut as left_out:
            sorting.exported.left_out[str(left_out)] += 1

    def _make(self, builder: Builder, candidate: Candidate, around: Around) -> Made:
        shown = builder.show(around)
        if candidate.good is None and not shown.cites:
            raise LeftOut(reasons.CITES_NOTHING)
        if candidate.good is not False:
            kind = "cited" if candidate.good is None else "found good"
            example = to_example(shown, shown.answer)
            return Made(when=_when(around.turn), kind=kind, example=example)
        return self._better(builder, around, shown)

    def _better(self, builder: Builder, around: Around, shown: Shown) -> Made:
        """Of an answer that was found bad, what is better."""
        wanted = self._wanted
        try:
            right, pair_from = builder.correction(around), "corrected"
            when = _when(around.turn, corrected=around.follower)
        except LeftOut:
            if not (wanted.pairs and around.again):
                raise
            right, pair_from = builder.again(around.again, shown), "asked again"
            when = _when(around.turn, around.again.turn)
        learnt = wanted.rated != "good" and pair_from == "corrected"
        return Made(
            when=when,
            kind="corrected" if learnt else "",
            example=to_example(shown, right) if learnt else None,
            pair=to_pair(shown, right) if wanted.pairs else None,
            pair_from=pair_from,
        )

    async def _around(
        self, candidates: Sequence[Candidate]
    ) -> AsyncIterator[tuple[Candidate, Around | None]]:
        """Each turn with what was read for it; with nothing where it is forgotten by now."""
        turns = await self._turns.read([one.id for one in candidates], self._states)
        bad = [turns[one.id] for one in candidates if one.good is False and one.id in turns]
        again = await self._again([one.id for one in bad]) if self._wanted.pairs else {}
        read = [*turns.values(), *again.values()]
        messages = await self._turns.read_messages(*_places(read), self._states)
        passages = await self._turns.read_passages([one for one in read if one.documents])
        followers = await self._turns.read_followers(bad, self._states)

        def around(turn: AnsweredTurn, again: Around | None = None) -> Around:
            state = self._states[turn.channel_id]
            return Around(
                turn=turn,
                persona=state.persona or self._wanted.persona,
                rules=state.answer_style,
                messages=messages,
                passages=passages.get(turn.id, {}),
                follower=followers.get(turn.id),
                again=again,
            )

        for candidate in candidates:
            if (turn := turns.get(candidate.id)) is None:
                yield candidate, None
                continue
            later = again.get(turn.id)
            yield candidate, around(turn, around(later) if later else None)

    async def _again(self, bad: Sequence[int]) -> dict[int, AnsweredTurn]:
        """By turn, that of the same question whose answer was found good."""
        later = await self._turns.asked_again(bad)
        turns = await self._turns.read(list(later.values()), self._states) if later else {}
        until = self._wanted.until
        return {
            turn: turns[other]
            for turn, other in later.items()
            if other in turns and not (until and turns[other].question.at >= until)
        }


def _when(*turns: AnsweredTurn, corrected: SaidBefore | None = None) -> When:
    """When the last was said of what stands in an example, and of one thread or more."""
    said = [at for one in turns for at in (one.question.at, one.answered)]
    if corrected:
        said.append(corrected.message.at)
    return When(max(said), joined=any(one.question.thread for one in turns[1:]))


def _places(
    turns: Sequence[AnsweredTurn],
) -> tuple[list[tuple[int, int, int]], list[Place]]:
    """What is to be read around turns: numbers in a row, each once, and single ones."""
    spans = list[tuple[int, int, int]]()
    for one in sorted(turns, key=lambda turn: (turn.channel_id, turn.question.seq)):
        last = one.question.seq - 1
        first = max(1, one.shown_from, last - WINDOW + 1)
        if spans and spans[-1][0] == one.channel_id and first <= spans[-1][2] + 1:
            channel, begun, end = spans[-1]
            spans[-1] = (channel, min(begun, first), max(end, last))
        else:
            spans.append((one.channel_id, first, last))
    single = {(one.channel_id, seq) for one in turns for seq in one.rests_on if seq > 0}
    return spans, sorted(single)
