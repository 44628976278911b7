"""Was anything lost, doubled, mixed up or left half-done? From what the platforms show."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

from chaos.platforms import Platforms
from chaos.postgres import Postgres
from chaos.predictable_model import PredictableModel, answer_to, rounds_of
from chaos.tool_claims import ToolClaims, without_notes
from chaos.traffic import NelliePost, PersonMessage
from doubles.sample_messages import find_contradictions

APOLOGY = re.compile(
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

Key = tuple[str, str]
"""A platform, and its id of a message."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be."""

    kind: str
    """"lost", "doubled", "out_of_order", "stuck" or "still_remembered"."""
    about: PersonMessage | None
    what: str


@dataclass
class AuditResult:
    """What an audit found."""

    findings: list[Finding] = field(default_factory=list)
    answered: int = 0
    apologies: int = 0
    """Questions that a model's failure has left with an honest sentence."""
    excused: int = 0
    """Commands that were killed before their commit: the platform has no way to repeat them."""
    waits: list[float] = field(default_factory=list)
    """Seconds from being asked to the whole answer, beyond the model's own."""

    def count(self, kind: str) -> int:
        """How many findings of this kind there are."""
        return sum(finding.kind == kind for finding in self.findings)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A turn, and what asked for it."""

    id: int
    platform: str
    message: str
    lane: str
    seq: int
    state: str

    @property
    def key(self) -> Key:
        return self.platform, self.message


@dataclass
class Audit:
    """One look at everything."""

    platforms: Platforms
    model: PredictableModel
    postgres: Postgres
    tools: ToolClaims
    private: Set[Key] = frozenset()
    """The keys of private questions: chaos.confidential looks after them."""

    async def run(self) -> AuditResult:
        """Compare what people said with what is remembered and what is posted."""
        remembered = {
            (platform, id_): count for platform, id_, count in await self.postgres.rows(_REMEMBERED)
        }
        turns = [_Turn(*row) for row in await self.postgres.rows(_TURNS)]
        posts = {
            key: found
            for key, found in self._posts_by_question(turns).items()
            if key not in self.private
        }
        unclaimed = dict(posts)
        result = AuditResult()
        for message in self.platforms.sent:
            times = remembered.get(message.key, 0)
            if message.command and not times:
                result.excused += 1
                unclaimed.pop(message.key, None)  # that it could not be taken in, if anything
                continue
            if times != 1:
                kind = "doubled" if times else "lost"
                result.findings.append(Finding(kind, message, f"remembered {times} times"))
            if message.asks:
                self._check_answer(message, unclaimed.pop(message.key, []), result)
        for (_, id_), stray in unclaimed.items():
            what = f"posted for nobody ({id_}): {[post.text[:80] for post in stray]}"
            result.findings.append(Finding("doubled", None, what))
        texts = {key: " ".join(post.text for post in found) for key, found in posts.items()}
        broken = await self.tools.broken(texts)
        result.findings += [Finding(kind, None, what) for kind, what in broken]
        result.findings += self._out_of_order(turns, posts)
        result.findings += await self._stuck(turns)
        return result

    def _posts_by_question(self, turns: Sequence[_Turn]) -> dict[Key, list[NelliePost]]:
        by_turn = {(turn.platform, f"turn {turn.id}"): turn.message for turn in turns}
        found: dict[Key, list[NelliePost]] = defaultdict(list)
        for post in self.platforms.posts():
            question = by_turn.get((post.platform, post.question), post.question)
            found[post.platform, question].append(post)
        return {key: sorted(posts, key=_order_of) for key, posts in found.items()}

    def _check_answer(
        self, question: PersonMessage, posts: Sequence[NelliePost], result: AuditResult
    ) -> None:
        """Whether a question has exactly one whole answer."""
        text = without_notes(_normalize(" ".join(post.text for post in posts)))
        whole = _normalize(answer_to(question.id))
        if not posts:
            result.findings.append(Finding("lost", question, "never answered"))
        elif any(post.unfinished for post in posts):
            result.findings.append(Finding("stuck", question, f"left open: {text[-100:]!r}"))
        elif text == whole:
            result.answered += 1
            waited = max(post.ended for post in posts) - question.at
            model = self.model.seconds_taken.get(question.id, 0)
            if not rounds_of(question.id):  # else it waits for tools too
                result.waits.append(max(0.0, waited - model))
        elif len(APOLOGY.findall(text)) == 1 and text.count(whole) == 0:
            result.apologies += 1
        elif text.count(f"To {question.id}") > 1 or text.count("I could not answer") > 1:
            result.findings.append(Finding("doubled", question, f"answered twice: {text[:300]!r}"))
        else:
            result.findings.append(Finding("stuck", question, f"left at {text[:300]!r}"))

    def _out_of_order(
        self, turns: Sequence[_Turn], posts: Mapping[Key, Sequence[NelliePost]]
    ) -> Iterator[Finding]:
        """Where, in a lane, an answer came up before the one before it was whole."""
        messages = {message.key: message for message in self.platforms.sent}
        lanes: dict[str, list[_Turn]] = defaultdict(list)
        for turn in turns:
            if turn.key in posts:
                lanes[turn.lane].append(turn)
        for lane, answered in lanes.items():
            for before, after in pairwise(sorted(answered, key=lambda turn: turn.seq)):
                whole = max(post.ended for post in posts[before.key])
                if whole > min(post.began for post in posts[after.key]):
                    what = f"turn {after.id} in lane {lane} before turn {before.id} was whole"
                    yield Finding("out_of_order", messages.get(after.key), what)

    async def _stuck(self, turns: Sequence[_Turn]) -> list[Finding]:
        """Turns and lanes that are not over, rows that contradict each other, double turns."""
        messages = {message.key: message for message in self.platforms.sent}
        found = [
            Finding("stuck", messages.get(turn.key), f"turn {turn.id} {turn.state}")
            for turn in turns
            if turn.state in ("waiting", "running")
        ]
        held = await self.postgres.rows(_HELD)
        found += [Finding("stuck", None, f"lane {lane} is held") for lane in held]
        wrong = await find_contradictions(self.postgres.database)
        found += [Finding("stuck", None, str(what)) for what in wrong]
        # Every channel has an introduction of its own: chaos.confidential counts them.
        per_question = Counter(turn.key for turn in turns if turn.message != "introduction")
        found += [
            Finding("doubled", messages.get(key), f"{count} turns")
            for key, count in per_question.items()
            if count > 1
        ]
        return found


def _normalize(text: str) -> str:
    return " ".join(text.split())


def _order_of(post: NelliePost) -> tuple[int, float]:
    return post.part, post.began
