"""build_prompt: how a conversation is laid out for a language model. Pure, no I/O.

[system: persona][digest][transcript: the window][conversation][recalled][trigger]. The first three
are the same bytes from one turn to the next, so that the model server's prefix cache hits; what
varies comes last. What people said, the digest of it too, stands in no system message.
"""

from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from bot.domain.answer_trace import PromptPart
from bot.domain.documents import FoundPassage
from bot.domain.images import Image, UnseenPicture
from bot.domain.message_row import MadeWhenRead, MessageRow
from bot.domain.model import ChatMessage, Message, Prompt, Role
from bot.prompting.budget import SHORTEST_LINE, Budget
from bot.prompting.cache_marks import find_line_ends
from bot.prompting.excerpt import format_excerpt
from bot.prompting.fixed_text import (
    ABOUT_HEADING,
    CLOCK,
    DIGEST_HEADING,
    GO_ON,
    LINK_HINT,
    PROTECTION,
    RECALLED_HEADING,
    RULES,
    STYLE,
    TRANSCRIPT_HEADING,
)
from bot.prompting.message_line import display_name, format_line, quote
from bot.prompting.passages import ShownPassages, show_passages
from bot.prompting.pictures import format_pictures
from bot.prompting.template_marks import break_up_marks
from bot.text.tokens import clip, clip_beginning, estimate, estimate_again

APART = "\n\n"
SMALLEST_DIGEST = 32  # tokens: with less room for it, it is left out


