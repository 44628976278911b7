"""Times and counts that were said in words, and are told in digits or as dates: all are right."""

from datetime import UTC, datetime

import pytest

from bot.domain.model import Author, Channel, Message
from bot.memory.grounding import Evidence

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
RIGHT = [
    ("הפגישה מחר", "הפגישה ב-3.3"),
    ("הפגישה מחר", "הפגישה ב-03/03"),
    ("wir treffen uns morgen", "Treffen am 03.03.26"),
    ("wir treffen uns am 23.11.26", "Treffen am 2026-11-23"),
    (
        "die präsentation für den vorstand ist am donnerstag",
        "Vorstandspräsentation am Donnerstag (2026-03-05)",
    ),
    ("lass uns das auf nächste woche schieben", "Verschiebung auf die nächste Woche"),
    ("kannst du das bis ende des monats schaffen?", "Fertigstellung bis 2026-03-31 möglich?"),
    ("der drucker im dritten stock spinnt", "Drucker im 3. Stock hat Störungen"),
    ("on se voit lundi prochain à 9h", "Rendez-vous lundi prochain à 9h00 (2026-03-09)"),
    ("le budget c'est 12k", "Budget de 12 000 €"),
    ("ça marche pas depuis avant-hier", "Panne depuis le 28 février"),
    ("quedamos a las 5 de la tarde", "Se reúnen a las 17:00"),
    ("el informe trimestral sale en abril", "El informe del trimestre se publicará en abril"),
    ("faltan doce sillas", "Faltan 12 sillas"),
    ("a reunião é depois de amanhã às 15h", "Reunião em 2026-03-04 às 15:00"),
    ("o Zé leva o bolo", "Zé vai levar o bolo"),
    ("созвон в 3 часа дня", "Созвон назначен на 15:00"),
    ("Саше нужно две недели на тесты", "Саша просит 2 недели на тестирование"),
    ("во вторник приедет заказчик из Твери", "Заказчик из Твери приезжает во вторник, 2026-03-03"),
    ("зустріч післязавтра о 16-й", "Зустріч 2026-03-04 о 16:00"),
    ("Катерині потрібен доступ", "Катерина просить доступ"),
    ("το Σάββατο έχουμε γιορτή στις 8 το βράδυ", "Γιορτή το Σάββατο στις 20:00"),
    ("η Ελένη θέλει τρεις μέρες άδεια", "Η Ελένη ζητά 3 μέρες άδεια"),
    ("Ankara'daki müşteri perşembe gelecek", "Ankaralı müşteri Perşembe (2026-03-05) geliyor"),
    ("saat 3'te toplanalım", "Toplantı saat 15:00'te"),
    ("on iki sandalye eksik", "12 sandalye eksik"),
    ("다음 주 월요일 오전 10시에 시작해요", "다음 주 월요일(2026-03-09) 10:00 시작"),
    ("이틀 뒤에 끝나요", "2026-03-04 종료 예정"),
    ("열두 명이 왔어요", "12명 참석"),
    ("来週の月曜に再開します", "2026-03-09(月曜)に再開"),
    ("午後3時集合です", "15:00集合"),
    ("三日後に締め切ります", "締切は2026-03-05"),
    ("十二人来ました", "12人が参加"),
    ("下周一上午9点开会", "下周一(2026-03-09)9:00开会"),
    ("三天后截止", "截止日期为2026-03-05"),
    ("来了十二个人", "共12人到场"),
    ("下午三点集合", "15:00集合"),
    ("الاجتماع الأسبوع القادم يوم الاثنين", "الاجتماع يوم الاثنين 2026-03-09"),
    ("نلتقي الساعة الثالثة مساء", "اللقاء في الساعة 15:00"),
    ("حضر اثنا عشر شخصا", "حضر 12 شخصا"),
    ("ניפגש ביום שני הבא בשעה 9", "פגישה ביום שני 2026-03-09 ב-9:00"),
    ("בעוד שלושה ימים מסתיים", "מסתיים ב-5 במרץ"),
    ("अगले सोमवार को 9 बजे मिलेंगे", "अगले सोमवार (2026-03-09) को 9:00 बजे बैठक"),
    ("तीन दिन में खत्म होगा", "2026-03-05 तक समाप्त"),
    ("बारह लोग आए", "12 लोग आए"),
    ("thứ hai tuần sau họp lúc 9 giờ", "họp thứ Hai tuần sau (2026-03-09) lúc 9:00"),
    ("ba ngày nữa hết hạn", "hết hạn vào 2026-03-05"),
    ("có mười hai người đến", "12 người tham dự"),
    ("let's do 3ish tomorrow", "Meeting on 2026-03-03 at 3"),
    ("we have a dozen seats", "12 seats available"),
    ("the first week of april works", "First week of April works for ana"),
    ("it's half past nine now", "The time is 9:30"),
    ("I'd say 20-25 people", "Between 20 and 25 people"),
    ("pls no deploys on friday afternoon", "No deployments on Friday afternoon"),
    ("sev2, p95 went from 120ms to 900ms", "Severity 2: p95 latency rose from 120 ms to 900 ms"),
    ("we're at 99.95% this month", "Availability this month: 99.95%"),
    ("merged into main as a1b2c3d", "Merged to main (a1b2c3d)"),
    ("jane from acme called", "Jane of Acme called"),
]


