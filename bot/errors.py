"""The error tree. Each class's docstring is the message that a person sees.

NellieError
├── SettingsError            a setting is wrong or missing
├── PluginError              an adapter or a model cannot be loaded
├── ArchiveError             a file to import is not what it was said to be
├── Refused                  a message cannot be remembered
├── CommandError             a command was not understood
├── NotAllowed               a command needs rights that the person does not have
├── LimitReached             a limit that the operator has set
├── DatabaseUnavailable      Postgres cannot be reached
│   └── DatabaseRefuses      it can, but is full or read-only
├── Fenced                   another replica has taken this lane over
└── ModelError               the model gave no whole answer
    ├── ModelUnavailable     it cannot be reached, or its circuit is open
    ├── ModelOverloaded      it is busy
    ├── ModelTimeout         it was silent for too long
    ├── ModelRejected        it refused the request (key, name, parameters)
    ├── ContextOverflow      the prompt was longer than its context window
    ├── IncompleteAnswer     the stream ended without a finish reason
    └── EmptyAnswer          it finished without a word
"""

import inspect


class NellieError(Exception):
    """Something went wrong: {reason}"""

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(inspect.cleandoc(type(self).__doc__ or "").format(**details))


class SettingsError(NellieError):
    """{name}: {reason}"""


class PluginError(NellieError):
    """The {kind} "{name}" cannot be loaded: {reason}"""


class ArchiveError(NellieError):
    """{path}: {reason}"""


class Refused(NellieError):
    """This message was not remembered: {reason}"""


class CommandError(NellieError):
    """{reason}"""


class NotAllowed(NellieError):
    """Only {who} can do this. Nothing was changed."""


class LimitReached(NellieError):
    """{reason}"""


class DatabaseUnavailable(NellieError):
    """The database cannot be reached ({reason}). Nothing accepted is lost; trying again."""


class DatabaseRefuses(DatabaseUnavailable):
    """The database takes nothing in ({reason}). Nothing accepted is lost; trying again."""


class Fenced(NellieError):
    """Another replica has taken over lane {lane}; this one stops."""


class ModelError(NellieError):
    """The model {model} failed: {reason}"""


class ModelUnavailable(ModelError):
    """The model {model} cannot be reached: {reason}"""


class ModelOverloaded(ModelError):
    """The model {model} is too busy right now: {reason}"""


class ModelTimeout(ModelError):
    """The model {model} said nothing for {seconds} seconds."""


class ModelRejected(ModelError):
    """The model {model} refused the request: {reason}"""


class ContextOverflow(ModelError):
    """The prompt was too long for the context window of {model}: {reason}"""


class IncompleteAnswer(ModelError):
    """The answer of {model} broke off before its end."""


class EmptyAnswer(ModelError):
    """The model {model} finished without saying anything."""
