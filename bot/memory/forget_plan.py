"""What would be forgotten, before it is."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetPlan:
    """What would be forgotten."""

    description: str
    """Whose messages, as in "this forgets 3 messages of yours"."""
    seqs: Sequence[int]
    person: str = ""
    """The id of who said them; it goes too, wherever else it stands."""
    others: int = 0
    """How often it stands elsewhere: in what answers cost, say."""
    everybody: bool = False
    confirm: str = ""
    """The request that means exactly this, where that is not the one that was typed."""
