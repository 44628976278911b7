"""The root of the error tree (bot.domain.errors)."""

from typing import ClassVar


class NellieError(Exception):
    """The root of the tree.

    A subclass sets `text`, and a `hint` where one helps. Both are templates that the keyword
    arguments of an instance fill in; `details` keeps those. They are attributes and not the
    docstring, because `python -OO` removes every docstring.
    """

    text: ClassVar[str] = "Something went wrong: {reason}"
    """What happened, and what was kept."""
    hint: ClassVar[str] = ""
    """What the person can do next; empty where `text` says it all."""

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(" ".join(filter(None, (self.what_happened, self.hint.format(**details)))))

    @property
    def what_happened(self) -> str:
        """The text without the hint."""
        return self.text.format(**self.details)
