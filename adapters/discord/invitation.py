"""The link that invites her to a server, and the application behind a token."""

import base64
import binascii

# Each is explained in docs/discord.md.
PERMISSIONS = {
    "View Channels": 10,
    "Send Messages": 11,
    "Send Messages in Threads": 38,
    "Read Message History": 16,
    "Attach Files": 15,
}
SCOPES = ("bot", "applications.commands")
ADDRESS = "https://discord.com/oauth2/authorize"


def invitation(application_id: str) -> str:
    """The link that invites an application's bot to a server."""
    permissions = sum(1 << bit for bit in PERMISSIONS.values())
    scope = "%20".join(SCOPES)
    return f"{ADDRESS}?client_id={application_id}&scope={scope}&permissions={permissions}"


def application_id_of(token: str) -> str:
    """The id of the application that a token belongs to, or "": its first part, no secret."""
    first = token.strip().partition(".")[0]
    try:
        id_ = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return id_ if id_.isdigit() else ""
