"""Documents as lists and questions show them; pure."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import tzinfo

from bot.domain.documents import FilePost
from bot.text.names import plain_name
from bot.text.plurals import counted

_BY = {"post": "posted", "link": "added", "operator": "added"}


def group_posts(posts: Iterable[FilePost]) -> list[list[FilePost]]:
    """The posts of each document together, in the order of the first of each."""
    found: dict[object, list[FilePost]] = {}
    for post in posts:
        found.setdefault(post.document_id or (post.seq, post.file.id), []).append(post)
    return list(found.values())


def document_line(posts: Sequence[FilePost], zone: tzinfo) -> str:
    """A document with all that is known of it, and where it was posted last."""
    newest = posts[0]
    notes = f" ({'; '.join(newest.notes)})" if newest.notes else ""
    what = ", ".join(filter(None, (describe_content(newest), describe_posting(posts, zone))))
    return f"- {newest.file.shown_name}: {what}{notes} {newest.link}".rstrip()


def describe_posts(posts: Sequence[FilePost], zone: tzinfo) -> str:
    """A document in a sentence: "terms.pdf (PDF, 12 pages, posted by Ana on 2026-03-02)"."""
    newest = posts[0]
    return f"{newest.file.shown_name} ({describe_content(newest)}, {describe_posting(posts, zone)})"


def name_matches(post: FilePost, name: str, *, exactly: bool) -> bool:
    """Whether a file is called that, or holds it in its name; or its link is that."""
    asked, called = _folded(name), _folded(post.file.shown_name)
    return asked in (called, _folded(post.link)) if exactly else asked in called


def _folded(name: str) -> str:
    """Some systems write a letter with its accent as two."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def describe_content(post: FilePost) -> str:
    """What it is, or how far reading it is: "PDF, 12 pages"."""
    match post.state:
        case "read":
            return ", ".join(filter(None, (post.kind, post.counted_pages)))
        case "unreadable":
            return f"not read: {post.note}"
    if post.note:
        return f"not read so far: {post.note}; I try again"
    return f"is being read, {post.progress}" if post.progress else "waits to be read"


def describe_posting(posts: Sequence[FilePost], zone: tzinfo) -> str:
    """By whom, and when last: "posted by Ana on 2026-03-02 and 1 other time"."""
    newest = posts[0]
    who = plain_name(newest.author)
    by = f" by {who}" if who else ""
    more = f" and {counted(len(posts) - 1, 'other time')}" if len(posts) > 1 else ""
    return f"{_BY[newest.origin]}{by} on {newest.at.astimezone(zone):%Y-%m-%d}{more}"
