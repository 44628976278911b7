"""The words of the calendar in many languages: months, weekdays, "tomorrow", days and weeks.

Written as `fold_values` leaves them. A word of text is one of these when it begins with it and
ends at most ENDING letters later, unless it is given with `=` in front: then it is the whole word.
"""

ENDING = 4

# January to December; forms of one month by `/`.
MONTHS = """
    januar/=jan/januari/janvier/janv/janeiro/gennaio/=genn
    februar/=feb/fevrier/=fevr/febrero/fevereiro/febbraio
    =march/=mar/=marz/=maerz/=mars/=marzo/=marco/=maart
    april/=apr/=avril/=avr/=abril/=abr/aprile
    =may/=mai/=mayo/=maio/=maggio/=mei
    =june/=jun/=juni/=juin/=junio/=junho/giugno
    =july/=jul/=juli/juillet/=juil/=julio/=julho/luglio
    august/=aug/=aout/agosto/=ago/augusti/augustus
    september/=sep/=sept/septembre/septiembre/setembro/settembre
    october/=oct/oktober/=okt/octobre/octubre/outubro/ottobre
    november/=nov/novembre/noviembre/novembro
    december/=dec/dezember/=dez/decembre/diciembre/dezembro/dicembre

    январ феврал =март/=марта/=марте/=марту апрел =маи/=мая/=мае =июн/июнь/июня/июне
    =июл/июль/июля/июле август сентябр октябр ноябр декабр
    січень/січня/січні лютого/лютии/лютому березен/березня/березні квітень/квітня/квітні
    травень/травня/травні червень/червня/червні липень/липня/липні серпень/серпня/серпні
    вересен/вересня/вересні жовтень/жовтня/жовтні листопад груден/грудня/грудні
    ιανουαρι/γεναρ φεβρουαρι/φλεβαρ μαρτι/=μαρτη απριλι/=απριλη =μαιου/=μαιοσ/=μαιο/=μαη ιουνι
    ιουλι αυγουστ σεπτεμβρι οκτωβρι νοεμβρι δεκεμβρι
    =ocak/ocakta/=ocaga =subat/subatta =mart/martta nisan mayis haziran temmuz agustos eylul ekim
    kasim aralik
    =styczen/styczni luty/lutego marzec/marca kwiecien/kwietnia =maj/=maja czerwiec/czerwca
    lipiec/lipca sierpien/sierpnia wrzesien/wrzesnia pazdziernik listopad grudzien/grudnia
    1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月
    1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월
    ינואר פברואר מרץ/מרס אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
    يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر
    जनवरी फरवरी/फ़रवरी =मार्च अप्रैल =मई =जून जुलाई अगस्त सितंबर/सितम्बर अक्टूबर/अक्तूबर
    नवंबर/नवम्बर
    दिसंबर/दिसम्बर
"""

# Monday to Sunday.
WEEKDAYS = """
    monday/=mon tuesday/=tue/=tues wednesday/=wed/=weds thursday/=thu/=thur/=thurs friday/=fri
    saturday sunday
    montag dienstag mittwoch/mittwochs donnerstag freitag samstag/sonnabend sonntag
    lundi mardi mercredi jeudi vendredi samedi dimanche
    =lunes =martes miercoles =jueves =viernes sabado domingo
    segunda-feira/=segunda terca-feira/=terca quarta-feira/=quarta quinta-feira/=quinta
    sexta-feira/=sexta =sabado =domingo
    =lunedi =martedi =mercoledi =giovedi =venerdi sabato domenica
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    mandag/mandagen tisdag onsdag torsdag fredag lordag sondag
    poniedzialek/poniedzialku wtorek/wtorku srode/sroda/srody czwartek/czwartku piatek/piatku
    sobota/sobote/soboty niedziela/niedziele/niedzieli
    понедельник вторник =среда/=среду/=среды/=среде четверг пятниц суббот воскресень
    понеділ вівторок/вівторка =середа/=середу/=середи/=середі четвер пятниц субот
    =неділя/=неділю/=неділі
    δευτερα τριτη τεταρτη πεμπτη παρασκευη σαββατο κυριακη
    pazartesi =sali/=saliya/=salidan carsamba persembe =cuma/cumaya/cumadan/cumanin cumartesi
    =pazar/=pazara/=pazardan
    月曜 火曜 水曜 木曜 金曜 土曜 日曜
    周一 周二 周三 周四 周五 周六 周日/周天
    週一 週二 週三 週四 週五 週六 週日/週天
    星期一 星期二 星期三 星期四 星期五 星期六 星期日/星期天
    礼拜一 礼拜二 礼拜三 礼拜四 礼拜五 礼拜六 礼拜天/礼拜日
    월요일 화요일 수요일 목요일 금요일 토요일 일요일
    الاثنين/الإثنين الثلاثاء الاربعاء الخميس الجمعة السبت الاحد
    יום#שני יום#שלישי יום#רביעי יום#חמישי יום#שישי =שבת/=בשבת יום#ראשון
    सोमवार मंगलवार बुधवार गुरुवार/बृहस्पतिवार शुक्रवार शनिवार रविवार/इतवार
    thu#hai thu#ba thu#tu thu#nam thu#sau thu#bay chu#nhat
"""

