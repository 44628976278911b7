"""Which addresses may be followed; pure."""

from urllib.parse import urlsplit


def web_link(address: str) -> str:
    """An address that may be followed; empty for any other, whatever it would run."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in ("http", "https") and parts.netloc else ""
