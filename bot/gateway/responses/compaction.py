"""A conversation summed up for whoever leads it, to be sent back in its place; pure.

`encrypted_content` is opaque to callers by its kind. It is not encrypted: it is their own words.
"""

import base64
import binascii
import zlib

from bot.gateway.responses.fields import refused

PREFIX = "nellie1:"
LONGEST = 1_000_000  # bytes of a summary
COMPACTED = "What was said before, summed up:\n{summary}"
ASKED = (
    "Sum up this conversation so that it can be carried on from your summary alone: what was said,"
    " asked, decided and found, names, numbers and exact wording that matter, and what is still"
    " open. Write the summary and nothing else."
)


def pack(summary: str) -> str:
    """A summary as the content of a compaction item."""
    return PREFIX + base64.b64encode(zlib.compress(summary.encode())).decode()


def unpack(content: str, where: str) -> str:
    """The summary again. Raises ApiError for what did not come from here."""
    try:
        raw = base64.b64decode(content.removeprefix(PREFIX).encode(), validate=True)
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(raw, LONGEST).decode()
        text = "" if unpacking.unconsumed_tail else text
    except (binascii.Error, zlib.error, ValueError):
        text = ""
    if not text or not content.startswith(PREFIX):
        reason = f"{where}: this compaction was not made here; send the items that it stands for."
        raise refused(reason, f"{where}.encrypted_content")
    return text
