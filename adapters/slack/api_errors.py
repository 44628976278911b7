"""What can go wrong with a call of Slack's Web API, and which of it each answer means."""

from slack_sdk.errors import SlackApiError

from bot.domain.errors import NellieError

INVALID_TOKEN = {
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
}
"""Error codes for a token that Slack does not accept, or no longer."""
UNAVAILABLE = {
    "missing_scope",
    "unknown_method",
    "not_allowed_token_type",
    "feature_not_enabled",
    "no_permission",
    "access_denied",
    "method_deprecated",
    "team_access_not_granted",
}
"""Error codes that the next call will get as well: what is refused so is not called again."""
UNCERTAIN = {"internal_error", "fatal_error", "request_timeout"}
"""Error codes after which the call may have been carried out."""


class SlackRefused(NellieError):
    """Slack refused {method}: {error}"""

    text = "Slack refused {method}: {error}"

    @property
    def error(self) -> str:
        """Slack's error code."""
        return str(self.details["error"])


class SlackUnconfirmed(NellieError):
    """Slack did not answer {method} ({reason}); it may have been carried out."""

    text = "Slack did not answer {method} ({reason}); it may have been carried out."


class SlackUnreachable(NellieError):
    """Slack cannot be reached for {method} ({reason})."""

    text = "Slack cannot be reached for {method} ({reason})."


def retry_after(error: SlackApiError) -> float | None:
    """Seconds until a rate-limited call may be repeated; None where it was not rate limited."""
    response = error.response
    if getattr(response, "status_code", 0) != 429 and error_code(error) != "ratelimited":
        return None
    try:
        return max(0.0, float(response.headers.get("Retry-After", 1)))
    except ValueError:
        return 1.0


def to_nellie_error(method: str, error: SlackApiError) -> NellieError:
    """The error as our own: certainly not carried out, or perhaps carried out."""
    status = getattr(error.response, "status_code", 0)
    code = error_code(error)
    if status >= 500 or not code or code in UNCERTAIN:
        return SlackUnconfirmed(method=method, reason=code or f"status {status}")
    data = error.response.data
    needed = data.get("needed") if isinstance(data, dict) else None
    return SlackRefused(method=method, error=code, needed=needed)


def error_code(error: SlackApiError) -> str:
    """Slack's error code; "" where the answer has none."""
    data = getattr(error.response, "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""
