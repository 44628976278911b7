"""Somebody as a dataset knows them, and a text without names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wrote something, with a name that they had."""

    id: str
    name: str
    shown: str
    """What stands in the place of the name."""
    absent: bool = False
    """Nothing may name them."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """A text without names, and whether it named somebody who is to be absent."""

    text: str
    names_absent: bool
