"""What a shortcut's question is about, a message or a thread: read anew for each answer."""

from adapters.slack.api_errors import SlackRefused
from adapters.slack.history import History
from bot.domain.model import Channel, Message, Turn

ABOUT_MESSAGE, ABOUT_THREAD = "window", "shortcut"
"""What the ids of such questions begin with."""
GONE_MESSAGE = "That message is gone, so I cannot look at it any more."
GONE = {"thread_not_found", "message_not_found"}  # what Slack calls a message that was deleted


async def read_quoted(history: History, turn: Turn) -> list[Message]:
    """Nothing for another question, or where it was deleted. Raises what Slack refuses."""
    kind, about = turn.trigger.id.partition("-")[0], turn.trigger.reply_to
    if not about or not turn.private or kind not in {ABOUT_MESSAGE, ABOUT_THREAD}:
        return []
    return await read_about(history, turn.channel, about, kind)


async def read_about(history: History, channel: Channel, ts: str, kind: str) -> list[Message]:
    """A message, or the thread that it begins."""
    read = history.read_thread if kind == ABOUT_THREAD else history.read_message
    try:
        return await read(channel, ts)
    except SlackRefused as error:
        if error.error not in GONE:
            raise
        return []
