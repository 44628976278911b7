"""What the lexical index keeps of a text: its terms, how often each occurs, and its length."""

from bot.domain.documents import Passage
from bot.language.terms import extract_words_and_wholes
from bot.text.tokens import estimate

SMALL = 32_767  # the most that the index keeps of counts and lengths


def to_postings(text: str) -> dict[str, object]:
    """As the statements that store messages and passages take it."""
    words, wholes = extract_words_and_wholes(text)
    return {
        "terms": {term: min(count, SMALL) for term, count in (words | wholes).items()},
        "length": min(sum(words.values()), SMALL),
    }


def to_row(passage: Passage) -> dict[str, object]:
    """A passage with its postings, as documents.sql takes it: its headings find it, too."""
    return {
        "number": passage.number,
        "heading": passage.heading,
        "text": passage.text,
        "first_page": passage.first_page,
        "last_page": passage.last_page,
        "tokens": estimate(passage.text),
        **to_postings(f"{passage.heading}\n{passage.text}"),
    }
