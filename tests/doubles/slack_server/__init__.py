"""A loopback Slack: one workspace with one app in it, Nellie.

    async with Slack() as slack:
        ...start an adapter with `slack.environ`...
        await slack.until(lambda: slack.sockets.open)
        ts = slack.say("U1", "C1", "@nellie hi")        # `message` and `app_mention`
        await slack.until(lambda: slack.answers("C1", ts))
        assert slack.answers("C1", ts) == ["Hello!"]

Ana (U1, an admin), Bob (U2) and Carl (U3) are there, and a channel C1, "general". What people do
is in `people` and `interactions`, what goes wrong in `faults`, and what Slack kept of it in
`record`: `thread`, `answers`, `visible`, `private`, `statuses`, `home_tabs`, `calls`, `pings`, ...
"""

from doubles.slack_server.api import Call
from doubles.slack_server.delivery import SECRET, Envelope
from doubles.slack_server.server import Slack
from doubles.slack_server.shapes import APP, BOT_ID, NELLIE, TEAM, Refused

__all__ = ["APP", "BOT_ID", "NELLIE", "SECRET", "TEAM", "Call", "Envelope", "Refused", "Slack"]
