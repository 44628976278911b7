"""A file that a command hands over, saved where the person is."""

from itertools import count
from pathlib import Path


def save(content: str, channel: str) -> str:
    """Save a file in the working directory, never over another one; returns what to print."""
    stem = "".join(c if c.isalnum() or c in "-_" else "-" for c in channel)[:80]
    for number in count(1):
        path = Path(f"nellie-{stem}-{number}.jsonl" if number > 1 else f"nellie-{stem}.jsonl")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(content)
        except FileExistsError:
            continue
        except OSError as error:
            return f"It cannot be saved in this folder ({error.strerror}): try nellie export."
        break
    return f"Saved as {path.resolve()}"
