"""People's names as prompts show them: none shapes the layout, or is Nellie's or a role's; pure."""

import re
import unicodedata
from functools import lru_cache

import regex

from bot.text.look_alikes import look_alikes_of, reads_as, spelled_out, turned
from bot.text.tokens import estimate

NAME_LIMIT = 16  # tokens of an author's name

_LAYOUT = "[]<>|:`"
_NOT_IN_ORDINARY_NAMES = re.compile(rf"[{re.escape(_LAYOUT)}\x00-\x1f\x7f]+")
# Without a shape of their own: format characters, fillers, what is unassigned or private.
_INVISIBLE = regex.compile(r"[\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]+")
_LETTERS = ("Lu", "Ll", "Lo")  # no modifier letter: some look like signs
_WORD = regex.compile(r"[^\s\p{P}]+")
_OWN = {reads_as("nellie")}
_ROLES = {
    *map(reads_as, ("system", "assistant", "developer", "user", "tool")),
    *map(reads_as, ("human", "model", "function", "ipython", "observation")),  # older, Gemma, GLM
}
_EPITHETS = {reads_as(word) for word in ("ai", "app", "bot", "official")}
"""Words beside a name that make it no other one."""


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A person's name, free of anything that shapes the layout; only Nellie is called Nellie."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", name[:200])))
    ordinary = all(one.isascii() or unicodedata.category(one) in _LETTERS for one in visible)
    forbidden = _NOT_IN_ORDINARY_NAMES if ordinary else _not_in_names()
    plain = " ".join(forbidden.sub(" ", visible).split())[:40]
    while estimate(plain) > NAME_LIMIT:
        plain = plain[:-1]
    plain = plain.strip()
    readings = _readings(plain)
    if readings & _OWN:
        return f"{plain} (not you)"
    if readings & _ROLES:
        return f"{plain} (a person)"
    return plain or "someone"


@lru_cache(maxsize=1)
def _not_in_names() -> re.Pattern[str]:
    signs = re.escape(_LAYOUT + "".join(map(look_alikes_of, _LAYOUT)))
    return re.compile(rf"[{signs}\x00-\x1f\x7f-\x9f\u2028\u2029\u02d0\u2800]+")


def _readings(name: str) -> set[str]:
    """What a name may be read as: whole, without its digits, without a word like bot, spelled."""
    words = [reads_as(word) for word in _WORD.findall(name)]
    core = "".join(word for word in words if word not in _EPITHETS)
    letters = "".join(filter(str.isalpha, name))
    return {"".join(words), core, reads_as(letters), *_spelled_readings(name)}


def _spelled_readings(name: str) -> set[str]:
    """The same, where signs and digits stand for letters: whole, and without a word like bot."""
    found = set[str]()
    # These stand for an l or an e, and for an a or an l.
    for variant in (name, name.replace("£", "€"), name.replace("Λ", "L"), turned(name)):
        words = [reads_as(spelled_out(word)) for word in variant.split()]
        found |= {"".join(words), "".join(word for word in words if word not in _EPITHETS)}
    return found
