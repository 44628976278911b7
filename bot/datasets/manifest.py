"""What a dataset says of itself: what is in it, what is not and why, and whose it is; pure."""

from datetime import UTC, datetime
from typing import Any

from bot.datasets.exporting import Wanted
from bot.datasets.sorting import Exported

NO_LICENCE = (
    "No licence was given: these are words of the people of these channels. Ask them before anybody"
    " else gets this, or a model that was made from it."
)


def manifest(exported: Exported, wanted: Wanted, *, licence: str, made: datetime) -> dict[str, Any]:
    """The manifest, but for the files themselves."""
    return {
        "made_by": "nellie dataset",
        "made": _told(made),
        "for": wanted.trainer,
        "licence": licence or NO_LICENCE,
        "pseudonymised": not wanted.keep_names,
        "asked_for": {
            "rated": wanted.rated,
            "cited": wanted.cited,
            "pairs": wanted.pairs,
            "channels": len(wanted.channels),
            "since": _told(wanted.since),
            "until": _told(wanted.until),
            "tokens": wanted.tokens,
        },
        "period": {"first": _told(exported.first), "last": _told(exported.last)},
        "split": {
            "shares": str(wanted.shares),
            "validation_from": _told(exported.borders.validation),
            "test_from": _told(exported.borders.test),
        },
        "examples": dict(exported.examples),
        "pairs": dict(exported.pairs),
        "models": dict(exported.models.most_common()),
        "left_out": dict(exported.left_out.most_common()),
    }


def _told(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None
