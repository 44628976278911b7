"""python -m benchmarks.documents [--quick]: how well files are read, and what that takes.

LibreOffice makes ten documents of each kind from texts whose words are known. The last line is
JSON. Ends with 1 where a kind has an F1 below 0.98, with 2 where LibreOffice is missing.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.documents.flat import text_document
from benchmarks.documents.libreoffice import MISSING, convert, is_installed
from benchmarks.documents.making import KINDS, Making, make
from benchmarks.documents.samples import Sample, read_samples
from benchmarks.documents.words import count_words, f1
from bot.documents.process import read_in_process
from bot.domain.documents import DocumentText

ENOUGH = 0.98
QUICK = 2  # documents of each kind
PAGES = 100
COPIES = 180  # of one text, which make a little more than so many pages


async def run(samples: list[Sample], folder: Path) -> dict[str, Any]:
    """F1 of each kind, the lowest of its documents' with it; then what 100 pages take."""
    figures: dict[str, Any] = {}
    for kind in KINDS:
        scores = await _score(kind, samples, folder)
        mean, worst = sum(scores.values()) / len(scores), min(scores, key=scores.__getitem__)
        print(f"{kind.name:18} F1 {mean:.4f}, the lowest {scores[worst]:.4f} ({worst})")
        figures[kind.name] = round(mean, 4)
    figures["per_100_pages"] = _weigh(samples[0], folder)
    return figures


async def _score(kind: Making, samples: list[Sample], folder: Path) -> dict[str, float]:
    scores = {}
    for sample, path in zip(samples, make(kind, samples, folder), strict=True):
        document = await read_in_process(path, path.name)
        expected, read = count_words(kind.says(sample)), count_words(_texts(document))
        scores[sample.name] = f1(expected, read)
    return scores


def _texts(document: DocumentText) -> list[str]:
    """What was read; a heading above a passage counts where it is not in the text before it."""
    lines: dict[str, None] = {}
    texts: list[str] = []
    for passage in document.passages:
        texts += (one for one in passage.heading.split(" > ") if one and one not in lines)
        texts.append(passage.text)
        lines |= dict.fromkeys([*passage.heading.split(" > "), *passage.text.split("\n")])
    return texts


def _weigh(sample: Sample, folder: Path) -> dict[str, float]:
    """Seconds and MB for 100 pages, by a text of about as many."""
    source = folder / "long.fodt"
    source.write_text(text_document(sample, copies=COPIES))
    [path] = convert([source], "pdf", folder)
    command = (sys.executable, "-m", "benchmarks.documents.weight", str(path))
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own
    figures: dict[str, float] = json.loads(said.splitlines()[-1])
    figures["seconds"] = round(figures["seconds"] * PAGES / figures["pages"], 2)
    return figures


def main() -> int:
    """Run it; returns the exit code."""
    if not is_installed():
        print(MISSING)
        return 2
    samples = read_samples()[: QUICK if "--quick" in sys.argv else None]
    with tempfile.TemporaryDirectory(prefix="nellie-documents-") as folder:
        figures = asyncio.run(run(samples, Path(folder)))
    print(json.dumps(figures))
    return int(any(figures[kind.name] < ENOUGH for kind in KINDS))


if __name__ == "__main__":
    sys.exit(main())
