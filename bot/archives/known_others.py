"""Files of other kinds that people have, and what to do to get one that can be read."""

import re
from pathlib import Path

from bot.archives.recognizing import Head, files_in, read_head

_AGAIN_DISCORD = (
    "it is an export of DiscordChatExporter as {kind}, which leaves out ids: export again with"
    " --format Json"
)
_BY_BYTES = (
    (b"!BDN", "it is an Outlook file (PST): open it in a mail program and save it as mbox, or for"
     " Microsoft Teams get the messages as JSON, from Microsoft Graph"),
    (b"SQLite format 3\0", "it is a database of an app, not an export: use the app's own export"
     " of chats"),
    (b"Rar!", "it is a RAR: unpack it, and import the folder"),
    (b"7z\xbc\xaf", "it is a 7-Zip: unpack it, and import the folder"),
    (b"BZh", "it is packed with bzip2: unpack it first"),
    (b"\xfd7zXZ", "it is packed with xz: unpack it first"),
    (b"(\xb5/\xfd", "it is packed with zstd: unpack it first"),
    (b"%PDF", "it is a PDF: export the chat as text or JSON"),
    (b"\xd0\xcf\x11\xe0", "it is an old Office file or an Outlook message: export as mbox, text or"
     " JSON"),
)  # fmt: skip
_BY_TEXT = (
    (r"(?s).{0,2000}<html.*(?:DiscordChatExporter|chatlog__)", _AGAIN_DISCORD.format(kind="HTML")),
    (r"\ufeff?\"?AuthorID\"?,\"?Author\"?,\"?Date\"?", _AGAIN_DISCORD.format(kind="CSV")),
    (r"(?s)={20,}\s*Guild: .*Channel: ", _AGAIN_DISCORD.format(kind="text")),
    (r"(?s).{0,2000}<html.*(?:class=\"tgme|Exported Data|class=\"history\".*class=\"message)",
     "it is a Telegram export as HTML: export again, and choose \"Machine-readable JSON\""),
    (r"(?s).{0,2000}<html.*(?:skypespaces|IPM\.SkypeTeams|Microsoft Teams|eDiscovery|Purview)",
     "it is an eDiscovery export of Microsoft Teams as HTML: get the messages as JSON,"
     " from Microsoft Graph"),
    (r"(?i)\s*<(?:!doctype )?html", "it is a web page: export the chat as text or JSON"),
)  # fmt: skip


def what_else(path: Path) -> str:
    """What a file is that no format reads, as the end of a sentence; empty where unknown."""
    for file in files_in(path):
        if found := _of_head(read_head(file)):
            return found if file == path else f"{file.relative_to(path)}: {found}"
    return ""


def _of_head(head: Head) -> str:
    for magic, reason in _BY_BYTES:
        if head.raw.startswith(magic):
            return reason
    return next((reason for pattern, reason in _BY_TEXT if re.match(pattern, head.text)), "")
