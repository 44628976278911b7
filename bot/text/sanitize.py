"""Sanitizing text: cleaning what comes in, defusing mentions in what goes out; pure."""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_NEWLINES = re.compile("\r\n?|[\x85\u2028\u2029]")
# Letters that nobody sees and models read: tags (a flag may have some), and selectors in a row.
_HIDDEN = re.compile(
    "(\U0001f3f4[\U000e0020-\U000e007e]{2,6}\U000e007f)"
    "|[\U000e0000-\U000e007f]+|[\U000e0100-\U000e01ef]+|[\ufe00-\ufe0f]{2,}"
)
# Controls do nothing good in a chat; the bidirectional ones make a line read as another one.
_CONTROLS = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_PING = re.compile(
    r"<(?=@[!&]?\w|!(?:channel|here|everyone|group|subteam)\b)|@(?=everyone|here|channel|group)",
    re.IGNORECASE,
)
# The end of a growing text that may yet become a mention,
_UNSTABLE_END = re.compile(r"(?:<@?|@)[^<@\s]{0,9}\Z")
# and one that may yet become a whole character or one newline.
_UNFINISHED_END = re.compile(r"[\ud800-\udbff\r]\Z")


def clean(text: str) -> str:
    """Remove what may not be stored: stray surrogates, and controls but newline and tab."""
    if text.isprintable():  # as most that has one line: none of these are
        return text
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _CONTROLS.sub("", _NEWLINES.sub("\n", text.replace("\0", "\ufffd")))


def show_hidden(text: str) -> str:
    """The text without letters that nobody sees, and a sign in their place."""
    return _HIDDEN.sub(lambda found: found[1] or "\ufffd", text)


def defuse(text: str) -> str:
    """Put a zero-width space into mentions, so that they ping nobody."""
    return _PING.sub(lambda found: f"{found[0]}\u200b", text)


def take_stable(text: str) -> tuple[str, str]:
    """Of a growing text, what can be shown without the rest of it: clean and defused; and the rest.

    It is cleaned first: what is removed could otherwise keep the halves of a mention apart until
    the first one is shown.
    """
    unfinished = _UNFINISHED_END.search(text)
    whole = unfinished.start() if unfinished else len(text)
    cleaned = clean(text[:whole])
    unstable = _UNSTABLE_END.search(cleaned)
    end = unstable.start() if unstable else len(cleaned)
    return defuse(cleaned[:end]), cleaned[end:] + text[whole:]
