"""A conversation in order: what is remembered, and what is made or kept in this process. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from adapters.web.streams import Stream
from bot.domain.consents import ConsentQuestion
from bot.domain.model import Message
from bot.domain.page import Chat, ChatTurn

LONG, SHORT = 20_000, 2_000  # characters of one thing that was said
IN_ALL = 40_000  # of long ones on a page: writing Markdown takes time


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """An answer as it stands, with what can be done with it."""

    id: int
    """The turn's."""
    text: str = ""
    status: str = ""
    """What she is doing; empty once it has ended."""
    is_open: bool = False
    turn: ChatTurn | None = None
    """None where nothing is kept of it but here."""
    message: Message | None = None
    """As it is remembered."""
    consents: Sequence[ConsentQuestion] = ()
    private: bool = False
    was_cut: bool = False
    """Its length ended it, as this process knows."""

    @property
    def can_go_on(self) -> bool:
        """There is more of it to be had."""
        return self.was_cut or bool(self.turn and self.turn.can_go_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was said, or that is owed."""

    at: datetime
    question: Message | None = None
    """What somebody else than her said."""
    asked: str = ""
    """A question that is not remembered."""
    answer: Answering | None = None
    most: int = SHORT
    """Characters of it that are shown."""

    @property
    def length(self) -> int:
        """Of its words."""
        texts = (self.question and self.question.text, self.asked, self.answer and self.answer.text)
        return sum(len(text) for text in texts if text)


def entries(
    chat: Chat,
    streams: Sequence[Stream],
    consents: Mapping[int, Sequence[ConsentQuestion]],
    *,
    newest: bool,
) -> Sequence[Entry]:
    """The oldest first. What is only kept here stands at the `newest` end alone."""
    here = {one.turn.id: one for one in streams}
    found = [*_remembered(chat, here, consents, _answers_below(chat))]
    if newest:
        known = {one.question_seq for one in chat.turns} & {one.seq for one in chat.messages}
        shown = {one.id for one in chat.turns if one.question_seq in known}
        found += _owed(chat, here, consents, shown)
        found += _kept(streams, consents, {one.id for one in chat.turns})
    return _shortened(sorted(found, key=lambda one: one.at))


def answering(
    turn: ChatTurn,
    stream: Stream | None,
    consents: Sequence[ConsentQuestion],
    message: Message | None,
) -> Answering:
    """An answer, from wherever it is known."""
    text = message.text if message else stream.text if stream else ""
    status = (stream.status if stream and stream.is_open else turn.state) if turn.is_open else ""
    return Answering(
        id=turn.id,
        text=text,
        status=status,
        is_open=turn.is_open,
        turn=turn,
        message=message,
        consents=consents if text else (),  # nobody decides what is not shown
        private=turn.private,
    )


def kept(stream: Stream, consents: Sequence[ConsentQuestion] = ()) -> Answering:
    """An answer that is known here alone."""
    return Answering(
        id=stream.turn.id,
        text=stream.text,
        status=stream.status,
        is_open=stream.is_open,
        consents=() if stream.is_open else consents,
        private=stream.turn.private,
        was_cut=stream.was_cut and not stream.is_open,
    )


def _shortened(found: Sequence[Entry]) -> Sequence[Entry]:
    """The newest at length, as far as there is room."""
    room, shown = IN_ALL, list[Entry]()
    for one in reversed(found):
        most = max(SHORT, min(LONG, room))
        room -= min(most, one.length)
        shown.append(replace(one, most=most))
    return shown[::-1]


def _answers_below(chat: Chat) -> Mapping[int, Message]:
    """By question, the answers that stand below it, though others were asked in between.

    As they stand while they are made. Among people, everything stands when it was said.
    """
    if chat.private:
        return {}
    said = {one.seq: one for one in chat.messages}
    return {
        one.question_seq: said[one.answer_seq]
        for one in chat.turns
        if one.question_seq in said and one.answer_seq in said
    }


def _remembered(
    chat: Chat,
    here: Mapping[int, Stream],
    consents: Mapping[int, Sequence[ConsentQuestion]],
    below: Mapping[int, Message],
) -> Iterator[Entry]:
    """Messages, each question with what is owed to it."""
    asked = {one.question_seq: one for one in chat.turns}
    answered = {one.answer_seq: one for one in chat.turns if one.answer_seq}
    moved = {one.seq for one in below.values()}
    for message in chat.messages:
        if message.seq in moved:
            continue
        of = answered.get(message.seq)
        if message.author.nellie:
            said = (
                answering(of, None, consents.get(of.id, ()), message)
                if of
                else Answering(id=0, text=message.text, message=message)
            )
            yield Entry(at=message.at, answer=said)
            continue
        yield Entry(at=message.at, question=message)
        turn = asked.get(message.seq)
        if turn and (answer := below.get(message.seq)):
            said = answering(turn, None, consents.get(turn.id, ()), answer)
            yield Entry(at=message.at, answer=said)
        elif turn and turn.answer_seq is None and turn.state != "cancelled":
            owed = answering(turn, here.get(turn.id), consents.get(turn.id, ()), None)
            yield Entry(at=message.at, answer=owed)


def _owed(
    chat: Chat,
    here: Mapping[int, Stream],
    consents: Mapping[int, Sequence[ConsentQuestion]],
    shown: set[int],
) -> Iterator[Entry]:
    """What is open, of which the question is not remembered."""
    for turn in chat.turns:
        if turn.id in shown:
            continue
        stream = here.get(turn.id)
        at = stream.turn.trigger.at if stream else datetime.now(UTC)
        owed = answering(turn, stream, consents.get(turn.id, ()), None)
        yield Entry(at=at, asked=turn.question, answer=owed)


def _kept(
    streams: Sequence[Stream],
    consents: Mapping[int, Sequence[ConsentQuestion]],
    known: set[int],
) -> Iterator[Entry]:
    """What is known of nowhere else."""
    for stream in streams:
        if stream.turn.id not in known:
            asked = stream.turn.trigger
            yield Entry(
                at=asked.at, asked=asked.text, answer=kept(stream, consents.get(stream.turn.id, ()))
            )
