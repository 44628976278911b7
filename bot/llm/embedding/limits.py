"""How much of what one server of embeddings takes at once: known at first, learned from then on."""

from collections.abc import Iterator, Sequence

from bot.text.graphemes import find_boundary
from bot.text.tokens import estimate

SHORTEST_TEXT = 40  # characters, below which a text cannot be too long
_RESERVE = 0.85  # of what a model reads, since its own tokens are other than ours


class EmbeddingLimits:
    """Of one request: how many texts, how many tokens; of one text: how many tokens."""

    def __init__(self, *, texts: int, tokens: int, window: int = 0) -> None:
        self.texts = texts
        self.tokens = tokens
        self.window = int(window * _RESERVE)
        """Tokens of one text, by our own count; 0 is unknown."""

    def batches(self, texts: Sequence[str]) -> Iterator[Sequence[str]]:
        """The texts in their order, as many together as one request may have now."""
        start = 0
        while start < len(texts):
            end, tokens = start + 1, estimate(texts[start])
            while end < min(len(texts), start + self.texts):
                tokens += estimate(texts[end])
                if tokens > self.tokens:
                    break
                end += 1
            yield texts[start:end]
            start = end

    def fit(self, text: str) -> str:
        """The beginning of a text that is no longer than the model's window."""
        if not self.window:
            return text
        while len(text) > SHORTEST_TEXT and (tokens := estimate(text)) > self.window:
            text = cut(text, 0.95 * self.window / tokens)
        return text

    def set_window(self, tokens: int) -> None:
        """So many tokens of one text the server itself says that it reads."""
        self.window = int(tokens * _RESERVE)

    def learn_batch(self, refused: Sequence[str]) -> None:
        """So many were too many, or too long together."""
        self.texts = max(1, min(self.texts, len(refused) // 2))

    def learn_window(self, taken: str) -> None:
        """So much of a text was taken, after more of it was refused."""
        self.window = max(SHORTEST_TEXT, min(self.window or estimate(taken), estimate(taken)))


def cut(text: str, share: float) -> str:
    """The beginning of a text; no letter or flag is cut in half. Shorter by one at least."""
    end = min(len(text) - 1, int(len(text) * share))
    return text[: find_boundary(text, end) or end]
