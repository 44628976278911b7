"""/help: every command with one line."""

from bot.commands.request import Request
from bot.domain.model import Reply

HELP = {
    "catchup": "what happened since you last spoke; or /catchup 2h, 3d, today, yesterday",
    "summarize [thread|2h|LINK|TEXT]": "in a few lines; --public shows it to all",
    "classify LABELS|NAME: TEXT": "which it is: bug, praise",
    "classify set|add|list|show|remove": "labels kept here",
    "sentiment [2h|TEXT]": "how it sounds, day by day",
    "extract FIELDS: TEXT": "date, amount, name… as a table",
    "translate LANGUAGE [TEXT]": "that, or what was said last",
    "digest [daily 09:00 ZONE|off]": "post what was said, with links, unless all was silent",
    "memory show": "what I remember of this channel",
    "memory search WORDS": "find what was said",
    "memory forget me|person NAME|NUMBER|WORDS|all": "forget messages (asks first)",
    "memory optout [off]": "remember nothing more that you say here (or remember again)",
    "memory retention [DAYS|off]": "how long messages are remembered here",
    "memory log|rebuild|export": "what I summarized; the same anew; all I remember, as a file",
    "persona show|set TEXT|clear": "who I am in this channel",
    "model show|set NAME [temperature=0.2…]|clear": "which language model answers here, and how",
    "tools on|off [NAME]": "what I may use to answer you here, and switching it",
    "tools log": "what I have used here, when and for whom",
    "remind list|cancel NUMBER": "your reminders; set one in words: remind me tomorrow at 9",
    "docs [add URL|summarize NAME|forget NAME]": "documents that I have read here",
    "rules [add NAME: LABELS]": "label what arrives; tell somebody, post recaps",
    "usage": "tokens used in this channel",
    "key new|list|revoke": "your keys for programs",
    "web": "a link to look at all this in a browser",
    "help": "this list",
}
WIDTH = 26  # of most usages; a few stand out
IN_WORDS = """\
I remember what is said here: ask me who said what. In your words and language I also understand
  What did I miss?   What happened since Monday?   Summarize this thread.
  Forget what I said.   What do you remember?   Who are you?
Commands:"""


async def show_help(request: Request) -> Reply:
    """Say what she understands, and list every command."""
    commands = (f"/{usage:<{WIDTH}}  {what}" for usage, what in HELP.items())
    return Reply("\n".join((IN_WORDS, *commands)))
