"""What a model's tokens cost, as people write it; pure."""

import re
from typing import NamedTuple, Self

_NUMBER = r"\d{1,9}(?:\.\d{1,9})?"
_PRICE = re.compile(rf"{_NUMBER}(?:/{_NUMBER}){{2,3}}", re.ASCII)


class Price(NamedTuple):
    """What a million tokens of each kind cost."""

    input: float
    cached: float
    cache_write: float
    output: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read input/cached/output, or input/cached/written/output. Raises ValueError.

        Written tokens cost what input costs, where they have no price of their own.
        """
        if not _PRICE.fullmatch(text):
            raise ValueError(
                "write openai/NAME=0.25/0.025/2.0: input, cached, output;"
                " or four: input, cached, written to the cache, output"
            )
        input_, cached, *written, output = map(float, text.split("/"))
        return cls(input_, cached, written[0] if written else input_, output)

    def of(self, *, given: int, cached: int, cache_write: int, output: int) -> float:
        """What so many tokens cost; `given` counts the cached and the written ones too."""
        fresh = max(0, given - cached - cache_write)
        counts = Price(fresh, cached, cache_write, output)
        return sum(price * count for price, count in zip(self, counts, strict=True)) / 1_000_000
