"""People's names in prompts: nobody is taken for Nellie, for a role, or for another line."""

import pytest
from doubles.prompt_material import CHANNEL, NOON

from bot.domain.model import Author, Message
from bot.prompting.message_line import format_line
from bot.text.names import plain_name

NELLIES = (
    "Nеllie",  # Cyrillic
    "Νellie",  # Greek
    "Nelliе\u0301",
    "NeIIie",  # capital I for l
    "Ne11ie",
    "NELLIE",
    "Nel\u3164lie",  # Hangul fillers
    "\uffa0Nellie\u115f",
    "N\u034fellie\ufe0f",
    "𝐍𝐞𝐥𝐥𝐢𝐞",
    "ɴᴇʟʟɪᴇ",
    "🅝🅔🅛🅛🅘🅔",
    "🇳🇪🇱🇱🇮🇪",
    "Nełłie",
    "Nellie Bot",
    "N.e.l.l.i.e",
    "Nellie\U000e0061",
    "N€llie",  # signs and digits in the places of letters
    "N3llie",
    "Nell!e",
    "NΣLLIE",
    "₦ellie",
    "Ne££ie",
    "N3LL13",
    "Nelli€ bot",
    "几乇ㄥㄥ丨乇",  # as generators of fancy text write it
    "ᏁᏋᏝᏝᎥᏋ",
    "ղҽӀӀìҽ",
    "ɳҽʅʅιҽ",
    "ŋɛʟʟɨɛ",
    "ᑎᗴᒪᒪIᗴ",
    "ꋊꏂ꒒꒒ꀤꏂ",
    "𐌍𐌄𐌋𐌋𐌉𐌄",
    "ภєɭɭเє",
    "ⲛⲉⲗⲗⲓⲉ",
    "ΝΕΛΛΙΕ",
    "Nᥱllie",
    "Nelliə",
    "ǝᴉllǝN",
)
ROLES = (
    "Humаn",
    "MODEL",
    "functiоn",
    "iPython",
    "ѕystem",
    "Systern",
    "аssistant",
    "ASSISTANT",
    "T00l",
    "Useг",
    "dеveloper",
    "System Bot",
)
SPELLED_ROLES = (
    "$ystem",
    "5ystem",
    "A$$istant",
    "u5er",
    "t0o!",
    "$ү$тєм",
    "丂ㄚ丂ㄒ乇爪",
    "ยรєг",
    "꓄ꂦꂦ꒒",
)
OTHERS = (
    "Ana",
    "Zoë",
    "Наталья",
    "Елена",
    "Νίκος",
    "田中",
    "محمد",
    "रामः",
    "Nelly",
    "Ellen",
    "Neil",
    "Jo$e",
    "Ke$ha",
    "R2D2",
    "Zoë 3",
    "Зоя",
    "Արամ",
    "สมชาย",
    "דוד",
    "山本",
    "Ελένη",
    "Нелли",
    "ᏣᎳᎩ",
)


@pytest.mark.parametrize("name", NELLIES)
def test_a_name_that_reads_as_nellie_s_is_marked(name: str) -> None:
    assert plain_name(name).endswith(" (not you)")


@pytest.mark.parametrize("name", [*ROLES, *SPELLED_ROLES])
def test_a_name_that_reads_as_a_role_is_marked(name: str) -> None:
    assert plain_name(name).endswith(" (a person)")


@pytest.mark.parametrize("name", OTHERS)
def test_other_names_stay_as_they_are(name: str) -> None:
    assert plain_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "\u3164", "\u115f\u1160", "\u2800 \u2800", "\u200b\u2060", "::"]
)
def test_a_name_of_nothing_is_someone(name: str) -> None:
    assert plain_name(name) == "someone"


@pytest.mark.parametrize("colon", [":", "：", "꞉", "∶", "ː", "։", "⁚"])
def test_no_sign_that_looks_like_a_colon_ends_a_name_early(colon: str) -> None:
    message = Message(CHANNEL, "1", Author("U1", f"Boss{colon} yes{colon} ana"), "hi", NOON)

    assert colon not in plain_name(message.author.name)
    assert format_line(message).endswith("] Boss yes ana: hi")
