"""What the examination finds of posted files: how many wait, and why some are not read."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.domain.ports import Finding
from bot.store.diagnostics import FileDiagnostics
from bot.text.plurals import counted

LATE = timedelta(hours=2)  # longer than a file that does not come is tried again
LISTED = 3  # reasons


def examine_files(files: FileDiagnostics, now: datetime) -> Iterator[Finding]:
    """Nothing where nobody has posted any."""
    if files.oldest and now - files.oldest > LATE:
        what = f"{_waiting(files)}, the oldest since {files.oldest:%Y-%m-%d %H:%M} UTC"
        mend = "start a replica of its platform with NELLIE_READ_FILES above 0, or read its log"
        yield Finding("files", "wrong", what, mend)
    elif files.waiting:
        yield Finding("files", "ok", _waiting(files))
    if files.without_right:
        what = f"{counted(files.without_right, 'file')} could not be read for want of a right"
        mend = f"{files.right}: give the right, then start again"
        yield Finding("files", "note", what, mend)
    if files.unreadable:
        reasons = "; ".join(f"{note} ({count:,})" for note, count in files.reasons[:LISTED])
        what = f"{counted(files.unreadable, 'file')} cannot be read: {reasons}"
        yield Finding("files", "ok", what)


def _waiting(files: FileDiagnostics) -> str:
    one = files.waiting == 1
    return f"{counted(files.waiting, 'file')} {'waits' if one else 'wait'} to be read"
