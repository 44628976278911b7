"""The prompts that models are compared by, from a file: JSON lines, or plain text, one a line."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast, get_args

from bot.config.settings import Settings
from bot.domain.errors import SettingsError
from bot.domain.model import Author, Channel, ChatMessage, Message, Prompt, Role
from bot.prompting.budget import Budget
from bot.prompting.past_prompt import build_past_prompt
from bot.prompting.prompt import build_system_text
from bot.text.sanitize import clean

OWN_SET = Path(__file__).parent / "team.jsonl"
"""Questions about the talk of a team, with what their answers hold."""
PIPE = "-"

_ASKED = ("prompt", "question", "input")
_EXPECTED = ("expected", "answer", "ideal", "reference")
_ALL_OBJECTS = "where the first line begins with {, every line is an object of JSON"
_PLACE = Channel("compare", "", "compare")
_BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)  # of talk that does not say when it was


@dataclass(frozen=True, slots=True)
class ComparedPrompt:
    """A prompt, and what its answer should hold: any one of these, where that is known."""

    name: str
    prompt: Prompt
    expected: tuple[str, ...] = ()
    said: tuple[Message, ...] = ()
    """What its window shows."""
    recalled: tuple[Message, ...] = ()
    unwanted: str = ""
    """An answer that people found bad."""
    is_own: bool = False
    """It brings a system prompt, or a whole chat, of its own."""


def read_prompts(path: str, settings: Settings) -> list[ComparedPrompt]:
    """Those of a file, or of a pipe. Raises SettingsError."""
    try:
        raw = sys.stdin.buffer.read() if path == PIPE else Path(path).expanduser().read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise SettingsError(name=path, reason=str(error.strerror or error)) from error
    except UnicodeDecodeError as error:
        reason = "it is no text in UTF-8: save it as that, one prompt a line"
        raise SettingsError(name=path, reason=reason) from error
    found = list(parse_prompts(text, path, settings))
    if not found:
        raise SettingsError(name=path, reason="there is no prompt in it: write one a line")
    return found


def parse_prompts(text: str, path: str, settings: Settings) -> Iterator[ComparedPrompt]:
    """The prompts of a text: JSON lines where its first is an object, or one list of JSON.

    A `context` that stands alone on its line is what was said before all that follows.
    """
    if (entries := _read_entries(text, path)) is None:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                _refuse_object(line, path, number)
                yield ComparedPrompt(str(number), plain_prompt(clean(line.strip()), settings))
        return
    context: Sequence[Message] = ()
    for number, entry in entries:
        try:
            said = _read_context(entry["context"]) if "context" in entry else context
            if entry.keys() == {"context"}:
                context = said
                continue
            yield _read_entry(entry, str(number), said, settings)
        except ValueError as error:
            raise _wrong(path, number, error) from error


def plain_prompt(text: str, settings: Settings, *, system: str = "") -> Prompt:
    """A prompt of these words and no others."""
    return Prompt(
        purpose="answer",
        messages=(*([ChatMessage("system", system)] if system else []), ChatMessage("user", text)),
        max_output=settings.max_answer,
        trigger=_message("you", text, _BEGAN, 0),
    )


def prompt_after(
    said: Sequence[Message],
    question: Message,
    settings: Settings,
    recalled: Sequence[Message] = (),
    style: str = "",
) -> Prompt:
    """A prompt as a channel's are laid out, with all that was `said` as its window."""
    budget = whole_budget(settings)
    system = build_system_text(settings.persona, budget, style)
    return build_past_prompt(said, question, system=system, budget=budget, recalled=recalled)


def whole_budget(settings: Settings) -> Budget:
    """The sizes that are wanted, whatever a model takes."""
    return Budget.fit(
        high=settings.window_high,
        low=settings.window_low,
        recall=settings.recall,
        answer=settings.max_answer,
    )


def _read_entries(text: str, path: str) -> list[tuple[int, dict[str, Any]]] | None:
    """The objects of JSON lines, or of one list, with their numbers; None for plain text."""
    if text.lstrip().startswith("["):
        with suppress(ValueError, RecursionError):
            return [
                (number, one if isinstance(one, dict) else {"prompt": one})
                for number, one in enumerate(json.loads(text), 1)
            ]
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not (lines and lines[0][1].lstrip().startswith("{")):
        return None
    return [(number, _read_object(line, path, number)) for number, line in lines]


