"""Was anything lost, doubled, mixed up or left half-done? From what the platforms show."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chaos.oracle import Oracle, answer
from chaos.postgres import Postgres
from chaos.town import Said, Stands, Town
from doubles.said import unsound

HONEST = re.compile(
    r"I could not answer this\. .+ please ask me again\.|\(This answer broke off\. .+\)$", re.DOTALL
)
_REMEMBERED = """
    SELECT c.platform, m.external_id, count(*) FROM message m JOIN channel c ON c.id = m.channel_id
    WHERE NOT m.nellie GROUP BY 1, 2
"""
_TURNS = """
    SELECT t.id, c.platform, m.external_id, c.id || ' ' || t.lane, t.trigger_seq, t.state
    FROM turn t JOIN channel c ON c.id = t.channel_id
    JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
"""
_HELD = "SELECT channel_id || ' ' || lane FROM lane WHERE owner IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be."""

    kind: str
    about: Said | None
    what: str


@dataclass
class Verdict:
    """What an audit found."""

    findings: list[Finding] = field(default_factory=list)
    answered: int = 0
    with_words: int = 0
    """Questions that a model's failure has left with an honest sentence."""
    excused: int = 0
    """Commands that were killed before their commit: the platform has no way to repeat them."""
    waits: list[float] = field(default_factory=list)
    """Seconds from being asked to the whole answer, beyond the model's own."""

    def count(self, kind: str) -> int:
        return sum(one.kind == kind for one in self.findings)


@dataclass
class Audit:
    """One look at everything."""

    town: Town
    oracle: Oracle
    postgres: Postgres

    async def verdict(self) -> Verdict:
        remembered = {
            (platform, id): count for platform, id, count in await self.postgres.rows(_REMEMBERED)
        }
        turns = [_Row(*row) for row in await self.postgres.rows(_TURNS)]
        posts = self._by_question(turns)
        verdict = Verdict()
        for said in self.town.said:
            times = remembered.get(said.key, 0)
            if said.command and not times:
                verdict.excused += 1
                posts.pop(said.key, None)  # that she could not take it in, if anything
                continue
            if times != 1:
                kind = "doubled" if times else "lost"
                verdict.findings.append(Finding(kind, said, f"remembered {times} times"))
            if said.asks:
                self._judge(said, posts.pop(said.key, []), verdict)
        for (_, id), stray in posts.items():
            what = f"stands for nobody ({id}): {[one.text[:80] for one in stray]}"
            verdict.findings.append(Finding("doubled", None, what))
        verdict.findings += self._order(turns)
        verdict.findings += await self._stuck(turns)
        return verdict

    def _by_question(self, turns: Sequence["_Row"]) -> dict[tuple[str, str], list[Stands]]:
        of_turn = {(one.platform, f"turn {one.id}"): one.message for one in turns}
        found: dict[tuple[str, str], list[Stands]] = defaultdict(list)
        for post in self.town.stands():
            question = of_turn.get((post.platform, post.question), post.question)
            found[post.platform, question].append(post)
        self._posts = {key: sorted(posts, key=_place) for key, posts in found.items()}
        return dict(self._posts)

    def _judge(self, said: Said, posts: Sequence[Stands], verdict: Verdict) -> None:
        """Whether a question has exactly one complete answer."""
        text, whole = _plain(" ".join(post.text for post in posts)), _plain(answer(said.id))
        if not posts:
            verdict.findings.append(Finding("lost", said, "never answered"))
        elif any(post.open for post in posts):
            verdict.findings.append(Finding("stuck", said, f"left open: {text[-100:]!r}"))
        elif text == whole:
            verdict.answered += 1
            waited = max(post.ended for post in posts) - said.at
            verdict.waits.append(max(0.0, waited - self.oracle.took.get(said.id, 0)))
        elif len(HONEST.findall(text)) == 1 and text.count(whole) == 0:
            verdict.with_words += 1
        elif text.count(f"To {said.id}") > 1 or text.count("I could not answer") > 1:
            verdict.findings.append(Finding("doubled", said, f"answered twice: {text[:300]!r}"))
        else:
            verdict.findings.append(Finding("stuck", said, f"left at {text[:300]!r}"))

    def _order(self, turns: Sequence["_Row"]) -> Iterator[Finding]:
        """In a lane, an answer comes up after the one before it was whole."""
        by_key = {said.key: said for said in self.town.said}
        lanes: dict[str, list[_Row]] = defaultdict(list)
        for one in turns:
            if (one.platform, one.message) in self._posts:
                lanes[one.lane].append(one)
        for lane, here in lanes.items():
            for before, after in pairwise(sorted(here, key=lambda one: one.seq)):
                first = self._posts[before.platform, before.message]
                second = self._posts[after.platform, after.message]
                if max(one.ended for one in first) > min(one.began for one in second):
                    said = by_key.get((after.platform, after.message))
                    what = f"turn {after.id} in lane {lane} before turn {before.id} was whole"
                    yield Finding("out_of_order", said, what)

    async def _stuck(self, turns: Sequence["_Row"]) -> list[Finding]:
        by_key = {said.key: said for said in self.town.said}
        found = [
            Finding("stuck", by_key.get((one.platform, one.message)), f"turn {one.id} {one.state}")
            for one in turns
            if one.state in ("waiting", "running")
        ]
        held = await self.postgres.rows(_HELD)
        found += [Finding("stuck", None, f"lane {lane} is held") for lane in held]
        found += [
            Finding("stuck", None, str(what)) for what in await unsound(self.postgres.database)
        ]
        per_question = Counter((one.platform, one.message) for one in turns)
        found += [
            Finding("doubled", by_key.get(key), f"{count} turns")
            for key, count in per_question.items()
            if count > 1
        ]
        return found


@dataclass(frozen=True, slots=True)
class _Row:
    """A turn, and what asked for it."""

    id: int
    platform: str
    message: str
    lane: str
    seq: int
    state: str


def _plain(text: str) -> str:
    return " ".join(text.split())


def _place(post: Stands) -> tuple[int, float]:
    return post.part, post.began
