"""Which commands the page offers as forms, and what the list of changes calls them."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.text.words import plain_spaces


@dataclass(frozen=True, slots=True)
class Kind:
    """A change, as a command."""

    command: str
    given: str
    """What stands before the words of the form: "forget topic"."""
    action: str
    """For the list of changes."""
    needs: str = ""
    """What to say where no words are given; empty where none are needed."""
    bare: bool = False
    """It takes no words."""

    @property
    def subcommand(self) -> str:
        """The command's second word."""
        return self.given.partition(" ")[0]

    def arguments(self, words: str) -> str:
        """All that follows the command's name."""
        return self.given if self.bare else f"{self.given} {words}".strip()


KINDS: Mapping[str, Kind] = {
    "forget-message": Kind("memory", "forget message", "forgot a message", "Which message?"),
    "forget-mine": Kind("memory", "forget me", "forgot what they said", bare=True),
    "forget-since": Kind("memory", "forget since", "forgot a time", "Since when?"),
    "forget-words": Kind("memory", "forget topic", "forgot what holds some words", "Which words?"),
    "forget-all": Kind("memory", "forget all", "forgot everything", bare=True),
    "opt-out": Kind("memory", "optout", "opted out", bare=True),
    "opt-in": Kind("memory", "optout off", "opted in again", bare=True),
    "retention": Kind("memory", "retention", "set how long is remembered", "For how many days?"),
    "rebuild": Kind("memory", "rebuild", "had summaries made again", bare=True),
    "persona": Kind("persona", "set", "set who she is", "Who is she to be?"),
    "persona-clear": Kind("persona", "clear", "made her her usual self", bare=True),
    "model": Kind("model", "set", "set the model", "Which model, or which settings?"),
    "model-clear": Kind("model", "clear", "set the usual model", bare=True),
    "tools-on": Kind("tools", "on", "switched tools on"),
    "tools-off": Kind("tools", "off", "switched tools off"),
    "digest": Kind("digest", "", "set when the digest is posted", "When? Or off."),
    "reminder-cancel": Kind("remind", "cancel", "cancelled a reminder", "Which reminder?"),
    "docs-add": Kind("docs", "add", "added a document", "Which page or file?"),
    "docs-forget": Kind("docs", "forget", "forgot a document", "Which document?"),
}

ACTIONS = (
    "signed in",
    "signed out",
    "signed out everywhere",
    "made a key",
    "changed a key",
    "revoked a key",
    "signed somebody out",
    "imported an archive",
    "exported the memory",
    "applied tuned prompts",
    "took tuned prompts back",
    *(kind.action for kind in KINDS.values()),
)


def kind_of(command: str, arguments: str) -> Kind | None:
    """What a command that was typed changes; None where it only tells."""
    given = " ".join(plain_spaces(arguments).lower().split())
    fitting = [
        one
        for one in KINDS.values()
        if one.command == command and one.given and f"{given} ".startswith(f"{one.given} ")
    ]
    if fitting:
        return max(fitting, key=lambda one: len(one.given))
    if command == "memory" and given.startswith("forget "):
        return KINDS["forget-words"]
    return KINDS["digest"] if command == "digest" and given else None