def _refuse_object(line: str, path: str, number: int) -> None:
    """In plain text it would be asked as it stands, braces and all. Raises SettingsError."""
    if not line.lstrip().startswith("{"):
        return
    with suppress(ValueError, RecursionError):
        json.loads(line)
        reason = "it is a JSON object, and the first line is plain text: write all in one way"
        raise _wrong(path, number, reason)


def _read_object(line: str, path: str, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except RecursionError as error:
        raise _wrong(path, number, "it is too deeply nested") from error
    except ValueError as error:
        where = f"it is no JSON ({error}); {_ALL_OBJECTS}"
        raise _wrong(path, number, where) from error
    if not isinstance(entry, dict):
        raise _wrong(path, number, _ALL_OBJECTS)
    return entry


def _wrong(path: str, number: int, error: ValueError | str) -> SettingsError:
    return SettingsError(name=path, reason=f"line {number}: {error}")


def _read_entry(
    entry: dict[str, Any], number: str, said: Sequence[Message], settings: Settings
) -> ComparedPrompt:
    name, expected = str(entry.get("id", number)), _read_expected(entry)
    if messages := entry.get("messages") or next(_lists(entry), None):
        prompt = _chat_prompt(_read_messages(messages), settings)
        return ComparedPrompt(name, prompt, expected, is_own=True)
    text = next((one for key in _ASKED if isinstance(one := entry.get(key), str)), "").strip()
    if not text:
        raise ValueError("it has no prompt (or question, input, messages)")
    text, system = clean(text), clean(str(entry.get("system") or ""))
    if not said:
        prompt = plain_prompt(text, settings, system=system)
        return ComparedPrompt(name, prompt, expected, is_own=bool(system))
    last = said[-1]
    question = _message(
        str(entry.get("author", "you")), text, last.at + timedelta(minutes=1), last.seq + 1
    )
    chosen = settings.model_copy(update={"persona": system}) if system else settings
    prompt = prompt_after(said, question, chosen)
    return ComparedPrompt(name, prompt, expected, tuple(said), is_own=bool(system))


def _lists(entry: dict[str, Any]) -> Iterator[list[Any]]:
    return (entry[key] for key in _ASKED if isinstance(entry.get(key), list))


def _read_messages(given: Any) -> tuple[ChatMessage, ...]:
    found = tuple(
        ChatMessage(cast(Role, one["role"]), clean(one["content"]))
        for one in given
        if isinstance(one, dict)
        and one.get("role") in get_args(Role)
        and isinstance(one.get("content"), str)
    )
    if not isinstance(given, list) or len(found) < len(given) or not found:
        raise ValueError("messages are a list of role (system, user, assistant) and content")
    if found[-1].role != "user":
        raise ValueError("the last message is the user's")
    return found


def _chat_prompt(messages: tuple[ChatMessage, ...], settings: Settings) -> Prompt:
    return Prompt(
        purpose="answer",
        messages=messages,
        max_output=settings.max_answer,
        trigger=_message("you", messages[-1].text, _BEGAN, 0),
    )


def _read_expected(entry: dict[str, Any]) -> tuple[str, ...]:
    given: Any = next((entry[key] for key in _EXPECTED if entry.get(key) is not None), [])
    several = given if isinstance(given, list) else [given]
    if not all(isinstance(one, str | int | float) for one in several):
        raise ValueError("what is expected is a text, or a list of texts of which any will do")
    return tuple(text for one in several if (text := str(one).strip()))


def _read_context(given: Any) -> list[Message]:
    if not isinstance(given, list):
        raise ValueError("context is a list of author and text")
    return [_read_said(one, number) for number, one in enumerate(given, 1)]


def _read_said(given: Any, number: int) -> Message:
    if not (isinstance(given, dict) and isinstance(given.get("text"), str)):
        raise ValueError("context is a list of author and text")
    at = _BEGAN + timedelta(minutes=number)
    if given.get("at"):
        at = datetime.fromisoformat(str(given["at"]))
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return _message(str(given.get("author", "somebody")), clean(given["text"]), at, number)


def _message(name: str, text: str, at: datetime, seq: int) -> Message:
    name = clean(name)
    return Message(_PLACE, str(seq), Author(name, name), text, at, seq=seq)
