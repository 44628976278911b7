"""A small real conversation that a newcomer can try Nellie on, before there is one of their own.

It is forty minutes of #ubuntu; LICENSE-ubuntu.txt says where they come from, and under which terms.
"""

from importlib.resources import as_file, files

from bot.bootstrap import Nellie
from bot.cli.channel_names import EXAMPLE
from bot.config import plugins
from bot.core.archive_import import import_archive
from bot.domain.examples import Example
from bot.domain.model import Channel

LOG = "2005-06-27-ubuntu.log"
QUESTIONS = (
    "Can openoffice be removed without ubuntu-desktop?",
    "What did I miss?",
    "Which terminal has tabs?",
)
OFFER = """\
Nothing is remembered here yet. Say something, and ask about it later. Or try her on a real
conversation, forty minutes of #ubuntu: say try, or the number of a question.
{questions}"""
ARRIVED = """\
You are in the channel try-ubuntu now, an example: #ubuntu on 27 June 2005 (Ubuntu IRC logs, from
the corpus of Kummerfeld et al. 2019, CC BY 4.0). Ask what you like, for instance by its number:
{questions}
“own” leads back to your own channel, “forget everything” takes the example away."""
GONE = (
    "You had the example forgotten, and what was forgotten is not brought in again. Your own"
    " channel remembers what you say there."
)


async def is_wanted(nellie: Nellie) -> bool:
    """Whether nothing is remembered anywhere, the example apart."""
    return await nellie.stores.channels.is_all_empty(but=EXAMPLE)


def example(nellie: Nellie) -> Example:
    """The example, to be brought in when somebody wants it."""
    listed = "\n".join(f"  {number}  {text}" for number, text in enumerate(QUESTIONS, 1))

    async def bring_in() -> Channel | None:
        with as_file(files(__name__) / LOG) as path:
            await import_archive(
                nellie,
                plugins.load("archive", "irc")(),
                path,
                EXAMPLE,
                progress=lambda done, total: None,
                complain=lambda bad: None,
            )
        channel_id = await nellie.stores.channels.id(EXAMPLE)
        return EXAMPLE if await nellie.stores.messages.count(channel_id) else None

    return Example(
        questions=QUESTIONS,
        offer=OFFER.format(questions=listed),
        arrived=ARRIVED.format(questions=listed),
        gone=GONE,
        bring_in=bring_in,
    )
