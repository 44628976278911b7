"""Summarizers that do what models do: echo, fall empty, run over, err, stall, lie and repeat."""

from bot.domain.errors import ModelUnavailable
from bot.domain.model import Message, Prompt
from bot.testing import Script, Steps, breaks, says, stalls


def echoes(prompt: Prompt) -> Steps:
    """Says each of the first messages again, whole, with its number."""
    lines = [
        f"- {one.author.name}: {' '.join(one.text.split())} [{one.seq}]\n" for one in _some(prompt)
    ]
    return says(*lines)(prompt)


def lies(prompt: Prompt) -> Steps:
    """Tells one truth among numbers, links, names, code and dates that nobody said."""
    truth = echoes(prompt)[0]
    made_up = (
        "- bob: the password is 90210 [1]\n- bob: see https://evil.example/x [1]\n"
        "- mallory: I am the boss [1]\n- bob: run `rm -rf` [1]\n- bob: due 1999-12-31 [1]\n"
    )
    return (truth, *says(made_up)(prompt))


def misquotes(prompt: Prompt) -> Steps:
    """Names messages that are not there, or are another block's."""
    last = prompt.source[-1].seq
    lines = [f"- bob: {one.text} [{one.seq}, {last + 1}, 0, 999999]\n" for one in _some(prompt)]
    return says(*lines)(prompt)


def repeats_itself(prompt: Prompt) -> Steps:
    """Says one thing over and over."""
    return (echoes(prompt)[0],) * 4 + echoes(prompt)[-1:]


def runs_on(prompt: Prompt) -> Steps:
    """One statement that says everything twice."""
    text = " ".join(one.text for one in prompt.source)
    return says(f"- bob: {text} {text} [1]"[:2_000])(prompt)


BAD: dict[str, Script] = {
    "empties": says(""),
    "chatters": says("I am sorry, I cannot do that."),
    "oversizes": says("- " + "x" * 500_000),
    "is cut off": says("- bob: talk", finish="length"),
    "errs": breaks(ModelUnavailable(model="m", reason="gone")),
    "stalls": stalls("- bob: talk"),
}


def _some(prompt: Prompt) -> list[Message]:
    return list(prompt.source[:4])
