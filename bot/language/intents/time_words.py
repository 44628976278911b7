"""Words by which people say from when on, in many languages, beside those of the calendar."""

MINUTES = """
    minute minuten min mins minuti minutos minut минут хвилин dakika 分钟 分鐘 分間 분 دقيقة
    دقائق דקות मिनट phut λεπτα minuter minutter
"""
HOURS = """
    hour hours =hr =hrs stunde heure hora =ora =ore =uur uren godzin час годин saat 小时 小時
    時間 시간 ساعة ساعات שעות שעה घंट ωρες ωρα =gio timm timer
"""
# What makes the time that it stands beside a beginning, or one that is over.
SINCE = """
    since from starting until now as of after seit ab vom von sinds vanaf sedan siden fra fran
    depuis des desde a partir de da dal dalla dall' dallo od с со з від от απο den dan beri
    itibaren bu yana onwards on so far till today past the last few previous within in over
    during for to up this and within den der dem das die letzten letzte letzter letztem letzter
    vergangenen diese dieser dieses diesem den am seit de het een laatste afgelopen deze vorige
    forra sista senaste siste sidste le la les l' du au cette ce ces derniere derniers dernieres
    dernier ces ultimos ultimas ultimo ultima el los las este esta pasado pasada o os as nos nas
    no na neste nesta passado passada passata passato gli i il lo ultimi ultime ultima questa
    questo scorsa scorso nelle negli nei nell' nella w we ze z ostatnich ostatnie ostatni
    ostatniego ostatniej tego tej zeszlego zeszlej przez в во за на последние последних последнии
    последнюю последнеи прошлои прошлого прошлую этои этого этот эту за останні останніх минулого
    минулоі цього ціеі την το τον τη τις τα τελευταιες τελευταια τελευταιο περασμενη της του son
    gecen bu icinde منذ من خلال في اخر الماضي الماضية الاخيرة هذا هذه ال מאז מ ב האחרון האחרונה
    האחרונים האחרונות שעבר הזה השבוע से में पिछले पिछली बीते आखिरी इस तक tu ke tu trong qua truoc
    vua nay gan day ngay tieng may vai some couple of few many mi mal mir am pm um gegen uhr ago
    zurück h hrs hours o'clock utc at alle a las os aas om kl klockan
"""
# Of these, what names a time as a beginning, or says that it lasts until now.
OPEN = """
    since from starting until till now as after seit ab sinds vanaf sedan siden fra fran depuis
    des desde partir da dal dalla dall' dallo od с со з від από beri itibaren yana onwards far
    today منذ من מאז से tu ke
"""
# Words that name a day by how long it is over.
AGO = "ago zurück vor hace fa назад тому geleden temu once"
# What stands between the two ends of a time, and what a time may begin with.
JOINING = """
    to and through thru until till bis und et au y e i al ao до по и та і ve ile tot en til och og
    και εως do
"""
WITHIN = """
    between zwischen entre tra fra tussen mellem mellan mellom между між miedzy μεταξυ arasinda
    im em en ad nel w v
"""
NIGHT = "night soir anoche abend 晚 夜 밤"
# The same as SINCE where words do not stand apart.
CLINGING = """
    이후로 到現在 이래로 到现在 まで 自从 直近 以降 ここ 之後 開始 以來 至今 이래 最近 过去 이후
    이번 之后 より 동안 최근 この 自從 开始 以来 지난 過去 から 까지 부터 先 전 了 今 起 後 上 で
    の 近 裡 自 前 의 從 에 个 这 内 這 里 后 個 間 在 は 从 に 간 內 的
"""
OPEN_CLINGING = """
    이후 이래 부터 自从 自從 以降 之後 之后 以來 以来 至今 開始 开始 から より 到現在 到现在 まで
    까지
"""
THIS = """
    this diese dieser deze denna denne cette esta questa tego tej этой этого bu هذا הזה इस 今 这
    這 이번
"""
LAST = """
    last past previous letzte letzten letzter vergangenen vorige laatste afgelopen senaste forra
    siste sidste derniere dernier dernieres derniers ultima ultimo ultimas ultimos ultimi ultime
    pasada pasado passada passado passata passato scorsa scorso ostatni ostatnie ostatnich
    ostatniego ostatniej zeszlego zeszlej последнюю последние последних последний последней
    прошлой прошлого прошлую минулого минулої останні останніх τελευταια τελευταιο τελευταιες
    περασμενη son gecen الماضي الماضية اخر האחרון האחרונה שעבר पिछले पिछली truoc qua 지난 過去 先
    上 过去
"""
# Forms that a dictionary of stems does not have: of `yesterday` and `last`.
FORMS = {
    "this morning": "today",
    "this afternoon": "today",
    "this evening": "today",
    "ce matin": "aujourd'hui",
    "esta manana": "hoy",
    "stamattina": "oggi",
    "heute morgen": "heute",
    "heute fruh": "heute",
    "сегодня утром": "сегодня",
    "今朝": "今日",
    "今天早上": "今天",
    "오늘아침": "오늘",
    "вчерашнего дня": "вчера",
    "вчорашнього дня": "вчора",
    "сегодняшнего дня": "сегодня",
    "dunden": "dun",
    "bugunden": "bugun",
    "지난": "지난 ",
    "이번": "이번 ",
    "최근": "최근 ",
}

WEEKEND = """
    weekend wochenende finde week-end helgen weekenden
    выходных вихідних weekendu hafta#sonu 週末 周末 주말
    fin#de#semana fim#de#semana fine#settimana cuoi#tuan
    نهاية#الاسبوع סוף#השבוע सप्ताहांत
"""