@lru_cache(maxsize=256)
def build_system_text(persona: str, budget: Budget, style: str = "") -> str:
    """The first part of every prompt of a channel: the same until its persona changes.

    `style` is how a channel wants its answers, in words of its own. What protects follows it.
    """
    if style in ("", STYLE):
        return f"{clip(persona, max(16, budget.system))}\n{RULES}"
    style = clip(style, max(16, budget.system // 2))
    shown = clip(persona, max(16, budget.system - estimate(style)))
    return f"{shown}\n{style}\n{PROTECTION}"


@lru_cache(maxsize=256)
def build_digest_text(digest: str, budget: Budget) -> str:
    """The second part, a quote: the same until the digest changes. Empty where there is none."""
    if not digest or budget.digest <= SMALLEST_DIGEST:
        return ""
    return f"{DIGEST_HEADING}\n{clip(break_up_marks(digest), budget.digest)}"


def build_system_message(system: str) -> ChatMessage:
    """What a prompt begins with."""
    size = len(system)
    return ChatMessage("system", system, ends=(size,), parts=(("instructions", size),))


def build_memory(
    digest_text: str, transcript: str, ends: Sequence[int], *, first: bool = False
) -> ChatMessage:
    """The digest and the window as one message of a prompt; empty where there is neither.

    `ends` are those of the transcript (bot.prompting.cache_marks). In the `first` prompt with a
    digest each of its lines has one: it may begin as the former one did.
    """
    window = f"{TRANSCRIPT_HEADING}\n{transcript}" if transcript else ""
    message = _of_parts([("digest", digest_text), ("window", window)])
    begins = len(message.text) - len(transcript)
    of_digest = find_line_ends(digest_text)[0 if first else -1 :]
    ends = (*of_digest, *(begins + end for end in ends))
    return replace(message, ends=ends) if ends else message


def build_prompt(
    *,
    system: str,
    transcript: str,
    ends: Sequence[int] = (),
    first: bool = False,
    conversation: Sequence[Message],
    recalled: Sequence[Message | MessageRow],
    trigger: Message,
    shown: Container[int],
    now: datetime,
    budget: Budget,
    digest: str = "",
    latest: Sequence[Message | MessageRow] = (),
    cache_key: str = "",
    about: Sequence[Message] = (),
    so_far: str = "",
    turns: Sequence[ChatMessage] = (),
    images: Sequence[Image] = (),
    unseen: Sequence[UnseenPicture] = (),
    passages: Sequence[FoundPassage] = (),
    files: Sequence[str] = (),
) -> Prompt:
    """The prompt for an answer; `about` is what the trigger was asked about from a menu.

    `images` are what the question brings to see, `unseen` what of that is not shown.

    `turns` are what a program says was said before, as it sent them.

    `so_far` is an answer that was cut short: then this is the prompt for the rest of it.

    `digest` is that of build_digest_text, `transcript` and its `ends` are the rendered window
    (bot.memory.window), `shown` the numbers of its messages: of what is recalled, they are not
    shown twice. `latest` is what was said last before a short window: it stands with what is
    recalled, but answers no question. `files` says what could not be read of files.
    """
    parts = [build_system_message(system)]
    memory = build_memory(digest, transcript, ends, first=first)
    if memory.text:
        parts.append(memory)
    parts += [replace(one, parts=(("sent", len(one.text)),)) for one in turns]
    parts += _build_conversation(conversation, budget)
    before_window = [one for one in (*recalled, *latest) if one.seq not in shown]
    room = budget.trigger // 2 if so_far else budget.trigger
    pictures = format_pictures(images, unseen)
    given = show_passages(passages, before_window, budget.recall, files)
    last = _build_last_message(before_window, given, about, trigger, now, budget, room, pictures)
    parts.append(replace(last, images=tuple(images)) if images else last)
    if so_far:
        begun = clip_beginning(break_up_marks(so_far), room)
        parts.append(_of_parts([("begun", begun)], role="assistant"))
        parts.append(_of_parts([("question", GO_ON)]))
    return Prompt(
        purpose="answer",
        messages=_alternate_roles(parts),
        max_output=budget.answer,
        cache_key=cache_key,
        trigger=trigger,
        recalled=MadeWhenRead((*about, *recalled), trigger.channel),
        passages=given.passages,
        goes_on=bool(so_far),
    )


def _build_conversation(messages: Sequence[Message], budget: Budget) -> list[ChatMessage]:
    """What is being answered as real turns: the newest that fit, and the first if there is room."""
    left = budget.conversation
    each = max(SHORTEST_LINE, budget.conversation // 3)
    kept: list[ChatMessage] = []
    for message in [*messages[:1], *reversed(messages[1:])]:
        text = clip(_format_chat_text(message), each)
        left -= estimate_again(text) + 2
        if left < 0:
            break
        role: Role = "assistant" if message.author.nellie else "user"
        kept.append(ChatMessage(role, text, parts=(("conversation", len(text)),)))
    return [*kept[:1], *reversed(kept[1:])]


def _build_last_message(
    recalled: Sequence[Message | MessageRow],
    passages: ShownPassages,
    about: Sequence[Message],
    trigger: Message,
    now: datetime,
    budget: Budget,
    room: int,
    pictures: str,
) -> ChatMessage:
    """What differs from turn to turn: what is recalled, the clock and the trigger."""
    parts: list[tuple[PromptPart, str]] = []
    lines = format_excerpt(recalled, budget.recall - passages.tokens)
    if lines:
        link = next((message.link for message in recalled if message.link), "").partition("?")[0]
        hint = LINK_HINT.format(place=link.rpartition("/")[0]) if link else ""
        hint = break_up_marks(hint)  # the link of an archive may hold anything
        parts.append(("recalled", "\n".join([f"{RECALLED_HEADING}{hint}", *lines])))
    parts.append(("passages", passages.text))
    parts.append(("question", CLOCK.format(now=now.astimezone(UTC))))
    parts.append(("pictures", pictures))
    asked = _format_chat_text(trigger)
    if about:
        quoted = _build_quote(about, max(room - estimate(asked), room // 2))
        parts.append(("question", quoted))
        room -= estimate(quoted)
    parts.append(("question", clip(asked, room)))
    return _of_parts(parts)


def _build_quote(about: Sequence[Message], room: int) -> str:
    """What a question is about: the newest lines that fit, and of the last one at least a part."""
    lines: list[str] = []
    left = room - estimate(ABOUT_HEADING) - 1
    for message in reversed(about):
        line = format_line(message, max(left, SHORTEST_LINE))
        left -= estimate(line) + 1
        if left < 0 and lines:
            break
        lines.insert(0, line)
    return "\n".join([ABOUT_HEADING, *lines])


def _format_chat_text(message: Message) -> str:
    """A message as a turn of its own, without its time; without a name where it is Nellie's."""
    if message.author.nellie:
        return break_up_marks(message.text)
    return f"{display_name(message)}: {quote(message.text)}"


def _alternate_roles(messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    """Neighbours of one role become one: many chat templates refuse anything else."""
    merged: list[ChatMessage] = []
    for message in messages:
        if merged and merged[-1].role == message.role:
            merged[-1] = _join(merged[-1], message)
        elif message.role == "assistant" and merged[-1].role == "system":
            merged += [_of_parts([("conversation", "(you spoke first)")]), message]
        else:
            merged.append(message)
    return tuple(merged)


def _of_parts(parts: Sequence[tuple[PromptPart, str]], role: Role = "user") -> ChatMessage:
    """A message of parts that stand apart; those that are empty do not stand there."""
    text, ends = "", list[tuple[PromptPart, int]]()
    for name, part in parts:
        if part:
            text += f"{APART}{part}" if text else part
            ends.append((name, len(text)))
    return ChatMessage(role, text, parts=tuple(ends))


def _join(one: ChatMessage, other: ChatMessage) -> ChatMessage:
    text = f"{one.text}{APART}"
    ends = (*one.ends, *(len(text) + end for end in other.ends))
    parts = (*one.parts, *((name, len(text) + end) for name, end in other.parts))
    images = (*one.images, *other.images)
    return ChatMessage(one.role, text + other.text, images, ends, parts=parts)
