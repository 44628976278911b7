"""Passages of documents as recall finds them."""

from datetime import UTC, datetime
from typing import Any

from bot.domain.documents import FoundPassage, Passage
from bot.text.tokens import estimate

LINK = "https://team.example/archives/C1/p17"
POSTED = datetime(2026, 3, 2, 9, tzinfo=UTC)


def found_passage(text: str, *, page: int = 4, heading: str = "", **fields: Any) -> FoundPassage:
    """A passage of the contract that Ana posted, unless `fields` say otherwise."""
    passage = Passage(number=1, text=text, heading=heading, first_page=page, last_page=page)
    known = {
        "document_id": 7,
        "name": "contract.pdf",
        "tokens": estimate(text),
        "link": LINK,
        "author": "Ana",
        "at": POSTED,
    }
    return FoundPassage(passage=passage, **{**known, **fields})
