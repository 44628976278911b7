"""Whether two words are forms of one name: Ивана and Иван, İstanbul'da and istanbul."""

import re
from functools import lru_cache
from itertools import product

SHORTEST_STEM = {"latin": 3, "cyrillic": 2, "greek": 2}  # letters that all forms share, at least

# What a folded name may end with in another case, number or language; one list for each script.
_LATIN = """
    s es n en ne nen e em er ern a as am u i o os um us y ie iego emu ego ow owi om ach ami iem em
    ek
    ka kou ej ja ia ta da de den dan nin nun in un ya ye yi si su la le lla lle ssa sta lta lle t
    ban ben nak nek val vel hoz nal ra re on an at et ot ler lar ki ci li lu
"""
_CYRILLIC = """
    а у ом ем е и ы ю я ои еи ею ою ам ям ами ями ах ях ов ев ові еві єві єм і ів ин ина и о ь ю є
    ії
    ого ому ым им ая яя ую ою их ых ию ии ію ія ье ья ью ьи иє ию ием ієм ському ського ская ской
"""
_GREEK = "σ οσ ου ο ον ε η ησ ην α ασ αν ων οι ουσ εσ ι ισ υ υσ ατοσ"
_LETTERS = {"latin": ("a", "ɏ"), "cyrillic": ("Ѐ", "ӿ"), "greek": ("Ͱ", "Ͽ")}
_ENDINGS = {
    "latin": frozenset(("", *_LATIN.split())),
    "cyrillic": frozenset(("", *_CYRILLIC.split(), "й", "и")),
    "greek": frozenset(("", *_GREEK.split())),
}
_SOUNDS = """
    а=a б=b в=v г=g д=d е=e з=z и=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=h ц=c ы=i э=e і=i
    ґ=g є=e ж=zh ч=ch ш=sh щ=sch ю=yu я=ya ь= ъ= α=a β=v γ=g δ=d ε=e ζ=z η=i θ=t ι=i κ=k λ=l μ=m ν=n
    ξ=ks ο=o π=p ρ=r σ=s τ=t υ=i φ=f χ=h ψ=ps ω=o
"""
_ROMAN = {letter: sound for letter, _, sound in (one.partition("=") for one in _SOUNDS.split())}
_LIKE = (("ck", "k"), ("ph", "f"), ("th", "t"), ("kh", "h"), ("x", "ks"), ("qu", "kv"), ("c", "k"))
_LIKE_LETTERS = str.maketrans("wyjq", "viik")
WORDS_KEPT = 1 << 13  # or pairs of words
_DOUBLE = re.compile(r"(.)\1")
_VOWELS = "аеиоуыэюяіє"


@lru_cache(maxsize=WORDS_KEPT)
def are_forms(one: str, other: str) -> bool:
    """Whether two folded words may be forms of one name."""
    if one == other:
        return True
    return any(_share_stem(*pair) for pair in product(_variants(one), _variants(other)))


@lru_cache(maxsize=WORDS_KEPT)
def romanize(word: str) -> str:
    """A folded word roughly as it sounds, in Latin letters: редис and Redis are the same."""
    word = "".join(_ROMAN.get(letter, letter) for letter in word)
    for written, sound in _LIKE:
        word = word.replace(written, sound)
    return _DOUBLE.sub(r"\1", word.translate(_LIKE_LETTERS))


def _share_stem(one: str, other: str) -> bool:
    shared = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        shared += 1
    script = _script_of(one)
    if script is None or shared < SHORTEST_STEM[script]:
        return False
    endings = _ENDINGS[script]
    return any(
        one[at:] in endings and other[at:] in endings
        for at in range(shared, max(SHORTEST_STEM[script], min(len(one), len(other)) - 3) - 1, -1)
    )


def _variants(word: str) -> tuple[str, ...]:
    """It, and as its other cases begin: Павел, Павл-; Лев, Льв-; Київ, Києв-."""
    if len(word) < 3 or _script_of(word) != "cyrillic" or word[-1] in _VOWELS:
        return (word,)
    if word[-2] in "ео":
        return (word, word[:-2] + word[-1], word[:-2] + "ь" + word[-1])
    if word[-2] == "і":
        return (word, word[:-2] + "є" + word[-1], word[:-2] + "о" + word[-1])
    return (word,)


def _script_of(word: str) -> str | None:
    return next((name for name, (low, high) in _LETTERS.items() if low <= word[0] <= high), None)
