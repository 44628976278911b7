"""Examples and pairs from turns: the prompt as its model saw it, and the answer to learn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.datasets import reasons
from bot.datasets.anonymizing import Anonymizer, SafeMessage
from bot.datasets.calls import called_tools, read_calls
from bot.datasets.corrections import find_correction
from bot.datasets.example import Example, Pair, Said
from bot.datasets.hidden_words import shares_words, without_quotes
from bot.domain.documents import FoundPassage
from bot.domain.model import Message, Prompt
from bot.domain.training import AnsweredTurn, Place, SaidBefore, ShownPassage
from bot.prompting.budget import Budget
from bot.prompting.prompt import build_prompt, build_system_text
from bot.prompting.template_marks import break_up_marks, break_up_tokens
from bot.text.citations import take_marks
from bot.text.tokens import estimate

WINDOW = 200  # messages before a question that are looked at
THREAD = 12  # of its thread, its first included, that stand as turns of the talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What was read for one turn."""

    turn: AnsweredTurn
    persona: str
    rules: str
    """How its channel wants its answers; empty where that was never said."""
    messages: Mapping[Place, SaidBefore]
    passages: Mapping[int, ShownPassage]
    follower: SaidBefore | None = None
    """What a person said first after its answer."""
    again: "Around | None" = None
    """The turn of the same question, asked again, whose answer was found good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A turn's prompt and answer, safe to be shown."""

    prompt: Prompt
    calls: tuple[Said, ...]
    question: str
    answer: str
    cites: bool
    """The answer cites something that was shown."""


class LeftOut(Exception):
    """A turn is no example; its text is a reason (bot.datasets.reasons)."""


class Builder:
    """Builds them within a number of tokens."""

    def __init__(self, anonymizer: Anonymizer, budget: Budget, *, longest: int) -> None:
        self._safe = anonymizer
        self._budget = budget
        self._longest = longest
        """Tokens of an answer."""

    def show(self, around: Around) -> Shown:
        """The prompt of a turn, and its answer. Raises LeftOut."""
        turn = around.turn
        if not turn.answer:
            raise LeftOut(reasons.NO_ANSWER)
        if turn.calls_gone:
            raise LeftOut(reasons.TOOL_GONE)
        question = self._usable(SaidBefore(turn.question, absent=False), turn.channel_id)
        before, hidden = self._before(around)
        passages = self._passages(around)
        prompt = self._prompt(around, question, before, list(passages.values()))
        answer = self._answer(around, list(passages), len(prompt.passages))
        if hidden and shares_words(answer, hidden, prompt):
            raise LeftOut(reasons.RESTS_ON_ABSENT)
        calls = read_calls(turn.calls, lambda text: break_up_tokens(self._text(turn, text)))
        if calls is None:
            raise LeftOut(reasons.CALLS_HIDDEN)
        return Shown(
            prompt=prompt,
            calls=tuple(calls),
            question=question.text,
            answer=answer,
            cites=bool(take_marks(answer)[1]) or _links_to(turn.answer, around.messages.values()),
        )

    def correction(self, around: Around) -> str:
        """What corrects the answer. Raises LeftOut where nothing does."""
        if around.follower is None or around.follower.absent:
            raise LeftOut(reasons.NOT_CORRECTED)
        safe = self._usable(around.follower, around.turn.channel_id)
        right = find_correction(safe.text)
        if right is None:
            raise LeftOut(reasons.NOT_CORRECTED)
        return self._short_enough(break_up_marks(right))

    def again(self, again: Around, shown: Shown) -> str:
        """The good answer to a question asked again, which is no less safe. Raises LeftOut."""
        better = self.show(again)
        if better.calls:  # which stand in no pair
            raise LeftOut(reasons.TOOL_GONE)
        if take_marks(better.answer)[1] and better.prompt.passages != shown.prompt.passages:
            raise LeftOut(reasons.RESTS_ON_HIDDEN)
        if better.answer == shown.answer:
            raise LeftOut(reasons.NEARLY_THE_SAME)
        return better.answer

    def _usable(self, said: SaidBefore, channel_id: int) -> Message:
        safe = self._safe.said(said, (channel_id, said.message.seq))
        if not safe.usable:
            raise LeftOut(reasons.NAMES_ABSENT)
        return safe.message

    def _text(self, turn: AnsweredTurn, text: str) -> str:
        """A text of a turn. Raises LeftOut where it names somebody who is to be absent."""
        replaced = self._safe.text(text, turn.question.channel.platform)
        if replaced.names_absent:
            raise LeftOut(reasons.NAMES_ABSENT)
        return replaced.text

    def _short_enough(self, answer: str) -> str:
        if not answer.strip():
            raise LeftOut(reasons.NO_ANSWER)
        if 5 * len(answer) > 2 * self._longest and estimate(answer) > self._longest:
            raise LeftOut(reasons.TOO_LONG)
        return answer

    def _before(self, around: Around) -> tuple[list[SafeMessage], list[SaidBefore]]:
        """What may be shown of what stood before the question; and who opted out had said."""
        turn, shown, hidden = around.turn, list[SafeMessage](), list[SaidBefore]()
        for place in _places_before(turn):
            if (said := around.messages.get(place)) is None:
                continue
            safe = self._safe.said(said, place)
            if safe.usable:
                shown.append(safe)
            elif said.absent:
                hidden.append(said)
        if any(one.message.seq in turn.rests_on for one in hidden):
            raise LeftOut(reasons.RESTS_ON_ABSENT)
        return without_quotes(shown, hidden), hidden

    def _prompt(
        self,
        around: Around,
        question: Message,
        before: Sequence[SafeMessage],
        passages: Sequence[FoundPassage],
    ) -> Prompt:
        first = around.turn.shown_from
        window = _newest([one for one in before if one.message.seq >= first], self._budget.high)
        shown = {one.message.seq for one in window}
        thread = _of_thread(before, question.thread)
        conversation = [*thread[:1], *thread[1:][-THREAD:]]
        talked = {one.seq for one in conversation}
        recalled = [
            one.message
            for one in before
            if one.message.seq in around.turn.rests_on and one.message.seq not in talked | shown
        ]
        persona, rules = (self._text(around.turn, one) for one in (around.persona, around.rules))
        return build_prompt(  # without a digest, which may rest on something that was said later
            system=build_system_text(persona, self._budget, rules),
            transcript="\n".join(one.line for one in window),
            conversation=conversation,
            recalled=recalled,
            trigger=question,
            shown=shown,
            now=question.at,
            budget=self._budget,
            passages=passages,
        )

    def _passages(self, around: Around) -> dict[int, FoundPassage]:
        """Those that may be shown, by their places in the first prompt."""
        platform = around.turn.question.channel.platform
        safe = {place: self._safe.passage(one, platform) for place, one in around.passages.items()}
        return {place: one for place, one in safe.items() if one}

    def _answer(self, around: Around, places: Sequence[int], room: int) -> str:
        """The answer as its model wrote it: with marks in the place of links to files."""
        answer = around.turn.answer
        if len(answer) > 17 * 4 * self._longest:
            raise LeftOut(reasons.TOO_LONG)
        for place, one in sorted(around.passages.items()):
            citation = one.found.citation
            if citation not in answer:
                continue
            if place not in places[:room]:
                raise LeftOut(reasons.RESTS_ON_HIDDEN)
            answer = answer.replace(citation, f"[doc {places.index(place) + 1}]")
        return self._short_enough(break_up_tokens(self._text(around.turn, answer)))


