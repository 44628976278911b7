"""Answers that quote: what was said about a question, or a word of its own for small talk."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC

from bot.domain.model import Message, Prompt
from bot.language.intents.assent import read_assent
from bot.language.intents.file_summaries import read_file_summary
from bot.language.intents.reading import SmallTalk, read_request, read_small_talk
from bot.language.question import Question
from bot.language.terms import extract_terms, is_pleasantry, normalize
from bot.llm.extractive.passages import best_passage
from bot.llm.extractive.questions import is_question, only_asks
from bot.llm.extractive.summaries import choose_of_talk, without_source
from bot.prompting.message_line import display_name
from bot.text.citations import break_up_citations

QUOTING = "I have no language model here, so I quote what was said:"
NOTHING = (
    "Nothing was said about that here, as far as I remember. (I have no language model and can "
    "only quote; whoever runs me can name one in NELLIE_MODEL, for example openai/<name>.)"
)
NEW = "That is new to me. Ask me about it later, and I quote what was said."
NEW_AND_NOT_KEPT = (
    "That is new to me, and nothing is kept of what is asked here: say it in the channel itself,"
    " and I quote it from there."
)
GREETING = "Hello! I remember what is said here: ask me about it, and I quote it for you."
SMALL_TALK: dict[SmallTalk, str] = {
    "greeting": GREETING,
    "how": "I am well, thank you, and I listen. Ask me about what was said here.",
    "thanks": "You are welcome!",
    "bye": "See you! I keep in mind what is said meanwhile.",
    "praise": "Thank you!",
}
ALL_RIGHT = "All right."
QUOTING_INSTEAD = "{failed} So I quote what was said:"
NOTHING_INSTEAD = (
    "{failed} Meanwhile I can only quote, and nothing was said about that here, as far as I"
    " remember. Please ask again in a while."
)

QUOTES = 3
QUOTE_LIMIT = 300
"""Characters of a quote."""


def write_answer(prompt: Prompt) -> list[str]:
    """The lines of an answer."""
    question = prompt.trigger.text if prompt.trigger else ""
    if kind := read_small_talk(question):
        return [SMALL_TALK[kind]]
    if asks_for_summary(prompt) and (lines := _sum_up(prompt)):
        return lines
    if quotes := _quote(prompt, extract_terms(question).keys()):
        head = QUOTING_INSTEAD.format(failed=prompt.failed) if prompt.failed else QUOTING
        return [head, *quotes]
    is_kept = prompt.trigger is None or not prompt.trigger.private
    return [_without_quotes(question, prompt.failed, is_kept=is_kept)]


def _quote(prompt: Prompt, wanted: Collection[str]) -> list[str]:
    """What people said and what documents say: first what holds more of the question."""
    messages = find_quotable(prompt)[:QUOTES]
    passages = find_passages(prompt, wanted, alone=not messages)[:QUOTES]
    said = [_format_quote(message, wanted) for message in messages]
    written = [_format_passage(prompt, number, wanted) for number in passages]
    if not (said and written):
        return said or written
    of_message = count_shared(messages[0].text, wanted)
    if count_shared(prompt.passages[passages[0] - 1].passage.text, wanted) > of_message:
        return [*written[: QUOTES - 1], *said][:QUOTES]
    return [*said[: QUOTES - 1], *written][:QUOTES]


def asks_for_summary(prompt: Prompt) -> bool:
    """Whether it is asked, from a message's menu, what a message or a thread says."""
    trigger = prompt.trigger
    request = read_request(trigger.text, trigger.at) if trigger and trigger.reply_to else None
    return request is not None and request.kind == "summary"


def _sum_up(prompt: Prompt) -> list[str]:
    """The lines of what is asked about, or the most central of them."""
    said = sorted(prompt.recalled, key=lambda message: message.at)
    written = choose_of_talk(replace(prompt, source=tuple(said)))
    lines = [without_source(line) for line in written.lines]
    return [*lines, f"({written.note})"] if written.note else lines


