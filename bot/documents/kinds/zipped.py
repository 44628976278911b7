"""A zip of other files: each is read under its name. A zip in a zip is named only."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.documents.blocks import Block
from bot.documents.inner_files import read_inner
from bot.documents.package import Package, shown_name
from bot.documents.source import Source
from bot.domain.documents import NotReadable

_NOISE = ("__MACOSX/", ".git/")


def read(source: Source) -> Iterator[Block]:
    """In the order in which they were packed. Names are shown, and lead nowhere."""
    if source.depth:
        raise NotReadable("it is a zip in another file; post it by itself")
    package, session = Package(source), source.session
    for name, info in package.entries.items():
        if session.inner_files >= session.limits.inner_files:
            session.note(f"only the first {session.limits.inner_files} files were read")
            return
        if not _is_noise(name):
            yield from _entry(source, package, name, shown_name(info))


def _entry(source: Source, package: Package, name: str, shown: str) -> Iterator[Block]:
    limit = source.session.limits.bytes
    try:
        if package.entries[name].file_size > limit:
            raise NotReadable(f"it is larger than {limit >> 20} MB")
        data = package.read(name)
    except NotReadable as error:
        source.session.note(f"{shown} was not read: {error}")
    else:
        yield from read_inner(source, shown, data)


def _is_noise(name: str) -> bool:
    """What systems add for themselves."""
    last = PurePosixPath(name).name
    return name.startswith(_NOISE) or last.startswith(".")