def to_example(shown: Shown, answer: str) -> Example:
    """A talk that ends with this answer."""
    calls = shown.calls if answer == shown.answer else ()
    messages = (*to_talk(shown.prompt), *calls, Said("assistant", answer, learnt=True))
    return Example(messages, called_tools(calls))


def to_pair(shown: Shown, chosen: str) -> Pair:
    """The answer that was found bad, and a better one."""
    return Pair(to_talk(shown.prompt), chosen, shown.answer)


def to_talk(prompt: Prompt) -> tuple[Said, ...]:
    """A prompt's messages."""
    return tuple(Said(one.role, one.text) for one in prompt.messages)


def _places_before(turn: AnsweredTurn) -> list[Place]:
    """Where the window before a question stands, and what its answer rests on."""
    first, seq = max(turn.shown_from, turn.question.seq - WINDOW), turn.question.seq
    recalled = sorted({one for one in turn.rests_on if 0 < one < first})
    return [(turn.channel_id, one) for one in (*recalled, *range(first, seq))]


def _newest(messages: Sequence[SafeMessage], tokens: int) -> list[SafeMessage]:
    kept = list[SafeMessage]()
    for one in reversed(messages):
        tokens -= one.message.tokens
        if tokens < 0:
            break
        kept.append(one)
    return kept[::-1]


def _of_thread(before: Sequence[SafeMessage], thread: str) -> list[Message]:
    said = (one.message for one in before) if thread else ()
    return [one for one in said if thread in (one.thread, one.id)]


def _links_to(answer: str, shown: Iterable[SaidBefore]) -> bool:
    return "://" in answer and any(
        one.message.link and one.message.link in answer for one in shown if not one.absent
    )