# Days from the day on which the word is said; several where the word means several.
RELATIVE = """
    0: today tonight heute aujourd'hui hoy hoje oggi vandaag idag i#dag dzisiaj dzis сегодня
    сьогодні
       σημερα bugun 今日 本日 今天 오늘 اليوم היום आज hom#nay ce#soir esta#noche stasera heute#abend
       今晚 今夜 今晩
    1: tomorrow morgen demain manana amanha domani morgen imorgon i#morgon jutro завтра αυριο yarin
       明日 あした 翌日 明天 明儿 내일 غدا بكرة بكره מחר कल ngay#mai mai sang#mai
    2: overmorrow ubermorgen apres-demain pasado#manana depois#de#amanha dopodomani overmorgen
       i#overmorgon pojutrze послезавтра післязавтра μεθαυριο obur#gun yarindan#sonra ertesi#gun
       明後日 あさって 后天 後天 모레 بعد#غد بعد#بكرة מחרתיים परसों परसो ngay#kia ngay#mot
    -1: yesterday gestern hier ayer ontem ieri gisteren igar i#gar wczoraj вчера учора вчора χθεσ
    χτεσ
       εχθεσ dun 昨日 きのう 昨天 어제 امس أمس البارحة مبارح אתמול कल hom#qua last#night
       hier#soir anoche gestern#abend 昨晚 昨夜 昨晩 어젯밤
    -2: vorgestern avant-hier anteayer anteontem antes#de#ayer l'altro#ieri avantieri eergisteren
       i#forrgar przedwczoraj позавчера позавчора προχθεσ προχτεσ evvelsi#gun onceki#gun 一昨日
       おととい 前天 그저께 그제 اول#امس أول#أمس שלשום परसों परसो hom#kia
"""

# Stems of units of time, and how many days each has.
UNITS = """
    1: day days tag tage tagen jour jours dia dias giorno giorni dag dagen dagar dni dzien день дня
    днеи дні днів ημερα ημερεσ μερα μερεσ gun gunluk gune 日 天 일 يوم ايام أيام יום ימים दिन ngay
       יומיים=2 يومين=2 하루=1 이틀=2 사흘=3 나흘=4 열흘=10 보름=15
    7: week weeks woche wochen semaine semaines semana semanas settimana settimane weken vecka
    veckor
    tydzien tygodni tygodnie недел тижден тижні тижня тижнів εβδομαδα εβδομαδεσ hafta haftaya 週間
       周 週 星期 礼拜 주 اسبوع اسابيع أسبوع أسابيع שבוע שבועות हफ्त सप्ताह tuan שבועיים=2 اسبوعين=2
       fortnight=2
    30: month months monat monate monaten mois mes meses mese mesi maand maanden manad manader
    miesiac miesiace miesiecy месяц місяц μηνα μηνεσ ay aya ayda か月 ヶ月 カ月 个月 個月 개월 달
    شهر
       اشهر אשהר חודש חודשים महीन माह thang חודשיים=2 شهرين=2
"""
