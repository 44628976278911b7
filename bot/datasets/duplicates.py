"""Examples that are nearly the same as one before, found by MinHash in memory that does not grow.

Each example leaves the hashes of a few bands of its signature in one table of fixed size: two that
share eight in ten of their shingles are found in 3 of 4 cases, with nine in ten nearly always. In a
table that has become full, the oldest are written over.
"""

import re
from array import array
from zlib import crc32

from bot.config.extras import how_to_install
from bot.domain.errors import SettingsError

PERMUTATIONS, BANDS = 120, 12
_BAND = 8 * PERMUTATIONS // BANDS  # bytes
_NUMBERS = [array("Q", [number]).tobytes() for number in range(BANDS)]
SLOTS = 1 << 22  # of 8 bytes: 32 MB, of which only what is written to is taken
SHINGLE = 3  # words
MOST_WORDS = 4_000  # of an example
_SEED = 44
_WORD = re.compile(r"\w+")


class NearDuplicates:
    """Those of one file."""

    def __init__(self, slots: int = SLOTS) -> None:
        """Raises SettingsError where the extra is missing."""
        try:
            from rensa import RMinHash
        except ImportError as error:
            what = "what finds examples that are nearly the same is an extra"
            reason = f"{what}: {how_to_install('dataset')}"
            raise SettingsError(name="dataset", reason=reason) from error
        self._sign = RMinHash
        self._table = array("Q", bytes(8 * slots))

    def seen(self, text: str) -> bool:
        """Whether one much like it was there before; it is there from now on."""
        bands = self._bands(text)
        places = [band % len(self._table) for band in bands]
        if any(self._table[place] == band for place, band in zip(places, bands, strict=True)):
            return True
        for place, band in zip(places, bands, strict=True):
            self._table[place] = band
        return False

    def _bands(self, text: str) -> list[int]:
        signature = self._sign(num_perm=PERMUTATIONS, seed=_SEED)
        signature.update(_shingles(text))
        digest = array("Q", signature.digest()).tobytes()
        return [
            _hash(number + digest[at : at + _BAND])
            for number, at in zip(_NUMBERS, range(0, len(digest), _BAND), strict=True)
        ]


def _hash(band: bytes) -> int:
    """64 bits of one band, and not 0, which an empty slot is."""
    return (crc32(band) << 32 | crc32(band[::-1])) or 1


def _shingles(text: str) -> list[str]:
    """Its words in threes; of a short text, and of one without spaces, smaller pieces."""
    words = list(map(str.casefold, _WORD.findall(text)[:MOST_WORDS]))
    if len(words) >= 2 * SHINGLE:
        threes = zip(*(words[at:] for at in range(SHINGLE)), strict=False)
        return list(map(" ".join, threes))
    joined = " ".join(words) or text[:100]
    return [joined[at : at + 4] for at in range(max(1, len(joined) - 3))]
