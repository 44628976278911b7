"""What callers may read beside an answer: who answered, what was saved, what it cost; pure."""

from bot.gateway.calls.calls import Call, Calls, Saved
from bot.gateway.models.targets import TargetAnswer


def headers_of(
    calls: Calls, call: Call | None, answer: TargetAnswer, saved: Saved = ""
) -> dict[str, str]:
    """Where a stream begins before something is known, it is left out."""
    found = {"x-nellie-model": answer.model, "x-nellie-saved": saved or "none"}
    if call:
        found["x-request-id"] = str(call.id)
    if answer.usage and (answer.body is not None or saved == "cache"):
        if answer.usage.cached is not None:  # who reports nothing has not said none
            found["x-nellie-cached-tokens"] = str(answer.usage.cached)
        cost = 0.0 if saved else calls.cost_of(answer.usage)
        if cost is not None:
            found["x-nellie-cost"] = f"{cost:.8f}".rstrip("0").rstrip(".")
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: str) -> str:
    """Without what would end a header: models are named by those who ask for them."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in value)
