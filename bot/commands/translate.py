"""/translate: a text, or what was said, in another language."""

import asyncio
from dataclasses import dataclass, replace
from typing import Self

from bot.commands.explaining import explaining
from bot.commands.publicly import take_public
from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.prompting.message_line import display_name
from bot.store.stores import Stores
from bot.tasks.languages import split_language
from bot.tasks.material import Material, Materials, without_files
from bot.tasks.translation import Translated, Translation

LONGEST = 50_000  # characters: more is a book, and takes an hour
TOO_LONG = (
    "That is {length:,} characters; {longest:,} are the most that I translate at a time. Give me"
    " less of it."
)
SAME = (
    "{what} comes out the same in {language}: it may be in that language already, or it has"
    " nothing to translate."
)


@dataclass(frozen=True, slots=True)
class TranslateCommand:
    """Without a text: of what a menu was opened at, or of what somebody else said last."""

    materials: Materials
    translation: Translation

    @classmethod
    def on(cls, stores: Stores, translation: Translation) -> Self:
        """On the stores of one replica."""
        return cls(Materials.for_one(stores.messages), translation)

    async def run(self, request: Request) -> Reply:
        """Translate what follows the language."""
        public, arguments = take_public(request.arguments)
        language, rest = await asyncio.to_thread(split_language, arguments)
        material = await self.materials.read(replace(request, arguments=rest))
        text = _text_of(material)
        if len(text) > LONGEST:
            raise CommandError(reason=TOO_LONG.format(length=len(text), longest=LONGEST))
        with explaining("translate it"):
            found = await self.translation.translate(
                request.state, text, language, request.person.id
            )
        await self.materials.require_standing(request.state, material)
        return Reply(_shown(found, material, language.name), private=not public)


def _text_of(material: Material) -> str:
    """What is to be translated: of several messages, each with who said it."""
    if material.single:
        return without_files(material.texts[0])
    return "\n".join(f"{display_name(one)}: {without_files(one.text)}" for one in material.messages)


def _shown(found: Translated, material: Material, language: str) -> str:
    if found.same:
        what = material.what[:1].upper() + material.what[1:]
        return SAME.format(what=what, language=language)
    of = "" if material.text else f", {material.what}"
    note = f"\n({found.note})" if found.note else ""
    return f"In {language}{of}:\n{found.text}{note}"
