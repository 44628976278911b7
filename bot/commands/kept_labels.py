"""/classify set, add, list, show and remove: the labels that a channel keeps, with examples."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.commands.request import CONFIRMED, Handler, Request
from bot.domain.errors import CommandError
from bot.domain.model import Message, Reply
from bot.store.channels import Channels
from bot.store.label_sets import MOST_EXAMPLES, MOST_SETS, KeptSet, LabelSets, NewExample
from bot.store.messages import Messages
from bot.tasks.label_syntax import (
    COLONS,
    contradiction,
    require_example,
    require_label,
)
from bot.tasks.labels import LabelExample, LabelSet, parse_labels, short
from bot.text.plurals import counted
from bot.text.quoted import split_unquoted
from bot.text.words import split_word

SHOWN_EXAMPLES, SHOWN_TEXT = 40, 80  # examples in a list, characters of one
NONE_KEPT = "No labels are kept here. /classify set NAME bug, praise, question keeps some."
HOW_TO_ADD = "Which label, and which text? /classify add NAME LABEL: TEXT"
NOT_REMEMBERED = "I do not remember that message, so I keep nothing of it."
NOT_KEPT = (
    "I keep nothing of who has opted out here, and nothing of a message that has changed meanwhile."
)

WORDS = ("set", "add", "list", "show", "remove")
"""What follows /classify where nothing is to be sorted."""

_NAME = re.compile(r"[^\W_][\w-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLabels:
    """Who may change the channel's memory may change what it keeps of labels."""

    sets: LabelSets
    channels: Channels
    messages: Messages

    def table(self) -> Mapping[str, Handler]:
        """By the word behind /classify, what carries it out."""
        handlers = (self.set, self.add, self.list, self.show, self.remove)
        return dict(zip(WORDS, handlers, strict=True))

    async def labels(self, request: Request, name: str) -> LabelSet | None:
        """The set of this name; None where the channel keeps none."""
        kept = await self.sets.find(request.state.id, name.lower()) if is_name(name) else None
        if kept is None:
            return None
        examples = tuple(LabelExample(one.label, one.text) for one in kept.examples)
        return LabelSet(kept.labels, examples, kept.name)

    async def set(self, request: Request) -> Reply:
        """Keep labels under a name, or give a set other labels."""
        request.require_rights()
        name, written = _split_name(request.rest)
        labels = parse_labels(written)
        channel_id = await self.channels.id(request.state.channel)
        kept = await self.sets.put(channel_id, name, labels)
        if kept is None:
            raise CommandError(
                reason=f"A channel keeps at most {MOST_SETS} sets of labels. /classify remove NAME"
                " lets go of one."
            )
        went = f" {counted(kept.gone, 'example')} of other labels went." if kept.gone else ""
        text = f"{name}: {', '.join(kept.labels)}.{went} /classify {name}: TEXT sorts into them."
        return Reply(text, private=False, noted=counted(len(labels), "label"))

    async def add(self, request: Request) -> Reply:
        """Keep a text as an example of a label; from a menu, the message that it was opened at."""
        request.require_rights()
        name, written = _split_name(request.rest)
        kept = await self._require(request, name)
        label, *rest = split_unquoted(written, COLONS, 2)
        if not label.strip() or not (rest or request.about):
            raise CommandError(reason=HOW_TO_ADD)
        label = require_label(kept.labels, label.strip())
        new = await self._example(request, label, rest[0] if rest else "")
        added = await self.sets.add(request.state.id, name, new)
        if added == "known":
            known = await self.sets.label_of(request.state.id, name, new) or label
            if known != label:
                raise contradiction(new.text, known, label)
            return Reply(f'That is an example of "{label}" already.')
        if added == "full":
            raise CommandError(reason=f"{name} has {MOST_EXAMPLES} examples, which is the most.")
        if added == "unkept":
            raise CommandError(reason=NOT_KEPT)
        return Reply(f'Kept as example {added} of "{label}" in {name}.', noted="1 example")

    async def list(self, request: Request) -> Reply:
        """Every set that is kept here."""
        lines = [
            f"{one.name}: {', '.join(one.labels)} ({counted(count, 'example')})"
            for one, count in await self.sets.all(request.state.id)
        ]
        return Reply("\n".join(lines) or NONE_KEPT)

    async def show(self, request: Request) -> Reply:
        """A set with its examples."""
        kept = await self._require(request, _split_name(request.rest)[0])
        lines = [f"{kept.name}: {', '.join(kept.labels)}"]
        lines += [
            f'{one.id}. {one.label} = "{" ".join(one.text.split())[:SHOWN_TEXT]}"'
            for one in kept.examples[-SHOWN_EXAMPLES:]
        ]
        if (hidden := len(kept.examples) - SHOWN_EXAMPLES) > 0:
            lines.append(f"({counted(hidden, 'older example')} more)")
        return Reply("\n".join(lines))

    async def remove(self, request: Request) -> Reply:
        """Let go of a set (asks first where it has examples), or of one example by its number."""
        request.require_rights()
        name, which = _split_name(request.rest)
        kept = await self._require(request, name)
        if which and not CONFIRMED.fullmatch(which):
            return await self._remove_example(request, name, which)
        count = len(kept.examples)
        if count and not which:
            question = f"Let go of {name} with {counted(count, 'example')}?"
            return Reply(question, confirm=f"remove {name} yes-{count}")
        await self.sets.remove(request.state.id, name)
        return Reply(f"{name} is gone.", private=False, noted="1 set of labels")

    async def _remove_example(self, request: Request, name: str, which: str) -> Reply:
        is_number = which.isascii() and which.isdecimal() and len(which) < 19
        label = is_number and await self.sets.remove_example(request.state.id, name, int(which))
        if not label:
            reason = f"{name} has no example {short(which)}. /classify show {name}"
            raise CommandError(reason=reason)
        return Reply(f'Example {which} of "{label}" is gone.', noted="1 example")

    async def _example(self, request: Request, label: str, written: str) -> NewExample:
        """What is to be kept, with whose words it is."""
        person, message = request.person.id, request.about
        if written.strip() or message is None:
            text = require_example(written)
            return NewExample(label=label, text=text, author_id=person, added_by=person)
        found = await self._remembered(request, message)
        return NewExample(
            label=label,
            text=require_example(found.text) and found.text,
            author_id=found.author.id,
            added_by=person,
            seq=found.seq,
        )

    async def _remembered(self, request: Request, message: Message) -> Message:
        state = request.state
        found = await self.messages.find(state.channel, state.id, message.id)
        if found is None:
            raise CommandError(reason=NOT_REMEMBERED)
        return found

    async def _require(self, request: Request, name: str) -> KeptSet:
        kept = await self.sets.find(request.state.id, name)
        if kept is None:
            others = [one.name for one, _ in await self.sets.all(request.state.id)]
            known = f"There are: {', '.join(others)}." if others else NONE_KEPT
            raise CommandError(reason=f"I keep no labels named {name} here. {known}")
        return kept


def is_name(text: str) -> bool:
    """Whether a set may be called so."""
    return bool(_NAME.fullmatch(text)) and text.lower() not in WORDS


def _split_name(rest: str) -> tuple[str, str]:
    """The name of a set, and what follows it. Raises CommandError."""
    name, written = split_word(rest)
    if not name:
        raise CommandError(
            reason="Which set of labels? /classify list shows those of this channel."
        )
    if not is_name(name):
        raise CommandError(
            reason=f'"{short(name)}" is no name for a set: one word of letters, digits and -. A'
            ' label that begins with a command is written in quotes: "set theory", algebra: TEXT'
        )
    return name.lower(), written
