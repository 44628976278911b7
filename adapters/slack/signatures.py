"""Whether a request is Slack's own: looked at before anything of it is parsed. Pure."""

import hashlib
import hmac
import re

LONGEST_WAY = 300  # seconds that a request may have been on its way, as Slack recommends
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def is_signed(secret: str, *, timestamp: str, signature: str, body: bytes, now: float) -> bool:
    """Whether Slack signed this body at this time, and not long ago; any header is taken."""
    if not _TIMESTAMP.fullmatch(timestamp) or abs(now - int(timestamp)) > LONGEST_WAY:
        return False
    signed = b"v0:" + timestamp.encode() + b":" + body
    expected = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    # As bytes: of texts, Python compares only those in ASCII.
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))
