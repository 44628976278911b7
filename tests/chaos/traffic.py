"""What people say in a chaos run, and what of Nellie's is posted: the same on every platform."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

CHANNELS, PEOPLE = 3, 4
INTRODUCTION = "Hi, I am Nellie."
_WORDS = "crane", "late", "again", "nobody", "told", "night", "shift", "about", "new", "quay"


@dataclass(frozen=True, slots=True)
class PersonMessage:
    """What somebody said, as the platform that took it knows it."""

    id: str
    """Our own: q7 for a question, m7 for anything else."""
    platform: str
    channel: str
    message: str
    """The platform's id of it."""
    asks: bool
    at: float
    command: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What the database knows it by."""
        return self.platform, self.message


@dataclass(frozen=True, slots=True)
class NelliePost:
    """A message of Nellie's as it is shown at the end."""

    platform: str
    channel: str
    question: str
    """The platform's id of the message that it answers, or the number of its turn: "turn 7"."""
    part: int
    text: str
    began: float
    ended: float
    unfinished: bool
    """It looks as if more were to come."""


class Traffic(Protocol):
    """One platform: people who use it, and what they see of Nellie."""

    name: str

    def open(self) -> None:
        """Make its channels and people."""
        ...

    def greet(self, first: int) -> Iterator[PersonMessage]:
        """Everybody who will ask writes to Nellie once; the questions are numbered from `first`."""
        ...

    def talk(self, id_: str) -> PersonMessage:
        """Somebody says something to somebody else."""
        ...

    def ask(self, id_: str) -> PersonMessage:
        """Somebody asks Nellie."""
        ...

    def take_back(self, message: PersonMessage, text: str) -> None:
        """Its author rewrites a message, or deletes it where no text is given; unheard."""
        ...

    def posts(self) -> Iterator[NelliePost]:
        """All that Nellie has posted, but the introductions."""
        ...


def question_text(id_: str) -> str:
    """A question by which the model knows its id."""
    return f"what about {id_} and the containers?"


def chatter(rng: random.Random) -> str:
    """Something that people say to each other."""
    return " ".join(rng.choice(_WORDS) for _ in range(rng.randint(3, 25)))


def is_introduction(text: str) -> bool:
    """Whether Nellie says who it is, in a channel that it has joined."""
    return text.startswith(INTRODUCTION)


def shown_between(texts: list[tuple[float, str]]) -> tuple[float, float]:
    """When a post was first seen with text, and when its text became what it is now."""
    if not texts:
        return 0, 0
    final = texts[-1][1]
    # An acknowledged command is shown there without a word.
    began = next((at for at, text in texts if text), texts[-1][0])
    return began, next(at for at, text in texts if text == final)
