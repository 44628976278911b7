"""Lines of IRC logs, in the shapes of the clients and bots that write them; pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime

_STAMP = (
    r"\[?(?:(?P<date>\d{4}-\d\d-\d\d)[T ]|(?P<day>[A-Z][a-z]{2} \d\d) )?"
    r"(?P<clock>\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?\]?"
)
_LINE = re.compile(rf"{_STAMP}(?P<gap>\s+)(?P<body>\S.*)", re.ASCII | re.DOTALL)
_WEECHAT = re.compile(rf"{_STAMP}\t(?P<prefix>[^\t]*)\t(?P<text>.*)", re.ASCII | re.DOTALL)
_SAID = re.compile(r"<[ @+%&~!]?(?P<nick>[^>\s]+)\s*>(?:\s(?P<text>.*))?", re.DOTALL)
_DONE = re.compile(r"\*\s+(?P<nick>[^\s*]\S*)(?:\s(?P<text>.*))?", re.DOTALL)
_HAPPENED = re.compile(  # mIRC and HexChat write what happens like what somebody does
    r"(?:\S+ )?\(\S+@\S+\) (?:has )?(?:joined|left|quit)\b|(?:joins|parts|quits): "
    r"|now talking (?:in|on) |\S+ (?:is|are) now known as \S+$|\S+ sets? mode|\S+ has quit \("
    r"|topic (?:is|for) |\S+ (?:has )?change[sd] (?:the )?topic|channel \S+ (?:modes|created)"
    r"|\S+ (?:gives|removes) (?:channel|voice)|\S+ was kicked by|(?:attempt|disconnect)",
    re.IGNORECASE,
)
_TOLD = re.compile(r"-(?P<nick>[^\s!-][^\s-]*)- ")
_DAY = re.compile(
    r"(?:--- (?:Log opened|Day changed)|\*{4} BEGIN LOGGING AT|Session (?:Start|Time):)"
    r"\s*(?P<day>.*)"
)
_END = re.compile(r"--- Log closed|\*{4} ENDING LOGGING|Session Close:|Session Ident:")
_DATE = re.compile(r"(?P<month>[^\W\d_]{3,})\.?\s+(?P<day>\d{1,2})\b.*?\b(?P<year>\d{4})")
_MONTHS = (  # as they begin where a log's machine speaks another language
    *(("jan", "jän", "ene", "gen", "sty", "янв"), ("feb", "fév", "fev", "lut", "фев")),
    *(("mar", "mär", "mrt", "мар"), ("apr", "avr", "abr", "kwi", "апр")),
    *(("may", "mai", "mag", "mei", "maj", "май", "мая"), ("jun", "juin", "giu", "cze", "июн")),
    *(("jul", "juil", "lug", "lip", "июл"), ("aug", "aoû", "ago", "sie", "авг")),
    *(("sep", "set", "wrz", "сен"), ("oct", "okt", "ott", "out", "paź", "окт")),
    *(("nov", "lis", "ноя"), ("dec", "dez", "déc", "dic", "gru", "дек")),
)
_KINDS = (
    ("joins", re.compile(r"has joined|Joins:|^-->|now talking (?:in|on)", re.IGNORECASE)),
    (
        "leaves",
        re.compile(r"has (?:left|quit)|(?:Parts|Quits):|^<--|was kicked|Kicks?:", re.IGNORECASE),
    ),
    ("renamings", re.compile(r"is now known as|(?:changes|changed) nick", re.IGNORECASE)),
    ("modes", re.compile(r"\bmode\b|sets mode", re.IGNORECASE)),
    ("topics", re.compile(r"\btopic\b", re.IGNORECASE)),
)
NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a line says of its time."""

    clock: str
    date: str = ""
    day: str = ""
    """The same without a year, as in "Mar 01"."""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody said or did something."""

    stamp: Stamp
    nick: str
    text: str
    with_weechat: bool = False


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something happened, and nobody said anything."""

    kind: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day begins; None where the line does not say which in a way that is known."""

    day: date | None


def parse_line(line: str) -> Said | Noticed | Day | None:
    """What a line is; None for one of no shape that is known."""
    if line.startswith("=== "):
        return Noticed(_kind(line))
    if found := _DAY.match(line):
        return Day(parse_date(found["day"]))
    if _END.match(line):
        return Noticed(NOTICE)
    if found := _WEECHAT.fullmatch(line):
        return _of_weechat(_stamp(found), found["prefix"], found["text"])
    found = _LINE.fullmatch(line)
    return _of_body(_stamp(found), found["body"]) if found else None


def parse_date(text: str) -> date | None:
    """A day as in "Fri Mar 01 09:19:00 2024"."""
    found = _DATE.search(text)
    month = _month(found["month"]) if found else 0
    if not (found and month):
        return None
    try:
        return date(int(found["year"]), month, int(found["day"]))
    except ValueError:
        return None


def _month(name: str) -> int:
    """The number of a month, by how its name begins; 0 for none that is known."""
    for number, names in enumerate(_MONTHS, 1):
        if name.casefold().startswith(names):
            return number
    return 0


def parse_zone(text: str) -> datetime | None:
    """Any time in a zone that is written as Z, +0200 or +02:00; None for an empty one."""
    return datetime.fromisoformat(f"2000-01-01T00:00:00{text}") if text else None


def _stamp(found: "re.Match[str]") -> Stamp:
    return Stamp(found["clock"], found["date"] or "", found["day"] or "", found["zone"] or "")


def _of_body(stamp: Stamp, body: str) -> Said | Noticed | None:
    if found := _SAID.fullmatch(body):
        return Said(stamp, found["nick"], (found["text"] or "").strip())
    if body.startswith("*") and _HAPPENED.match(body.lstrip("*").lstrip()):
        return Noticed(_kind(body))
    if body.startswith(("***", "-!-", "-->", "<--", "=!=", "-- ", "=== ")) or _TOLD.match(body):
        return Noticed(_kind(body))
    if found := _DONE.fullmatch(body):
        text = (found["text"] or "").strip()
        return Said(stamp, found["nick"], f"/me {text}" if text else "")
    return None


def _of_weechat(stamp: Stamp, prefix: str, text: str) -> Said | Noticed:
    nick = prefix.strip()
    if nick == "*":
        nick, _, done = text.strip().partition(" ")
        return Said(stamp, nick.lstrip("@+%&~"), f"/me {done.strip()}", with_weechat=True)
    if not nick or nick in ("-->", "<--", "--", "=!=", "ℹ", "⚠") or not nick.strip("-<>=!"):
        return Noticed(_kind(f"{nick} {text}"))
    plain = nick.lstrip("@+%&~") or nick
    return Said(stamp, plain.strip("<>") or plain, text.strip(), with_weechat=True)


def _kind(body: str) -> str:
    return next((kind for kind, shape in _KINDS if shape.search(body)), NOTICE)
