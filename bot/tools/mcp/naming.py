"""Names of tools: servers allow what model providers do not; pure."""

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from bot.tools.mcp.file import to_word

LONGEST = 64


def name_tools(server: str, names: Iterable[str]) -> dict[str, str]:
    """By the name that a model sees, the name on its server.

    The hyphen is in no built-in tool's name: none of them can be meant by one of these. Where two
    would be one, both are marked, so that neither ever takes the other's place.
    """
    shown = {name: _shown(server, name) for name in names}
    times = Counter(shown.values())
    return {
        _marked(one, name) if times[one] > 1 or len(one) > LONGEST else one: name
        for name, one in sorted(shown.items())
    }


def _shown(server: str, name: str) -> str:
    own = re.sub(r"[^a-zA-Z0-9_-]+", "_", name).strip("_") or "tool"
    return f"{to_word(server)}-{own}"


def _marked(shown: str, name: str) -> str:
    return f"{shown[: LONGEST - 7]}_{sha256(name.encode('utf-8', 'replace')).hexdigest()[:6]}"
