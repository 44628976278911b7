"""What prompts are tuned on: questions with what is known of good answers, in three parts; pure."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from bot.domain.errors import SettingsError
from bot.domain.model import Message
from bot.language.admissions import admits
from bot.language.terms import normalize

LEAST = 20
"""Examples below which nothing can be told: a third of them is hardly more than chance."""
TRAIN, VALIDATION = 0.4, 0.3  # shares; the rest is the split that is not touched
SPLITS = "train, validation, untouched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question, with all that its prompt is made from."""

    name: str
    question: Message
    said: tuple[Message, ...] = ()
    """What its window shows."""
    recalled: tuple[Message, ...] = ()
    good: tuple[str, ...] = ()
    """What a good answer holds, or is: any one of these."""
    bad: str = ""
    """An answer that people found bad."""

    @property
    def is_unknown(self) -> bool:
        """Whether a good answer says that it does not know."""
        return bool(self.good) and any(admits(one) for one in self.good)

    @property
    def messages(self) -> tuple[Message, ...]:
        """All that its prompt shows of people."""
        return (*self.recalled, *self.said, self.question)


@dataclass(frozen=True, slots=True)
class Splits:
    """Three parts that share no thread and no question."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    untouched: tuple[Example, ...]

    @property
    def all(self) -> tuple[Example, ...]:
        """Every example, once."""
        return (*self.train, *self.validation, *self.untouched)


def split(examples: Sequence[Example], *, seed: int, by_time: bool) -> Splits:
    """Older ones to learn from, the newest untouched; a thread is in one part alone.

    What has no time is shuffled. Raises SettingsError where there are too few.
    """
    groups = _groups(examples)
    if len(examples) < LEAST or len(groups) < LEAST // 2:
        raise SettingsError(name="tune", reason=_too_few(len(examples), len(groups)))
    if by_time:
        groups.sort(key=lambda group: min(one.question.at for one in group))
    else:
        Random(seed).shuffle(groups)  # noqa: S311  # no secret
    parts: tuple[list[Example], ...] = ([], [], [])
    for group in groups:
        done = sum(map(len, parts)) / len(examples)
        parts[0 if done < TRAIN else 1 if done < TRAIN + VALIDATION else 2].extend(group)
    if not all(parts):
        raise SettingsError(name="tune", reason=_too_few(len(examples), len(groups)))
    return Splits(*map(tuple, parts))


def fingerprint_of(examples: Iterable[Example]) -> str:
    """A hash of examples, to tell later whether something else was looked at."""
    digest = hashlib.sha256()
    for one in examples:
        said = [[message.author.name, message.text] for message in one.messages]
        digest.update(json.dumps([one.name, said, one.good, one.bad]).encode())
    return digest.hexdigest()[:16]


def _groups(examples: Sequence[Example]) -> list[list[Example]]:
    """Examples that stand in one thread, or ask the same, together."""
    groups: dict[str, list[Example]] = {}
    for one in examples:
        message = one.question
        keys = [f"question:{normalize(message.text).strip(' ?!.')}"]
        keys += [f"thread:{message.channel.id}:{message.thread}"] if message.thread else []
        found = {id(groups[key]): groups[key] for key in keys if key in groups}
        merged = [*(other for group in found.values() for other in group), one]
        for key, group in groups.items():
            if id(group) in found:
                groups[key] = merged
        groups.update(dict.fromkeys(keys, merged))
    return list({id(group): group for group in groups.values()}.values())


def _too_few(examples: int, groups: int) -> str:
    return (
        f"there are {examples:,} rated answers or questions ({groups:,} without those of one thread"
        f" or the same words), and it takes {LEAST}: less says nothing about a prompt. Rate more"
        " answers with the buttons below them, or name a file of questions"
    )
