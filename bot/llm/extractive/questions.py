"""Whether a text asks, and whether it does nothing else."""

import re

from bot.language.intents.phrases import read_words
from bot.language.terms import is_pleasantry

_QUESTION = re.compile(r"[?？؟][\s)\]\"'”’]*$")
_MARKED = re.compile(r"[?？؟]")
_SENTENCE = re.compile(r"(?<=[.!?。！？؟])\s+|\n+|(?<=[。！？])")
# What a question begins with that people write without its mark.
_BEGINNINGS = (
    "who|who's|what|what's|where|where's|when was|when is|when did|when does|when do|which|whose"
    "|why|how|is there|are there|does anyone|does anybody|did anyone|did anybody|has anyone"
    "|has anybody"
    "|do you|did you|can you|could you|would you|tell me|show me|find|search for|look up|remind me"
    "|wer|was|wo|wann|warum|wieso|wie|welche[rsn]?|weisst du|kannst du|gibt es|sag mir|zeig mir"
    "|such|qui|que|qu'est-ce|quand|ou est|ou sont|pourquoi|comment|quel|quelle|est-ce que|dis-moi"
    "|quien|donde|cuando|por que|como|cual|dime|quem|onde|quando|qual|o que|diga-me"
    "|chi|che cosa|cosa|dove|perche|come|quale|dimmi|wie is|waar|wanneer|waarom|hoe|welke"
    "|kto|gdzie|kiedy|dlaczego|jak|ktory|кто|что|где|когда|почему|как|какои|скажи|подскажи"
    "|kim|nerede|neden|nasil|hangi|ne zaman"
)
_ASKS = re.compile(rf"(?:{_BEGINNINGS}) ")


def is_question(text: str) -> bool:
    """Whether it ends as a question."""
    return bool(_QUESTION.search(text))


def only_asks(text: str) -> bool:
    """Whether each of its sentences asks: as its mark says, or the way it begins."""
    sentences = [one for one in _SENTENCE.split(text) if one and not is_pleasantry(one)]
    return bool(sentences) and all(map(_asks, sentences))


def _asks(sentence: str) -> bool:
    return bool(
        _MARKED.search(sentence) or _ASKS.match(read_words(sentence).removeprefix("nellie "))
    )
