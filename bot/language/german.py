"""Whether a text is German: there, every noun begins with a capital letter."""

import re

_GERMAN_FUNCTION_WORDS = """
    der die das und ist nicht ein eine einen einem einer eines den dem des im am ins vom zum zur auf
    mit für von zu wir ich es sie wird werden werde hat haben sind sein war waren kann muss soll
    sollen
    bei nach aus auch noch liegt steht läuft heute morgen wegen bis ab um über unter gegen ohne
    durch
    kein keine keinen seit seine ihre ihr uns alle dass wenn oder aber
"""
_OTHER_FUNCTION_WORDS = """
    the is to of and in on at for by with was are be it that this will has have had he she they we
    not
    le la les des est du et el los las y en que es il di che per een het van op te
"""
_GERMAN = frozenset(_GERMAN_FUNCTION_WORDS.split())
_OTHER = frozenset(_OTHER_FUNCTION_WORDS.split())
_GERMAN_ENDING = re.compile(r"ß|..(?:ung|ungen|keit|heit|schaft|lich|liche[rsn]?|igen?|ierung)$")
_WORD = re.compile(r"[^\W\d_]+")


def is_german(text: str, *, otherwise: bool = False) -> bool:
    """Whether it is, by its commonest words and endings; `otherwise` where they do not decide."""
    words = {word.lower() for word in _WORD.findall(text)}
    german = len(words & _GERMAN) + sum(bool(_GERMAN_ENDING.search(word)) for word in words)
    other = len(words & _OTHER)
    return otherwise if german == other else german > other
