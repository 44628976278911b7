"""Messages as people might write them in a technical channel, and questions about them."""

import random
from datetime import UTC, datetime
from itertools import accumulate

from bot.domain.model import Author, Channel, Message

# The commonest words of a technical channel, in their order; rarer ones are made of syllables.
_COMMON = """
    i the to it a is you and that in ubuntu for on have of can not but with my do how what if
    or this just be install get there use are no so from me your help know all then one see as
    like any need com try when ok an using http don't yes thanks will does was it's now file
    at installed windows up anyone am work system linux some about problem boot only please hi
    should its did has sudo think would run want apt etc command well gnome which why here
    make out right sure could trying way server find package running by good cd other
    something error also works they still where tried sorry grub more add drive files too
    kernel user time after dev question anything used new change check ask terminal read same
    them usb network hello go working desktop support bit version partition root back first
    screen channel driver into laptop mean might though line mount nvidia paste look fine open
    because start card type having again settings really nothing than fix set before program
    been remove even thing sound computer name manager packages home output people list wiki
    default already access drivers better off without put instead disk video software
    directory very getting another upgrade done found python never menu guess search problems
    ntfs while login down connect able click data old script device show option ssh setup
    different key window hard bad info test last copy edit machine issue reboot restart both
    stop doing firefox everything else wrong log hardware max share correct page config
    password local shell information port connection download answer audio keep point apache
    mysql samba printer backup wifi firewall proxy cron swap raid docker
"""
COMMON = _COMMON.split()
QUESTIONS = (
    "how do I mount a windows partition when the system starts?",
    "which driver does the nvidia card need?",
    "what was the command to restart the network?",
    "where is the apache log?",
    "did anyone get the printer to work?",
    "why does grub not show windows after the upgrade?",
    "what should I put into the config for samba?",
    "is there a way to run a script at login?",
    "how can I change the default kernel?",
    "who knows the password of the wifi?",
    "does the firewall need a reboot?",
    "how much swap should a laptop have?",
    "where did we put the backup of the server?",
    "how do I copy files over ssh without a password?",
    "is there a package for the sound card?",
    "what is wrong with the usb drive?",
    "can python read the old data?",
    "which port does mysql use?",
    "how do I remove a program completely?",
    "what did you say about the raid?",
)
RARE = 50_000  # words beyond the common ones
PEOPLE = 60


def make_messages(count: int) -> list[Message]:
    """Messages with Zipf's distribution of words, and of how much each person says."""
    rng = random.Random(1)
    words = [*COMMON, *(_rare_word(rng) for _ in range(RARE))]
    frequencies = list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))
    people = [f"{_rare_word(rng)}{number}" for number in range(PEOPLE)]
    activity = list(accumulate(1 / (rank + 1) for rank in range(len(people))))
    channel, now = Channel("bench", "", ""), datetime.now(UTC)
    messages = []
    for _ in range(count):
        length = 1 + min(int(rng.expovariate(1 / 9.3)), 60)
        text = " ".join(rng.choices(words, cum_weights=frequencies, k=length))
        name = rng.choices(people, cum_weights=activity)[0]
        messages.append(Message(channel, "", Author(name, name), text, now))
    return messages


def _rare_word(rng: random.Random) -> str:
    syllables = rng.choices(
        ["ba", "di", "ko", "mu", "ne", "ra", "so", "ti", "ve", "lo", "xa", "pi"],
        k=rng.randint(2, 4),
    )
    return "".join(syllables) + rng.choice(["", "n", "r", "s"])
