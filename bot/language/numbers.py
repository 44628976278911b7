"""Numbers by value: `1,000`, `1.000`, `1 000`, `١٠٠٠`, `1k` and "a thousand" may all mean 1000."""

import re
from collections.abc import Iterator
from decimal import Decimal

from bot.language.folding import fold_values

# Of each language, 0 to 12, then 15, 20, 30, 40, 50, 100 and 1000; forms of one number by `/`.
_WORDS = """
    zero/no/none one/once/a/an/first/single two/both/twice/second/pair/couple three/third
    four/fourth five/fifth six/sixth seven/seventh eight/eighth nine/ninth ten/tenth eleven
    twelve/dozen fifteen twenty thirty forty fifty hundred thousand
    null/kein ein/eine/einen/einem/einer/eins zwei/beide/zweimal drei/dritte vier/vierte funf/funfte
    sechs/sechste sieben/siebte acht/achte neun/neunte zehn/zehnte elf zwolf funfzehn zwanzig
    dreissig vierzig funfzig hundert tausend
    zero un/une/premier/premiere deux/deuxieme trois/troisieme quatre cinq six sept huit neuf dix
    onze douze quinze vingt trente quarante cinquante cent mille
    cero un/uno/una/primer/primero/primera dos/segundo tres/tercer cuatro cinco seis siete ocho
    nueve diez once doce quince veinte treinta cuarenta cincuenta cien/ciento mil
    zero um/uma/primeiro dois/duas/segundo tres/terceiro quatro cinco seis sete oito nove dez onze
    doze quinze vinte trinta quarenta cinquenta cem/cento mil
    zero uno/una/un/primo due tre quattro cinque sei sette otto nove dieci undici dodici quindici
    venti trenta quaranta cinquanta cento mille/mila
    nul een/eerste twee drie vier vijf zes zeven acht negen tien elf twaalf vijftien twintig dertig
    veertig vijftig honderd duizend
    zero jeden/jedna/jedno/jednego dwa/dwie/dwoch trzy/trzech cztery/czterech piec/pieciu szesc
    siedem osiem dziewiec dziesiec jedenascie dwanascie pietnascie dwadziescia trzydziesci
    czterdziesci piecdziesiat sto tysiac/tysiace/tysiecy
    noll en/ett/forsta tva/tvaa tre fyra fem sex sju atta nio tio elva tolv femton tjugo trettio
    fyrtio femtio hundra tusen
    ноль/нуль один/одна/одно/одного/одной/первый два/две/двух/двумя/второй
    три/трех/тремя/трое/третии четыре/четырех пять/пяти шесть/шести семь/семи восемь/восьми
    девять/девяти десять/десяти одиннадцать двенадцать пятнадцать/пятнадцати двадцать/двадцати
    тридцать/тридцати сорок/сорока пятьдесят/пятидесяти сто/ста тысяча/тысячи/тысяч
    ноль/нуль один/одна/одне/першии два/дві/двох три/трьох чотири/чотирьох пять/пяти шість/шести
    сім/семи вісім/восьми девять десять/десяти одинадцять дванадцять пятнадцять двадцять/двадцяти
    тридцять сорок пятдесят сто тисяча/тисячі/тисяч
    μηδεν ενα/ενας/μια/μιας/εναν/πρωτος δυο/δευτερος τρια/τρεις/τριων τεσσερα/τεσσερις/τεσσερεις
    πεντε εξι επτα/εφτα οκτω/οχτω εννια/εννεα δεκα εντεκα/ενδεκα δωδεκα δεκαπεντε εικοσι τριαντα
    σαραντα πενηντα εκατο χιλια/χιλιαδες
    sifir bir/ilk iki uc dort bes alti yedi sekiz dokuz on onbir oniki onbes yirmi otuz kirk elli
    yuz bin
    영/공 하나/한/일 둘/두/이 셋/세/삼 넷/네/사 다섯/오 여섯/육 일곱/칠 여덟/팔 아홉/구 열/십
    열하나/십일
    열둘/십이 열다섯/십오 스무/스물/이십 서른/삼십 마흔/사십 쉰/오십 백 천
    صفر واحد/واحده/واحدة/الواحدة اثنان/اثنين/اثنتين/اثنتان/اثنا/اثنتا/الثانية ثلاثة/ثلاث/الثالثة
    أربعة/أربع/الرابعة خمسة/خمس/الخامسة ستة/ست/السادسة سبعة/سبع/السابعة
    ثمانية/ثماني/ثمان/الثامنة تسعة/تسع/التاسعة عشرة/عشر/العاشرة أحدعشر اثناعشر خمسةعشر عشرين/عشرون
    ثلاثين/ثلاثون
    أربعين/أربعون خمسين/خمسون مئة/مائة ألف/آلاف
    אפס אחד/אחת שניים/שתיים/שני/שתי/שנים/שתים שלושה/שלוש/שלושת ארבעה/ארבע חמישה/חמש שישה/שש
    שבעה/שבע שמונה
    תשעה/תשע עשרה/עשר אחדעשר שניםעשר חמישהעשר עשרים שלושים ארבעים חמישים מאה אלף
    शून्य एक दो तीन चार पांच/पाँच छह/छः/छ सात आठ नौ दस ग्यारह बारह पंद्रह/पन्द्रह बीस तीस चालीस
    पचास सौ हजार/हज़ार
    khong mot hai ba bon/tu nam/lam sau bay tam chin muoi muoimot muoihai muoilam haimuoi bamuoi
    bonmuoi nammuoi tram nghin/ngan
"""
_VALUES = (*range(13), 15, 20, 30, 40, 50, 100, 1000)
_FACTORS = {
    "k": 1_000, "tsd": 1_000, "тыс": 1_000, "тис": 1_000, "хил": 1_000, "mil": 1_000,
    "千": 1_000, "천": 1_000, "万": 10_000, "萬": 10_000, "만": 10_000,
    "mio": 1_000_000, "mln": 1_000_000, "million": 1_000_000,
    "millionen": 1_000_000, "millones": 1_000_000, "milhoes": 1_000_000, "млн": 1_000_000,
    "億": 100_000_000, "亿": 100_000_000, "억": 100_000_000,
    "thousand": 1_000, "tausend": 1_000, "mille": 1_000, "bin": 1_000, "тысяч": 1_000,
    "тысячи": 1_000, "тисяч": 1_000, "ألف": 1_000, "אלף": 1_000, "हजार": 1_000, "nghin": 1_000,
    "लाख": 100_000, "lakh": 100_000,
}  # fmt: skip
_HAN_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {
    "两": 2,
    "兩": 2,
}
_HAN_TENS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "萬": 10_000}

