"""Whose words a question asks for: "what did Ana say about the boat?" asks for Ana's. Pure.

Read by the place of a name beside a verb of saying; which words are names, the channel tells.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.domain.model import Author
from bot.language.folding import fold_values
from bot.language.relative_dates import MONTHS, WEEKDAYS
from bot.language.terms import FILLER, STOP_WORDS, extract_query_terms, extract_terms

LONGEST_NAME = 4  # words of a name
_WORD = re.compile(r"[^\W_]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(map(fold_values, text.split()))


# Verbs whose subject stands before them: Ana said; was Ana gesagt hat; Ana a dit; Ana ne dedi.
_AFTER_NAME = _words("""
    say says said saying tell tells told write writes wrote written mean means meant think thinks
    thought decide decides decided suggest suggests suggested propose proposes proposed answer
    answers answered reply replies replied mention mentions mentioned explain explains explained
    ask asks asked announce announced report reported recommend recommended claim claimed argue
    argued comment commented promise promised remark remarked state stated
    sagt sagte gesagt schrieb geschrieben meint meinte gemeint denkt vorgeschlagen entschieden
    beschlossen geantwortet erwähnt erzählt
    dit écrit pense dijo dicho escribió piensa opina decidió disse escreveu acha decidiu detto
    scritto dice zei gezegd schreef vindt сказал сказала написал написала думает решил решила
    powiedział powiedziała napisał napisała dedi söyledi yazdı
""")
# Verbs whose subject may follow: was sagte Ana; qu'a dit Ana; qué dijo Ana; что сказала Ана.
_BEFORE_NAME = _words("""
    sagt sagte schrieb schreibt meint meinte denkt dachte erzählte antwortete entschied
    dit écrit pense décidé proposé répondu dijo dice dicho escribió escrito piensa opina decidió
    propuso respondió disse diz escreveu acha pensa decidiu detto scritto deciso zei zegt schreef
    vindt denkt sa säger skrev сказал сказала говорит писал писала написал написала думает решил
    решила ответил ответила powiedział powiedziała napisał napisała myśli mówi
""")
_HAS = _words("hat hatte haben heeft har")
_PARTICIPLES = _words("""
    gesagt geschrieben gemeint gedacht erzählt vorgeschlagen entschieden beschlossen geantwortet
    erwähnt berichtet erklärt gefragt gezegd geschreven gedacht besloten sagt skrivit
""")
_THOUGHTS = _words("""
    opinion opinions view views take stance thoughts comment comments suggestion suggestions
    proposal answer reply advice message messages words
""")
_PASSIVE = (_words("told asked"), _words("was were is are been got"))
_ABOUT = _words(
    "about to for with from at against über zu mit sur sobre"
)  # that name is no subject
_AND = _words("and or und oder et ou y o e en")
# What may stand between a name and its verb.
_BETWEEN = _words("""
    just ever already actually really also exactly even then finally recently a ha has had have does
    did ne der die el la le il den o de da
""")
_WHO = _words("who whom whose wer wem qui quien quién quem chi vem кто kto kim")
# No names, and no topic either: those who are not named, and what asks.
_NOBODY = (
    STOP_WORDS - {"may", "will"}
    | _WHO
    | _words("""
    anybody anyone everybody everyone somebody someone people nobody nellie us was hat hatte haben
    über am im zu zum zur von ich du er sie es wir ihr man qu qué que quoi est ce on il elle nous
    vous sur de du la le les en el los las sobre cosa che ha su di del della wat heeft over op что о
    об про co ne yo tú nosotros você eu io ik hij zij я он она мы alguien alguém jemand quelqu un
    according der das den dem un una uno um uma het did does do has have had anything something
    everything exactly again lately recently latest last
    newest first else so far here please tell show remind me can could you gerade eigentlich zuletzt
""")
)
_TIMES = frozenset((*MONTHS, *(month[:3] for month in MONTHS), *WEEKDAYS)) | _words("""
    yesterday today tonight tomorrow last this past next week weeks month months year years day days
    morning afternoon evening night ago before after since during between noon hour hours few couple
    gestern vorgestern heute morgen letzte letzten letzter woche monat jahr seit vor tagen montag
    dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz mai juni juli oktober
    dezember hier aujourd hui semaine dernière ayer hoy semana pasada ontem hoje ieri oggi gisteren
    vandaag вчера сегодня wczoraj dzisiaj dün bugün
""")
_DATE = re.compile(r"\d+(?:st|nd|rd|th)?")


@dataclass(frozen=True, slots=True)
class Saying:
    """Somebody's words that are asked for."""

    speakers: frozenset[str]
    """Their ids."""
    terms: tuple[str, ...]
    """What they are asked for about; none where all that they said is meant."""

    def is_matched_by(self, text: str) -> bool:
        """Whether a text holds one of its terms."""
        return bool(self.terms) and not extract_terms(text).keys().isdisjoint(self.terms)


