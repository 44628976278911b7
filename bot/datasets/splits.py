"""Which part of a dataset an example is in: the oldest to train, the newest to test; pure.

A thread is in the part in which it began, and what was said in it after that part has ended is left
out: all of one part is older than all of the next.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
FEWEST = 10  # examples, below which there is nothing to split
_SHARES = re.compile(r"\s*([0-9]{1,3})\s*[/,]\s*([0-9]{1,3})\s*[/,]\s*([0-9]{1,3})\s*")


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of a dataset each part is to have, in percent."""

    train: int = 80
    validation: int = 10
    test: int = 10

    def __str__(self) -> str:
        return f"{self.train}/{self.validation}/{self.test}"


def parse_shares(text: str) -> Shares:
    """Three numbers such as "80/10/10". Raises ValueError."""
    found = _SHARES.fullmatch(text)
    if not found:
        raise ValueError("three numbers are needed, such as 80/10/10")
    train, validation, test = map(int, found.groups())
    if train < 1 or train + validation + test != 100:
        raise ValueError("they are percent: together 100, and some to train with")
    return Shares(train, validation, test)


@dataclass(frozen=True, slots=True)
class Borders:
    """Where the later parts begin; None where there is no such part."""

    validation: datetime | None = None
    test: datetime | None = None

    def place(self, began: datetime, at: datetime) -> Split | None:
        """The part of an example asked at a time, in a thread that began; None for neither."""
        split = self._of(began)
        return split if self._of(at) == split else None

    def _of(self, at: datetime) -> Split:
        if self.test and at >= self.test:
            return "test"
        return "validation" if self.validation and at >= self.validation else "train"
