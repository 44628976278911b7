"""What goes wrong with a model (bot.domain.errors has the whole tree)."""

from bot.domain.nellie_error import NellieError


class ModelError(NellieError):
    """A model gave no whole answer. Details: model, reason."""

    text = "The model {model} failed: {reason}"


class ModelUnavailable(ModelError):
    """The model's server cannot be reached, or its circuit is open. Details: model, reason."""

    text = "The model {model} cannot be reached: {reason}"


class ModelOverloaded(ModelError):
    """The model's server takes no more requests for now. Details: model, reason."""

    text = "The model {model} is too busy right now: {reason}"


class ModelTimeout(ModelError):
    """The model was silent for too long. Details: model, seconds."""

    text = "The model {model} said nothing for {seconds} s."


class ModelRejected(ModelError):
    """The model's server refused the key, the name or the parameters. Details: model, reason."""

    text = "The model {model} refused the request: {reason}"


class ContextOverflow(ModelError):
    """The prompt was too long. Details: model, reason; needed and window where it says them."""

    text = "The prompt was too long for the context window of {model}: {reason}"


class NeedsModel(ModelError):
    """What only quotes (the extractive model) cannot do this. Details: model."""

    text = "That needs a language model, and here I only quote what was said."
    hint = "/model set chooses another where there is one; else whoever runs me sets NELLIE_MODEL."


class IncompleteAnswer(ModelError):
    """The stream ended without a finish reason. Details: model."""

    text = "The answer of {model} broke off before its end."


class EmptyAnswer(ModelError):
    """The stream finished without any text. Details: model."""

    text = "The model {model} finished without saying anything."


class OnlyThoughts(EmptyAnswer):
    """The stream finished with thoughts alone: its tokens were used up. Details: model."""

    text = "The model {model} only thought, until its tokens were used up, and said nothing."
    hint = "Raise NELLIE_MAX_ANSWER, or switch its thinking off at the server."


class UnusableSummary(EmptyAnswer):
    """It wrote something, and no line of it can be believed. Details: model."""

    text = "No line that the model {model} wrote could be used."


class AnswerFiltered(EmptyAnswer):
    """The provider's filter let nothing of the answer through. Details: model."""

    text = "The content filter of {model} held this answer back."
    hint = "Put the question in other words."