def may_ask_for_words(text: str) -> bool:
    """Whether some word beside a verb of saying may be a name: then the people are looked up."""
    words = _split(text)
    beside = [words[place] for place, _ in _places(words)]
    return any(word not in _NOBODY or (len(word) == 1 and word != "i") for word in beside)


def read_saying(text: str, people: Iterable[Author], mentioned: Collection[str]) -> Saying | None:
    """Whose words it asks for, of these people; those whom it mentions are meant."""
    words = _split(text)
    names = {one.id: _split(one.name) for one in people if not one.nellie}
    speakers, said = set[str](), set[int]()
    for place, step in _places(words):
        for ids, taken in _find_names(words, place, step, names):
            speakers |= ids & set(mentioned) or ids
            said.update(taken)
    if not speakers:
        return None
    return Saying(frozenset(speakers), _read_topic(text, said))


def _split(text: str) -> list[str]:
    return [fold_values(word) for word in _WORD.findall(text)]


def _places(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where a speaker's name may stand beside a verb, and which way it goes on from there."""
    if not _WHO.isdisjoint(words[:1]):
        return  # it asks for the speaker
    for at, word in enumerate(words):
        before = _skip(words, at - 1, -1)
        if word in _AFTER_NAME and before >= 0 and not _is_passive(words, at, before):
            yield before, -1
        if word in _THOUGHTS and at > 1 and words[at - 1] == "s":
            yield at - 2, -1
        if _comes_before_name(words, at):
            after = _skip(words, at + 1, 1)
            if after < len(words):
                yield after, 1


def _comes_before_name(words: Sequence[str], at: int) -> bool:
    word, previous = words[at], words[at - 1] if at else ""
    return (
        word in _BEFORE_NAME
        or (word in _HAS and not _PARTICIPLES.isdisjoint(words[at:]))
        or (word == "by" and previous in _AFTER_NAME)
        or (word == "to" and previous == "according")
    )


def _is_passive(words: Sequence[str], verb: int, before: int) -> bool:
    """Whether the name before a verb is of whom it was told."""
    verbs, helpers = _PASSIVE
    first = max(0, before - LONGEST_NAME)
    return words[verb] in verbs and not helpers.isdisjoint(words[first:before])


def _skip(words: Sequence[str], at: int, step: int) -> int:
    while 0 <= at < len(words) and words[at] in _BETWEEN:
        at += step
    return at


def _find_names(
    words: Sequence[str], place: int, step: int, names: dict[str, list[str]]
) -> Iterator[tuple[set[str], range]]:
    """The names from there on, joined by "and": whose they are, and their places."""
    while 0 <= place < len(words):
        runs = (
            range(place - size + 1, place + 1) if step < 0 else range(place, place + size)
            for size in range(LONGEST_NAME, 0, -1)
        )
        inside = (run for run in runs if run.start >= 0 and run.stop <= len(words))
        found = next(((ids, run) for run in inside if (ids := _called(words, run, names))), None)
        if found is None or (step < 0 and _is_object(words, found[1].start)):
            return
        yield found
        joint = found[1].start - 1 if step < 0 else found[1].stop
        if not (0 <= joint < len(words) and words[joint] in _AND):
            return
        place = joint + step


def _is_object(words: Sequence[str], start: int) -> bool:
    return start > 0 and words[start - 1] in _ABOUT


def _called(words: Sequence[str], run: range, names: dict[str, list[str]]) -> set[str]:
    """Those who are called so: wholly, or else by how their name begins."""
    name = list(words[run.start : run.stop])
    if name[0] in _NOBODY and len(name) == 1:
        return set()
    wholly = {id_ for id_, own in names.items() if own == name}
    return wholly or {id_ for id_, own in names.items() if own[: len(name)] == name}


def _read_topic(text: str, names: Collection[int]) -> tuple[str, ...]:
    """The terms of the question without whose words it asks for, when, and the asking itself."""
    kept = list(text)
    for number, word in enumerate(_WORD.finditer(text)):
        folded = fold_values(word.group())
        if number in names or folded in _ASKING or _DATE.fullmatch(folded):
            kept[word.start() : word.end()] = " " * len(word.group())
    return tuple(term for term in extract_query_terms("".join(kept)) if term not in FILLER)


_ASKING = _AFTER_NAME | _THOUGHTS | _BEFORE_NAME | _HAS | _PARTICIPLES | _NOBODY | _TIMES | _BETWEEN
