"""Why a server of embeddings refused: too much at once, too long, or ill; pure."""

import re

from bot.domain.errors import (
    ContextOverflow,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelUnavailable,
)

# What servers answer to a batch or a text that is too large, often without a word of it.
_AMBIGUOUS = (413, 422, 424, 500)
# What would befall any text: the key, the address, what is paid for, the way there.
_OF_ALL = (401, 402, 403, 404, 405, 502, 503, 504)
_TOO_MUCH = re.compile(
    r"batch|too (?:many|large|long|big)|(?:max(?:imum)?|limit|at most|up to|exceed|less than)\b"
    r"[^.]{0,60}\b(?:inputs?|texts?|items?|elements?|strings?|documents?|tokens?|length|size)\b"
    r"|\b(?:inputs?|texts?|items?|elements?|strings?|documents?|tokens?|array|list)\b"
    r"[^.]{0,60}\b(?:max(?:imum)?|limit|at most|exceed(?:s|ed)?|less than|<=|only one)",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[\s'\"]*<(?:!doctype|html|head|body)", re.IGNORECASE)


def may_be_too_much(error: ModelError) -> bool:
    """Whether fewer texts, or shorter ones, may be taken."""
    if isinstance(error, ContextOverflow):
        return True
    if not isinstance(error, ModelRejected | ModelUnavailable) or _is_page(error):
        return False
    status = error.details.get("status")
    return status in _AMBIGUOUS or (status not in _OF_ALL and _says_too_much(error))


def says_too_long(error: ModelError) -> bool:
    """Whether its words tell that a text was too long, and it is no guess."""
    return isinstance(error, ContextOverflow) or _says_too_much(error)


def concerns_all(error: ModelError) -> bool:
    """Whether any other text would fare no better now."""
    if isinstance(error, ModelOverloaded) or _is_page(error):
        return True
    status = error.details.get("status")
    if isinstance(error, ModelUnavailable):
        return status is None or status in _OF_ALL
    return status in _OF_ALL


def share_that_fits(error: ModelError) -> float:
    """How much of a text that was refused may be sent, where the server counts; else half."""
    needed, window = error.details.get("needed"), error.details.get("window")
    if isinstance(needed, int) and isinstance(window, int) and 0 < window < needed:
        return max(0.1, 0.9 * window / needed)
    return 0.5


def _says_too_much(error: ModelError) -> bool:
    return _TOO_MUCH.search(str(error.details.get("reason", ""))) is not None


def _is_page(error: ModelError) -> bool:
    """A proxy's or a gateway's, which knows nothing of texts."""
    return (
        error.details.get("status") != 413
        and _MARKUP.match(str(error.details.get("body", ""))) is not None
    )