@pytest.mark.parametrize(("said", "told"), RIGHT)
def test_what_was_said_in_words_may_be_told_in_digits(said: str, told: str) -> None:
    block = [Message(Channel("stage", "team", "C1"), "1", Author("U1", "ana"), said, MONDAY, seq=1)]

    assert Evidence.from_messages(block).find_unfounded(f"ana: {told}", block) is None


def _say(text: str) -> Message:
    return Message(Channel("stage", "team", "C1"), "1", Author("U1", "ana"), text, MONDAY, seq=1)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("it costs twenty euros", "costs thirty euros"),
        ("3 servers", "five servers"),
        ("25 boxes", "thirty five boxes"),
        ("kostet zwanzig Euro", "kostet dreißig Euro"),
        ("vingt euros", "trente euros"),
        ("cuesta veinte euros", "cuesta treinta euros"),
        ("три сервера", "пять серверов"),
        ("τρεις σέρβερ", "πέντε σέρβερ"),
        ("서버 세 대", "서버 다섯 대"),
        ("サーバーは三台", "サーバーは五台"),
        ("三台服务器", "五台服务器"),
        ("तीन सर्वर", "पांच सर्वर"),
        ("16 users", "sixty users"),
        ("sechzehn Stühle", "siebzehn Stühle"),
        ("seize chaises", "treize chaises"),
        ("dieciséis sillas", "diecisiete sillas"),
        ("doscientas sillas", "trescientas sillas"),
        ("dezesseis cadeiras", "dezessete cadeiras"),
        ("ventidue sedie", "trentadue sedie"),
        ("vijfentwintig stoelen", "vijfendertig stoelen"),
        ("tjugofem stolar", "trettiofem stolar"),
        ("szesnaście krzeseł", "osiemnaście krzeseł"),
        ("brakuje pięciu krzeseł", "brakuje siedmiu krzeseł"),
        ("шестьдесят человек", "семьдесят человек"),
        ("шістнадцять стільців", "сімнадцять стільців"),
        ("δεκαέξι καρέκλες", "δεκαεπτά καρέκλες"),
        ("üç sunucu", "dört sunucu"),
        ("yirmi beş kişi", "otuz beş kişi"),
        ("altmış kişi", "yetmiş kişi"),
        ("예순 명", "일흔 명"),
        ("육십오 명", "칠십오 명"),
        ("ستين شخصا", "سبعين شخصا"),
        ("خمسة عشر شخصا", "سبعة عشر شخصا"),
        ("שישים איש", "שבעים איש"),
        ("सोलह कुर्सियाँ", "सत्रह कुर्सियाँ"),
        ("पच्चीस लोग", "पैंतीस लोग"),
        ("bốn máy chủ", "sáu máy chủ"),
        ("có mười sáu người", "có mười tám người"),
        ("hai mươi lăm cái ghế", "bốn mươi lăm cái ghế"),
        ("tiga server", "empat belas server"),
        ("dua puluh lima orang", "tiga puluh lima orang"),
    ],
)
def test_another_number_in_words_was_never_said(said: str, told: str) -> None:
    block = [_say(said)]
    assert Evidence.from_messages(block).find_unfounded(told, block) == "number"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("120 boxes", "a hundred and twenty boxes"),
        ("65 boxes", "sixty-five boxes"),
        ("3 million", "three million"),
        ("meet 9:30", "meets at half past nine"),
        ("90 personnes", "quatre-vingt-dix personnes"),
        ("35 sillas", "treinta y cinco sillas"),
        ("365 дней", "триста шестьдесят пять дней"),
        ("עדיין 25 שרתים", "עשרים וחמישה שרתים"),
        ("c'est bien", "très bien"),
        ("er ist da", "er ist dort"),
        ("nie działa", "ten serwer nie działa"),
        ("75 personnes", "soixante-quinze personnes"),
        ("soixante-quinze personnes", "75 personnes"),
        ("80 places", "quatre-vingts places"),
        ("225 लोग", "दो सौ पच्चीस लोग"),
        ("दो सौ पच्चीस लोग", "225 लोग"),
        ("two hundred and fifty chairs", "250 chairs"),
        ("2500 users", "two thousand five hundred users"),
        ("35 người", "ba mươi lăm người"),
        ("sáu mươi người", "60 người"),
        ("105 người", "một trăm lẻ năm người"),
        ("empat belas server", "14 server"),
        ("25 orang", "dua puluh lima orang"),
        ("16 شخصا", "ستة عشر شخصا"),
        ("25 شخصا", "خمسة وعشرون شخصا"),
        ("yirmibeş sandalye", "25 sandalye"),
        ("doscientas sillas", "200 sillas"),
        ("dwadzieścia pięć krzeseł", "25 krzeseł"),
        ("1200 рублей", "тысяча двести рублей"),
        ("예순여섯 명", "66 명"),
        ("the kitchen is on fire", "fire in the kitchen"),
        ("the office in Lima", "the Lima office"),
        ("ba tôi ốm", "ba tôi bị ốm"),
        ("masa kirli", "masanın altı kirli"),
        ("六本木で会う", "六本木で会う予定"),
        ("感谢大家", "十分感谢大家"),
    ],
)
def test_words_that_may_be_another_number_or_none_are_no_reason(said: str, told: str) -> None:
    block = [_say(said)]
    assert Evidence.from_messages(block).find_unfounded(told, block) is None