NUMBER = re.compile(
    r"(?<![\d.,])\d{1,3}(?:(?P<gap>[ \u00a0\u2009\u202f'’٬])\d{3})(?:(?P=gap)\d{3})*(?:[.,٫]\d+)?"
    r"(?![\d])|\d+(?:[.,٫٬]\d+)*"
)
_FACTORS = {fold_values(name): factor for name, factor in _FACTORS.items()}
_FACTOR = re.compile(
    rf"[ \u00a0]?({'|'.join(sorted(_FACTORS, key=len, reverse=True))})\.?(?![^\W\d_])"
)
_CLINGING_FACTOR = re.compile("[千천万萬만億亿억]")
_HAN_NUMBER = re.compile(r"[〇一二三四五六七八九十百千万萬两兩]{1,8}")
_WORD = re.compile(r"[^\W\d_]+(?:[\u0900-\u0963\u0966-\u0dff]+[^\W\d_]*)*")


def _read_words() -> dict[str, int]:
    forms = [fold_values(one).split("/") for one in _WORDS.split()]
    values = [_VALUES[place % len(_VALUES)] for place in range(len(forms))]
    return {form: value for one, value in zip(forms, values, strict=True) for form in one}


NUMBER_WORDS = _read_words()
_TENS = (10, 20, 30, 40, 50)
_KOREAN_TENS = {
    fold_values(ten): value
    for ten, value in (("열", 10), ("스물", 20), ("서른", 30), ("마흔", 40), ("쉰", 50))
}
_ENGLISH_OR_GERMAN = "the is to and of we it at der die das und ist ich wir im"
_COMMON_WORDS = frozenset(_ENGLISH_OR_GERMAN.split())
_OTHER_WORDS_THERE = "on due sei bin tu bon sau sex mil cent en fem sept"
_NUMBERS_ELSEWHERE = frozenset(_OTHER_WORDS_THERE.split())
AND = frozenset(("and", "und", "et", "y", "e", "en", "i", "и", "και", "ve", "و", "ו"))


