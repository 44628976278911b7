"""Languages by their names in any language, or by their codes."""

import pytest

from bot.domain.errors import CommandError
from bot.tasks.languages import read_language, split_language
from bot.text.common_languages import LANGUAGES, language_of


@pytest.mark.parametrize(
    ("typed", "tag", "rest"),
    [
        ("German hello", "de", "hello"),
        ("deutsch: guten Tag", "de", "guten Tag"),
        ("немецкий привет", "de", "привет"),
        ("日本語 こんにちは", "ja", "こんにちは"),
        ("英語：テスト", "en", "テスト"),
        ("pt-BR olá", "pt-BR", "olá"),
        ("pt_br olá", "pt-BR", "olá"),
        ("Brazilian Portuguese text here", "pt-BR", "text here"),
        ("Portuguese (Brazil)", "pt-BR", ""),
        ("Chinese (Simplified) x", "zh-Hans", "x"),
        ("Simplified Chinese please", "zh-Hans", "please"),
        ("Swiss German hi", "gsw", "hi"),
        ("Old English hail", "ang", "hail"),
        ("KLINGON qapla", "tlh", "qapla"),
        ("Hindi", "hi", ""),
        ("eng", "en", ""),
        ("to German hello", "de", "hello"),
        ("into french", "fr", ""),
        ("to hello", "to", "hello"),
        ("français\nbonjour  à tous", "fr", "bonjour  à tous"),
        ("German and French are two languages", "de", "and French are two languages"),
    ],
)
def test_a_text_begins_with_its_language(typed: str, tag: str, rest: str) -> None:
    language, found = split_language(typed)

    assert (language.tag, found) == (tag, rest)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Germn hello", "“Germn”. Did you mean German?"),
        ("deutch", "Did you mean German or Dutch?"),
        ("Norwgian", "Did you mean Norwegian?"),
        ("Elvish", "“Elvish”. Name it in any language"),
        ("the house is red", "“the”. Name it"),
        ("xx", "“xx”"),
        ("qqq x", "“qqq”"),
        ("de-XX hello", "“de-XX”"),
        ("Germanish", "“Germanish”"),
        ("x" * 100_000, f"“{'x' * 40}”"),
        ("x " * 100_000, "“x”"),
        ("", "Into which language?"),
        ("  \n ", "Into which language?"),
        (":", "no language"),
    ],
)
def test_what_is_no_language_is_answered_with_what_is_near(typed: str, said: str) -> None:
    with pytest.raises(CommandError) as refused:
        split_language(typed)

    assert said in str(refused.value)


def test_no_error_pings_anybody() -> None:
    with pytest.raises(CommandError) as refused:
        split_language("@everyone hello")

    assert "@everyone" not in str(refused.value)


@pytest.mark.parametrize(("tag", "name"), LANGUAGES.items())
def test_the_languages_that_are_offered_are_known(tag: str, name: str) -> None:
    language = read_language(name)

    assert language is not None
    assert language.tag == tag


@pytest.mark.parametrize(
    ("locale", "name"),
    [
        ("de", "German"),
        ("en-US", "English"),
        ("pt-BR", "Brazilian Portuguese"),
        ("es-419", "Spanish"),
        ("zh-CN", "Simplified Chinese"),
        ("sv-SE", "Swedish"),
        ("xx", ""),
    ],
)
def test_a_locale_has_a_language(locale: str, name: str) -> None:
    assert language_of(locale) == name
