"""What numbers are called, in many languages. Pure."""

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
# The others that are one word, by number; forms and languages by spaces.
_FURTHER = """
3 tiga
4 empat fire
5 lima
6 enam seks szesciu
7 tujuh syv siedmiu
8 delapan osmiu
9 sembilan dziewieciu
10 sepuluh belas puluh dziesieciu
11 sebelas elleve ellevte
12 tolv
13 thirteen dreizehn treize trece treze tredici dertien trzynascie tretton tretten тринадцать
13 тринадцати тринадцять δεκατρια δεκατρεις onuc तेरह
14 fourteen vierzehn quatorze catorce catorze quattordici veertien czternascie fjorton fjorten
14 четырнадцать четырнадцати чотирнадцять δεκατεσσερα δεκατεσσερις ondort चौदह
16 sixteen sechzehn seize dieciseis dezesseis dezasseis sedici zestien szesnascie sexton seksten
16 шестнадцать шестнадцати шістнадцять δεκαεξι δεκαεξ onalti सोलह
17 seventeen siebzehn diecisiete dezessete dezassete diciassette zeventien siedemnascie sjutton
17 sytten семнадцать семнадцати сімнадцять δεκαεπτα δεκαεφτα onyedi सत्रह
18 eighteen achtzehn dieciocho dezoito diciotto achttien osiemnascie arton atten восемнадцать
18 восемнадцати вісімнадцять δεκαοκτω δεκαοχτω onsekiz अठारह
19 nineteen neunzehn diecinueve dezenove dezanove diciannove negentien dziewietnascie nitton
19 nitten девятнадцать девятнадцати девятнадцять дев'ятнадцять δεκαεννεα δεκαεννια ondokuz उन्नीस
20 tjue tyve vingts
60 sixty sechzig soixante sesenta sessenta sessanta zestig szescdziesiat sextio seksti шестьдесят
60 шестидесяти шістдесят εξηντα altmis साठ ستين ستون שישים ששים 예순 육십
70 seventy siebzig septante setenta settanta zeventig siedemdziesiat sjuttio sytti семьдесят
70 семидесяти сімдесят εβδομηντα yetmis सत्तर سبعين سبعون שבעים 일흔 칠십
80 eighty achtzig huitante octante ochenta oitenta ottanta tachtig osiemdziesiat attio atti
80 восемьдесят восьмидесяти вісімдесят ογδοντα seksen अस्सी ثمانين ثمانون שמונים 여든 팔십
90 ninety neunzig nonante noventa novanta negentig dziewiecdziesiat nittio nitti девяносто
90 девяноста дев'яносто девяносто ενενηντα doksan नब्बे تسعين تسعون תשעים 아흔 구십
100 seratus ratus cents
200 zweihundert doscientos doscientas duzentos duzentas duecento tweehonderd dwiescie tvahundra
200 двести двухсот двісті διακοσια διακοσιες διακοσιοι مئتان مئتين مائتان مائتين מאתיים
300 dreihundert trescientos trescientas trezentos trezentas trecento driehonderd trzysta
300 trehundra триста трехсот τριακοσια τριακοσιες τριακοσιοι ثلاثمئة ثلاثمائة
400 vierhundert cuatrocientos cuatrocientas quatrocentos quatrocentas quattrocento vierhonderd
400 czterysta fyrahundra четыреста четырехсот чотириста τετρακοσια τετρακοσιες أربعمئة أربعمائة
500 funfhundert quinientos quinientas quinhentos quinhentas cinquecento vijfhonderd piecset
500 femhundra пятьсот пятисот пятсот п'ятсот πεντακοσια πεντακοσιες خمسمئة خمسمائة
600 sechshundert seiscientos seiscientas seiscentos seiscentas seicento zeshonderd szescset
600 sexhundra шестьсот шестисот шістсот εξακοσια εξακοσιες ستمئة ستمائة
700 siebenhundert setecientos setecientas setecentos setecentas settecento zevenhonderd
700 siedemset sjuhundra семьсот семисот сімсот επτακοσια εφτακοσια επτακοσιες سبعمئة سبعمائة
800 achthundert ochocientos ochocientas oitocentos oitocentas ottocento achthonderd osiemset
800 attahundra восемьсот восьмисот вісімсот οκτακοσια οχτακοσια οκτακοσιες ثمانمئة ثمانمائة
900 neunhundert novecientos novecientas novecentos novecentas novecento negenhonderd dziewiecset
900 niohundra девятьсот девятисот дев'ятсот девятсот εννιακοσια εννιακοσιες تسعمئة تسعمائة
1000 seribu ribu
2000 ألفان ألفين אלפיים
"""
_FROM_21_IN_HINDI = """
इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस - इकतीस बत्तीस तैंतीस चौंतीस पैंतीस
छत्तीस सैंतीस अड़तीस उनतालीस - इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस
अड़तालीस उनचास - इक्यावन बावन तिरपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ - इकसठ बासठ तिरसठ
चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर - इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर
सतहत्तर अठहत्तर उन्यासी - इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी -
इक्यानवे बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे
"""
# Tens and ones that are one word: how they are joined, the tens from 10, the ones from 1.
_JOINED = (
    ("{one}und{ten}", "- zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig",
     "ein zwei drei vier funf sechs sieben acht neun"),
    ("{one}en{ten}", "- twintig dertig veertig vijftig zestig zeventig tachtig negentig",
     "een twee drie vier vijf zes zeven acht negen"),
    ("{ten}{one}", "- tjugo trettio fyrtio femtio sextio sjuttio attio nittio",
     "ett tva tre fyra fem sex sju atta nio"),
    ("{ten}{one}", "on yirmi otuz kirk elli altmis yetmis seksen doksan",
     "bir iki uc dort bes alti yedi sekiz dokuz"),
    ("{ten}{one}", "- venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
     "uno due tre quattro cinque sei sette otto nove"),
    ("{ten}{one}", "- vent trent quarant cinquant sessant settant ottant novant",
     "uno - - - - - - otto -"),
    ("{ten}{one}", "열 스물 서른 마흔 쉰 예순 일흔 여든 아흔",
     "하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉"),
    ("{ten}{one}", "열 스물 서른 마흔 쉰 예순 일흔 여든 아흔", "한 두 세 네 - - - - -"),
    ("{ten}{one}", "십 이십 삼십 사십 오십 육십 칠십 팔십 구십", "일 이 삼 사 오 육 칠 팔 구"),
    ("{ten}{one}", "- veinti", "uno dos tres cuatro cinco seis siete ocho nueve"),
)  # fmt: skip


def _read_words() -> dict[str, int]:
    forms = [fold_values(one).split("/") for one in _WORDS.split()]
    values = [_VALUES[place % len(_VALUES)] for place in range(len(forms))]
    found = {form: value for one, value in zip(forms, values, strict=True) for form in one}
    for line in _FURTHER.split("\n")[1:-1]:
        number, *words = line.split()
        found |= dict.fromkeys(map(fold_values, words), int(number))
    for value, word in enumerate(_FROM_21_IN_HINDI.split(), 21):
        found[fold_values(word)] = value
    for shape, tens, ones in _JOINED:
        for ten, tens_word in enumerate(tens.split(), 1):
            for one, ones_word in enumerate(ones.split(), 1):
                if "-" not in (tens_word, ones_word):
                    word = shape.format(ten=tens_word, one=ones_word)
                    found[fold_values(word)] = 10 * ten + one
    found.pop("-")
    return found


NUMBER_WORDS = _read_words()
"""By word, folded, the number that it is in some language."""
