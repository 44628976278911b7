"""The error tree. A class's `text` is what a person reads, and its `hint` what to do next.

NellieError
├── SettingsError            a setting is wrong or missing
├── PluginError              an adapter, a model, an archive or a command cannot be loaded
├── ArchiveError             a file to import is not in the format that was named
├── UnknownChannel           no channel has the name that was given, or several have it
├── Refused                  a message cannot be remembered
├── CommandError             a command was not understood
├── NotAllowed               a command needs rights that the person does not have
├── LimitReached             a limit that the operator has set
├── PrivateAnswerDropped     an answer can be shown to nobody who may see it
├── NotIntroduced            Nellie could not say who she is in a channel
├── DatabaseUnavailable      Postgres cannot be reached
│   ├── DatabaseAway         a command has waited for it long enough
│   ├── DatabaseRefuses      it can, but it is full or read-only
│   ├── DatabaseBusy         it can, but every connection of this process is in use
│   └── DatabaseCrowded      it can, but it, or its pooler, takes no more connections
├── MigrationFailed          the process that brings the tables up to date broke off
├── BackupFailed             a backup could not be written, or not be restored
├── BackgroundTaskDied       a task that all others need has died
├── Fenced                   another replica has taken this lane over
└── ModelError               the model gave no whole answer
    ├── ModelUnavailable     it cannot be reached, or its circuit is open
    ├── ModelOverloaded      it is busy
    ├── ModelTimeout         it was silent for too long
    ├── ModelRejected        it refused the request (key, name, parameters)
    ├── ContextOverflow      the prompt was longer than its context window
    ├── NeedsModel           it only quotes, and cannot do what was asked
    ├── IncompleteAnswer     the stream ended without a finish reason
    └── EmptyAnswer          it finished without a word
        ├── OnlyThoughts     it thought, and nothing else
        ├── UnusableSummary  it wrote a summary of which no line could be used
        └── AnswerFiltered   its provider held the answer back
"""

from bot.domain.model_errors import AnswerFiltered as AnswerFiltered
from bot.domain.model_errors import ContextOverflow as ContextOverflow
from bot.domain.model_errors import EmptyAnswer as EmptyAnswer
from bot.domain.model_errors import IncompleteAnswer as IncompleteAnswer
from bot.domain.model_errors import ModelError as ModelError
from bot.domain.model_errors import ModelOverloaded as ModelOverloaded
from bot.domain.model_errors import ModelRejected as ModelRejected
from bot.domain.model_errors import ModelTimeout as ModelTimeout
from bot.domain.model_errors import ModelUnavailable as ModelUnavailable
from bot.domain.model_errors import NeedsModel as NeedsModel
from bot.domain.model_errors import OnlyThoughts as OnlyThoughts
from bot.domain.model_errors import UnusableSummary as UnusableSummary
from bot.domain.nellie_error import NellieError as NellieError


class SettingsError(NellieError):
    """A setting, or an option of a command, is wrong or missing. Details: name, reason."""

    text = "{name}: {reason}"


class PluginError(NellieError):
    """An entry point is not installed or does not load. Details: kind, name, reason."""

    text = 'The {kind} "{name}" cannot be loaded: {reason}'


class ArchiveError(NellieError):
    """A file to import cannot be read as the format that was named. Details: path, reason."""

    text = "{path}: {reason}"


class UnknownChannel(NellieError):
    """No channel has the name on the command line, or several have it. Details: reason."""

    text = "{reason}"


class Refused(NellieError):
    """A message cannot be remembered; reporting it again changes nothing. Details: reason."""

    text = "This message was not remembered: {reason}"


class CommandError(NellieError):
    """A command was not understood, or cannot be carried out. Details: reason."""

    text = "{reason}"


class NotAllowed(NellieError):
    """The person lacks the rights for a command. Details: who has them."""

    text = "Only {who} can do this. Nothing was changed."


class LimitReached(NellieError):
    """A limit of the operator's is reached. Details: reason, limit (its name in metrics)."""

    text = "{reason}"


class PrivateAnswerDropped(NellieError):
    """A private answer cannot reach its asker any more, and is shown to no one. Details: reason."""

    text = "A private answer was dropped: {reason}."


class NotIntroduced(NellieError):
    """Nellie could not introduce herself in a channel; she reads nothing back. Details: reason."""

    text = "Nellie has not introduced herself there ({reason}), so nothing was read back."


class DatabaseUnavailable(NellieError):
    """Postgres cannot be reached; what was committed before is kept. Details: reason."""

    text = "The database cannot be reached ({reason})."
    hint = "Nothing accepted is lost; try again in a moment."

    @property
    def while_retrying(self) -> str:
        """The text for where the code that caught the error tries again by itself."""
        return f"{self.what_happened} Nothing accepted is lost; trying again."


class DatabaseAway(DatabaseUnavailable):
    """A command that waited for the database gave up. Details: reason, a whole sentence."""

    text = "{reason}"
    hint = "Start Postgres, or correct DATABASE_URL; `nellie doctor` says more."


class DatabaseRefuses(DatabaseUnavailable):
    """Postgres answers but stores nothing: it is full or read-only. Details: reason."""

    text = "The database takes nothing in ({reason})."
    hint = "Nothing accepted is lost; try again later."


class DatabaseBusy(DatabaseUnavailable):
    """Every pooled connection of this process stayed in use. Details: seconds (that it waited)."""

    text = "Every connection to the database was in use for {seconds:g} seconds."


class DatabaseCrowded(DatabaseUnavailable):
    """Postgres, or the pooler before it, takes no more connections. Details: reason."""

    text = "The database takes no more connections ({reason})."
    hint = (
        "Nothing accepted is lost; try again in a moment. Fewer replicas, or a higher"
        " max_connections or pool size there, make room."
    )


class Fenced(NellieError):
    """Another replica holds the lease of the lane; this one must stop at once. Details: lane."""

    text = "Another replica has taken over lane {lane}; this one stops."


class MigrationFailed(NellieError):
    """The process that brings the tables up to date broke off. Details: reason."""

    text = "The tables were not brought up to date ({reason}); they are as they were."
    hint = "Start again, or do it alone: nellie migrate"


class BackupFailed(NellieError):
    """A program of Postgres failed, and nothing was changed. Details: name, reason."""

    text = "{name} failed: {reason}."
    hint = "Nothing was changed."


class BackgroundTaskDied(NellieError):
    """A long-running task ended, so the process has to end too. Details: task, reason."""

    text = "The {task} task died ({reason}), so this process ends."
    hint = "What was accepted is kept; start it again, or let its supervisor do that."