def _without_quotes(question: str, failed: str, *, is_kept: bool) -> str:
    if read_assent(question) is not None:
        return ALL_RIGHT
    if is_pleasantry(question):
        return GREETING
    if not is_question(question):
        return NEW if is_kept else NEW_AND_NOT_KEPT
    return NOTHING_INSTEAD.format(failed=failed) if failed else NOTHING


def find_quotable(prompt: Prompt) -> list[Message]:
    """What people said of what was recalled, best first.

    The more words of the question a message holds, the further it comes to the front; questions
    go further back, and the asker's own former ones are left out. A message that holds no word was
    recalled for the talk around it, and quotes badly: it is left out where others hold some.
    """
    trigger = prompt.trigger
    wanted = extract_terms(trigger.text).keys() if trigger else set[str]()
    texts = {"", normalize(trigger.text) if trigger else ""}
    found: list[tuple[Message, int]] = []
    for message in prompt.recalled:
        if _is_own(message, trigger) or (text := normalize(message.text)) in texts:
            continue
        texts.add(text)
        found.append((message, len(wanted & extract_terms(message.text).keys())))
    if trigger and (said := find_words_asked_for(trigger, [message for message, _ in found])):
        return said
    found = [(message, shared) for message, shared in found if shared] or found
    positions = [
        position + 2.5 * is_question(message.text) - 2 * shared
        for position, (message, shared) in enumerate(found)
    ]
    order = sorted(range(len(found)), key=positions.__getitem__)
    return [found[number][0] for number in order]


def find_passages(prompt: Prompt, wanted: Collection[str], *, alone: bool) -> list[int]:
    """The numbers of passages that hold words of the question, those with most first.

    Where they are `alone`, and none holds any, they are all that there is to quote.
    """
    shared = {
        number: count_shared(f"{one.passage.heading}\n{one.passage.text}", wanted)
        for number, one in enumerate(prompt.passages, start=1)
    }
    found = [number for number in shared if shared[number]] or (list(shared) if alone else [])
    return sorted(found, key=lambda number: -shared[number])


def count_shared(text: str, wanted: Collection[str]) -> int:
    """How many of the wanted terms a text holds."""
    return len(extract_terms(text).keys() & set(wanted))


def find_words_asked_for(trigger: Message, found: Sequence[Message]) -> list[Message]:
    """What one said, where the question asks for their words: about the matter, else the newest."""
    question = Question.read(trigger)
    if not question.may_ask_for_words:
        return []
    saying = question.read_saying(message.author for message in found)
    if saying is None:
        return []
    said = [message for message in found if message.author.id in saying.speakers]
    said = [message for message in said if question.is_in_time(message.at)] or said
    shared = {one.id: len(extract_terms(one.text).keys() & set(saying.terms)) for one in said}
    about = [message for message in said if shared[message.id]]
    if about:
        return sorted(about, key=lambda one: -shared[one.id])
    return said if saying.terms else sorted(said, key=lambda one: one.at, reverse=True)


def _is_own(message: Message, trigger: Message | None) -> bool:
    """Whether Nellie said it, or whoever asks now has asked it before."""
    if message.author.nellie or trigger is None:
        return message.author.nellie
    if message.id == trigger.id:
        return True
    if message.author.id != trigger.author.id:
        return False
    return only_asks(message.text) or read_file_summary(message.text, message.at) is not None


def _format_quote(message: Message, wanted: Collection[str]) -> str:
    at = message.at.astimezone(UTC)
    text = break_up_citations(best_passage(message.text, wanted, QUOTE_LIMIT))
    return f"> {display_name(message)}, {at:%Y-%m-%d %H:%M}: {text} {message.link}".rstrip()


def _format_passage(prompt: Prompt, number: int, wanted: Collection[str]) -> str:
    text = best_passage(prompt.passages[number - 1].passage.text, wanted, QUOTE_LIMIT)
    return f"> [doc {number}]: {break_up_citations(text)}"