def read_number(text: str) -> set[Decimal]:
    """The values that a number may have as it is written; more than one for `1.000`."""
    bare = re.sub(r"[ \u00a0\u2009\u202f'’٬]", "", fold_values(text)).replace("٫", ".")
    points = [mark for mark in bare if mark in ".,"]
    if not points:
        return {Decimal(bare)}
    whole = Decimal(re.sub(r"[.,]", "", bare))
    groups = re.split(r"[.,]", bare)
    if len(set(points)) == 2 and bare.count(points[-1]) == 1:
        return {Decimal("".join(groups[:-1]) + "." + groups[-1])}
    grouped = len(groups[0]) <= 3 and len(groups[-1]) == 3 and all(len(g) > 1 for g in groups[1:])
    found = {whole} if grouped and groups[0].strip("0") else set[Decimal]()
    if len(groups) == 2:
        found.add(Decimal(".".join(groups)))
    return found or {Decimal(group) for group in groups}


def find_numbers(text: str) -> Iterator[tuple[str, set[Decimal]]]:
    """(as it is written, the values that it may have) of each number in digits.

    One with a factor behind it (`5k`, `5万`) has its product alone.
    """
    for found in NUMBER.finditer(text):
        values = read_number(found.group())
        factor = _CLINGING_FACTOR.match(text, found.end()) or _FACTOR.match(
            fold_values(text[found.end() : found.end() + 12])
        )
        if factor:
            name = factor[factor.lastindex or 0]  # without the stop of `5 mln.`
            values = {value * _FACTORS[name] for value in values}
        yield found.group(), values


def find_number_words(text: str) -> set[Decimal]:
    """The values of what a text says in words: "three", "drei", "twenty two", "on iki", 三十五."""
    found, before = set[int](), None
    words = _WORD.findall(text)
    is_elsewhere = _COMMON_WORDS.isdisjoint(map(str.lower, words))
    for word in words:
        value = parse_small_number(word)
        if word.lower() in _NUMBERS_ELSEWHERE and not is_elsewhere:
            value = None  # "on" is ten in Turkish, "due" is two in Italian
        if value is not None:
            found.add(value)
            found.update(join_words(before, value))
        before = value if value is not None or fold_values(word) not in AND else before
    found.update(read_han(number) for number in _HAN_NUMBER.findall(text))
    return set(map(Decimal, found))


def join_words(before: int | None, value: int) -> Iterator[int]:
    """What two number words that follow each other may be together: 12, 22, 200."""
    if before is None:
        return
    if (before in _TENS and value < 10) or (0 < before < 10 and value == 10):
        yield before + value  # Arabic and Hebrew say the ones first
    elif value in (100, 1000) and before:
        yield before * value


def parse_small_number(word: str) -> int | None:
    """A number up to a thousand, in digits or as a word."""
    folded = fold_values(word)
    if folded.isascii() and folded.isdigit():
        return int(folded) if len(folded) < 5 else None
    if _HAN_NUMBER.fullmatch(word):
        return read_han(word)
    ones, joined, tens = folded.partition("und")  # funfundzwanzig
    if joined and ones in NUMBER_WORDS and tens in NUMBER_WORDS:
        return NUMBER_WORDS[ones] + NUMBER_WORDS[tens]
    for ten, value in _KOREAN_TENS.items():
        if folded.startswith(ten) and folded[len(ten) :] in NUMBER_WORDS:
            return value + NUMBER_WORDS[folded[len(ten) :]]
    return NUMBER_WORDS.get(folded, NUMBER_WORDS.get(folded[:-1]) if len(folded) > 5 else None)


def read_han(text: str) -> int:
    total = digit = 0
    for sign in text:
        if sign in _HAN_DIGITS:
            digit = digit * 10 + _HAN_DIGITS[sign]
        elif sign in "万萬":
            total, digit = max(1, total + digit) * 10_000, 0
        else:
            total, digit = total + max(1, digit) * _HAN_TENS[sign], 0
    return total + digit
