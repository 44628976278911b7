"""/model: which language model answers in a channel."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.generation import (
    Generation,
    format_generation,
    merge,
    parse_generation,
    split_words,
    write_value,
)
from bot.domain.model import Reply
from bot.store.channels import Channels


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCommands:
    """Shows, sets and clears the model of a channel."""

    channels: Channels
    default: Sequence[str]
    """The models tried in order where a channel has not chosen one."""
    choices: Sequence[str]
    """The models that may be chosen."""
    generations: Mapping[str, Generation]
    """How they generate where a channel says nothing else: by name, or by "" all of them."""

    async def show(self, request: Request) -> Reply:
        """Show which model answers here, how, and which may be chosen."""
        names = [request.state.model] if request.state.model else self.default
        how = "".join(f" {pair} ({source})," for pair, source in self._sources(request, names))
        shown = f" How:{how.removesuffix(',')}." if how else ""
        answering = f"Answering here: {', then '.join(names)}.{shown}"
        return Reply(f"{answering} To choose from: {', '.join(self.choices)}.")

    async def set(self, request: Request) -> Reply:
        """Choose the model that answers here, or how it generates, or both."""
        request.require_rights()
        words = split_words(request.rest)
        pairs = [word for word in words if "=" in word]
        asked = " ".join(word for word in words if "=" not in word).casefold()
        name = next((one for one in self.choices if one.casefold() == asked), None)
        if name is None and (asked or not pairs):
            known = ", ".join(self.choices)
            raise CommandError(reason=f"Choose one of: {known} (NELLIE_MODELS lists them).")
        try:
            wanted = parse_generation(" ".join(pairs))
        except ValueError as error:
            raise CommandError(reason=f"{error}.") from None
        former = {} if name else parse_generation(request.state.generation or "")
        written = format_generation(merge(former, wanted))
        channel = await self.channels.id(request.state.channel)
        await self.channels.set_model(channel, name or request.state.model, written or None)
        answers = name or request.state.model or ", then ".join(self.default)
        how = f", with {written}" if written else ""
        told = f"From now on {answers} answers here{how}."
        return Reply(told, private=False, noted=answers)

    async def clear(self, request: Request) -> Reply:
        """Go back to the general model."""
        request.require_rights()
        await self.channels.set_model(request.state.id, None)
        general = ", then ".join(self.default)
        return Reply(f"From now on {general} answers here, as in general.", private=False)

    def _sources(self, request: Request, names: Sequence[str]) -> Iterator[tuple[str, str]]:
        """What is set, and where: the channel goes before a model, and that before the general."""
        here = parse_generation(request.state.generation or "")
        of_models = {name: self.generations.get(name.casefold(), {}) for name in names}
        said = here.keys() | set.intersection(*(set(one) for one in of_models.values()))
        for name, value in here.items():
            yield f"{name}={write_value(value)}", "set here"
        for model, generation in of_models.items():
            for name, value in merge(generation).items():
                if name not in here:
                    yield f"{name}={write_value(value)}", f"NELLIE_GENERATION for {model}"
        for name, value in merge(self.generations.get("", {})).items():
            if name not in said:
                yield f"{name}={write_value(value)}", "NELLIE_GENERATION"
