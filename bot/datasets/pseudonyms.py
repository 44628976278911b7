"""Names in place of people's: the same for the same person and key, and no way back; pure."""

import hashlib
import hmac
from functools import lru_cache

_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
_SYLLABLES = [one + other for one in _CONSONANTS for other in _VOWELS]
_LENGTH = 4  # syllables: 24 million names, so that two of 1,000 people share one in 1 of 50 cases

SOMEONE = "someone"
"""Who is in no dataset has no name there either."""


class Pseudonyms:
    """Those of one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._made = lru_cache(maxsize=1 << 14)(self._make)

    def of_person(self, platform: str, person_id: str) -> str:
        """What a person of a platform is called, whatever they call themselves."""
        return self._made(f"person\0{platform}\0{person_id}")

    def of_name(self, folded: str) -> str:
        """What somebody is called of whom nothing but a name is known."""
        return self._made(f"name\0{folded}")

    def _make(self, what: str) -> str:
        digest = hmac.new(self._key, what.encode("utf-8", "replace"), hashlib.sha256).digest()
        number, syllables = int.from_bytes(digest), list[str]()
        for _ in range(_LENGTH):
            number, at = divmod(number, len(_SYLLABLES))
            syllables.append(_SYLLABLES[at])
        return "".join(syllables).capitalize()
