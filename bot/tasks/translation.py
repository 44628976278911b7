"""A text in another language: in parts where it is long, in their order, with what must stay."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.documents.sentences import split
from bot.domain.errors import EmptyAnswer, LimitReached, ModelError
from bot.limits.charged_calls import ChargedCalls
from bot.prompting.budget import Budget
from bot.prompting.translation_prompt import build_translation_prompt, read_translation
from bot.store.channels import ChannelState
from bot.tasks.languages import Language
from bot.text.sanitize import clean
from bot.text.tokens import estimate

LARGEST_PART = 700  # tokens: more in one answer, and small models leave things out
SMALLEST_PART = 60  # tokens, below which an answer that is cut off stays so
OUTPUT = 3  # times the tokens of a part that its translation may take: some scripts need as many
LEAST_OUTPUT = 64  # tokens
SHOWN = 5  # links and codes that a note names

_KEPT = re.compile(
    r"https?://[^\s<>()\"'“”]+[^\s<>()\"'“”.,:;!?]|[\w.+-]+@[\w-]+\.[\w.-]*\w|`[^`\n]+`"
)
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Translated:
    """A translation, and what is to be said of it."""

    text: str
    missing: str = ""
    """Why its end is missing; empty where it is whole."""
    lost: tuple[str, ...] = ()
    """Links, addresses and code of the text that are not in it."""
    same: bool = False
    """It says what the text says, letter by letter."""

    @property
    def note(self) -> str:
        """What people are told below it."""
        lost = (
            f"Not in it, though in the text: {', '.join(self.lost[:SHOWN])}." if self.lost else ""
        )
        missing = f"The rest is missing. {self.missing}" if self.missing else ""
        return " ".join(filter(None, (lost, missing)))


@dataclass(frozen=True, slots=True)
class Translation:
    """Translates by the channel's model; the person who asks pays."""

    calls: ChargedCalls
    budget: Budget

    async def translate(
        self, state: ChannelState, text: str, language: Language, person: str
    ) -> Translated:
        """All of the text, or as much as was done when something failed.

        Raises LimitReached and ModelError where nothing was done.
        """
        run = _Run(self.calls, state, language, person)
        done, missing = list[str](), ""
        parts = await asyncio.to_thread(lambda: list(_divide(text, self._room)))
        for part in parts:
            try:
                done.append(await run.translate(part))
            except (LimitReached, ModelError) as error:
                if not any(map(_LETTER.search, done)):
                    raise
                missing = str(error)
                break
        whole = "".join(done).strip()
        same = not missing and _bare(whole) == _bare(text)
        return Translated(whole, missing, tuple(dict.fromkeys(run.lost)), same)

    @property
    def _room(self) -> int:
        """Tokens of one part: its translation has to fit into an answer."""
        return max(
            SMALLEST_PART, min(LARGEST_PART, self.budget.total // 3, self.budget.answer // 2)
        )


@dataclass(slots=True)
class _Run:
    """The calls for one text."""

    calls: ChargedCalls
    state: ChannelState
    language: Language
    person: str
    lost: list[str] = field(default_factory=list, init=False)
    asked: bool = field(default=False, init=False)

    async def translate(self, part: str) -> str:
        """A part, with the white space around it; smaller ones, where its answer is cut off."""
        bare = part.strip()
        if not _LETTER.search(bare):
            return part
        found, is_whole = await self._ask(bare)
        room = estimate(bare) // 2
        if not is_whole and room >= SMALLEST_PART:
            halves = _divide(bare, room)
            found = "".join([await self.translate(half) for half in halves])
        elif lost := _lost(bare, found):
            again, _ = await self._ask(bare, lost)
            found = min(again, found, key=lambda one: len(_lost(bare, one)))
            self.lost += _lost(bare, found)
        head = part[: len(part) - len(part.lstrip())]
        return head + found + part[len(part.rstrip()) :]

    async def _ask(self, text: str, kept: tuple[str, ...] = ()) -> tuple[str, bool]:
        """A translation, and whether the model came to its end."""
        prompt = build_translation_prompt(
            text,
            self.language.described,
            max_output=max(LEAST_OUTPUT, estimate(text) * OUTPUT),
            kept=kept,
            cache_key=f"nellie:{self.state.id}",
        )
        further, self.asked = self.asked, True
        answer = await self.calls.complete(self.state, prompt, self.person, further=further)
        found = clean(read_translation(answer.text))
        if not found:
            raise EmptyAnswer(model=self.calls.name_of(self.state))
        return found, answer.finish != "length"


def _divide(text: str, room: int) -> Iterator[str]:
    """Parts that together are the text, at the ends of lines or else of sentences."""
    part, tokens = "", 0
    for line in text.splitlines(keepends=True):
        for piece in (line,) if estimate(line) <= room else split(line, room):
            more = estimate(piece)
            if part and tokens + more > room:
                yield part
                part, tokens = "", 0
            part, tokens = part + piece, tokens + more
    if part:
        yield part


def _lost(text: str, translation: str) -> tuple[str, ...]:
    """What should have stayed, and has not."""
    return tuple(one for one in dict.fromkeys(_KEPT.findall(text)) if one not in translation)


def _bare(text: str) -> str:
    return " ".join(text.split())
