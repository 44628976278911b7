"""Phrases of Polish, Russian, Ukrainian, Greek and Turkish (see `phrases` for the form)."""

POLISH = """
polite: prosze | poprosze | hej | czesc | siema | dzien dobry | dzieki | dziekuje | ok | wiec |
    nellie | szybko | krotko | teraz | no | (czy|a) | (mozesz|moglabys|moglbys|mozecie) |
    (powiedz|opowiedz|daj|pokaz|zrob) [mi|nam] | mi | nam | powiedziec |
    (chce|chcialbym|chcialabym) wiedziec | czy wiesz | bylem (nieobecny|na urlopie|chory) | bylam
    (nieobecna|na urlopie|chora)
place: tutaj | tu | na (tym|naszym) (kanale|czacie) | w (tym|naszym) (kanale|czacie) | na kanale
away: (kiedy|gdy|jak|podczas gdy) mnie nie bylo | (kiedy|gdy) (bylem|bylam)
    (nieobecny|nieobecna|na urlopie) | podczas mojej nieobecnosci | od tego czasu | ostatnio | w
    miedzyczasie | do tej pory | pod moja nieobecnosc
catchup: co [my|wy|oni|wszyscy] (mowilismy|mowiliscie|mowili|powiedzielismy|powiedzieliscie|
    powiedzieli|omawialismy|omowilismy|pisalismy|pisali) | o czym [my|wy|oni]
    (rozmawialismy|rozmawiali|mowilismy|mowiliscie|mowili) | co (przegapilem|przegapilam|mnie
    ominelo|ominelo mnie|stracilem|stracilam) |
    (przegapilem|przegapilam) (cos|co) | czy cos (przegapilem|przegapilam|mnie ominelo) | co sie
    [tu|tutaj] (stalo|dzialo|wydarzylo|dzieje|zdarzylo) | co [tu] nowego | (sa|jakies) [jakies]
    (nowosci|wiesci|nowiny) | jest cos nowego | o czym (rozmawiano|rozmawialiscie|byla
    mowa|mowiono) | co (mowiono|powiedziano|omowiono) | wprowadz mnie | co bylo
summary: (podsumuj|stresc|podsumowac|strescic) [(ten|te|ta|caly|cala)
    (watek|rozmowe|dyskusje|kanal|czat)|to|wszystko] | [krotkie] (podsumowanie|streszczenie)
    [(tego|tej) (watku|rozmowy|dyskusji|kanalu)] | o czym jest ten watek
help: pomoc | pomocy | pomoz [mi] | co (potrafisz|umiesz|mozesz) [zrobic|robic] | jak
    (dzialasz|cie uzywac|to dziala) | jakie (sa|masz|znasz) (polecenia|komendy) | komendy |
    polecenia | w czym mozesz [mi] pomoc | jak mozesz [mi] pomoc
who: kim jestes | kto ty | czym jestes | kto to [jest] nellie | jak (masz na imie|sie nazywasz) |
    jestes (botem|robotem|czlowiekiem) | przedstaw sie
memory: co (pamietasz|wiesz) [o (nas|tym kanale)]
forget_all: (zapomnij|usun|skasuj|wymaz) (wszystko|o wszystkim|wszystkie wiadomosci|cala
    rozmowe|swoja pamiec|caly kanal) | zapomnij wszystko co (wiesz|powiedziano)
forget_me: zapomnij (mnie|o mnie|[wszystko] co (powiedzialem|powiedzialam)) | (usun|skasuj)
    [wszystkie] moje (wiadomosci|dane)
greeting: czesc | hej | siema | dzien dobry | dobry wieczor | witaj | witam | hejka | dobry
people: nellie | wszystkim | wszyscy | ekipo
thanks: dzieki | dziekuje | wielkie dzieki | dziekuje bardzo | dziekuje ci
extent: bardzo | wielkie | za pomoc
how: jak sie masz | co slychac | jak leci | co u ciebie | jak tam | wszystko w porzadku
bye: do (widzenia|zobaczenia|jutra) | pa | papa | na razie | dobranoc | milego dnia
praise: super | swietnie | dobra robota | brawo | ekstra
"""

RUSSIAN = """
polite: пожалуйста | плиз | привет | здравствуй | спасибо | ну | так | ок | нелли | nellie |
    быстро | кратко | вкратце | коротко | а | эй | слушай | давай | (можешь|могла бы|могла бы
    ты|сможешь|не могла бы) [ты] | ты можешь | (скажи|расскажи|подскажи|покажи|напомни|дай|сделай)
    [мне|нам] | (мне|нам) | рассказать | сказать | (хочу|хотел бы|хотела бы) знать | знаешь |
    доброе утро | добрый день | меня не было | я (болел|болела|был в отпуске|была в
    отпуске|отсутствовал|отсутствовала)
place: здесь | тут | в (этом|нашем) (канале|чате) | на этом канале | у нас | у вас
away: пока меня не было | пока я (отсутствовал|отсутствовала|спал|спала|был в отпуске|была в
    отпуске) | (в|за) (мое отсутствие|время моего отсутствия) | с тех пор | за это время | в
    последнее время | недавно | тем временем
catchup: что (мы|вы|они|все|остальные) (говорили|сказали|обсуждали|обсудили|писали|написали) | о чем
    (мы|вы|они|все) (говорили|разговаривали|беседовали) | что я
    (пропустил|пропустила|упустил|упустила) | (я|не) (пропустил|пропустила)
    что-(то|нибудь) | я что-(то|нибудь) (пропустил|пропустила) | (я|не) (пропустил|пропустила) ли
    [я] что-нибудь | что [тут|здесь]
    (произошло|случилось|происходило|было|происходит|творится|творилось) | что нового |
    (есть|какие) (новости|новое) | есть (что-то|что-нибудь) новое | о чем [тут|здесь]
    (говорили|шла речь|была речь|шел разговор) | что [тут|здесь]
    (обсуждали|говорили|сказали|обсуждалось) | введи меня в курс [дела] | ввести меня в курс
    [дела] | обнови меня
summary: [кратко] (подведи итог|подведи
    итоги|резюмируй|суммируй|подытожь|обобщи|перескажи|подытожить|суммировать|пересказать)
    [(эту|этот|эту всю|весь|всю|этого|этой|этому)
    (тред|ветку|беседу|разговор|дискуссию|обсуждение|чат|канал|ветки|беседы|обсуждения|разговора|треда)|(это|все)]
    | [краткое|краткий] (резюме|саммари|пересказ|сводка|итог) [(этой|этого)
    (ветки|беседы|треда|обсуждения|разговора)] | (сделай|дай) (резюме|саммари|сводку|пересказ)
    [(этой|этого) (ветки|беседы|треда|обсуждения|разговора)] | о чем (этот тред|эта ветка|эта
    беседа|этот разговор)
help: помощь | помоги [мне] | справка | хелп | что ты (умеешь|можешь) [делать] | что
    (умеешь|можешь) [делать] | как (ты работаешь|тобой пользоваться|это работает) | какие (есть|у
    тебя) команды | какие команды [есть|ты знаешь] | команды | чем ты можешь помочь | чем можешь
    помочь | о чем тебя можно спросить
who: кто ты [такая|такой] | ты кто [такая|такой] | что ты такое | кто такая (нелли|nellie) | как
    тебя зовут | ты (бот|робот|человек|настоящая|живая) | представься
memory: что ты (помнишь|знаешь|запомнила) [о (нас|этом канале|нашем разговоре)] | что помнишь
forget_all: (забудь|удали|сотри|очисти|стереть|удалить|забыть) (все|все сообщения|всю
    переписку|весь чат|[свою|всю] память|весь канал|все что (знаешь|было сказано|ты знаешь|ты
    помнишь))
forget_me: забудь (меня|обо мне|все обо мне|[все] что я
    (сказал|сказала|говорил|говорила|писал|писала)) | (удали|сотри) [все] мои (сообщения|данные)
greeting: привет | приветик | здравствуй | здравствуйте | доброе утро | добрый (день|вечер) | хай
    | здорово | салют | доброго времени суток
people: нелли | nellie | всем | ребята | народ | команда | друзья
thanks: спасибо | благодарю | спасибки | большое спасибо | спс | пасиб
extent: большое | огромное | тебе | за помощь | вам
how: как (дела|ты|поживаешь|жизнь|настроение) | как у тебя дела | что делаешь
bye: пока | до (свидания|встречи|завтра|скорого) | спокойной ночи | доброй ночи | удачи | всего
    доброго
praise: круто | отлично | молодец | супер | класс | хорошо | здорово | умница
"""

UKRAINIAN = """
polite: будь ласка | прошу | привіт | дякую | ну | ок | неллі | nellie | коротко | швидко | а |
    (можеш|могла б|чи можеш|чи могла б) [ти] | (скажи|розкажи|покажи|дай|зроби) [мені|нам] |
    (мені|нам) | хочу знати | доброго ранку | добрий день | мене не було
place: тут | (в|у) (цьому|нашому) (каналі|чаті) | на цьому каналі
away: поки мене не було | коли мене не було | за (моєї відсутності|час моєї відсутності) | відтоді
    | останнім часом | за цей час
catchup: що (ми|ви|вони|всі|усі) (казали|говорили|сказали|обговорювали|обговорили|писали) | про що
    (ми|ви|вони|всі|усі) (говорили|розмовляли) | що я (пропустив|пропустила) | чи
    (пропустив|пропустила) я щось | що [тут]
    (сталося|трапилося|відбулося|відбувалося|було|відбувається) | що нового | (є|які) (новини|щось
    нове) | про що [тут] (говорили|йшлося) | що [тут] (обговорювали|казали) | введи мене в курс
    [справи]
summary: (підсумуй|узагальни|підбий підсумок|підбий підсумки|перекажи) [(цю|цей|весь|всю)
    (тред|гілку|бесіду|розмову|дискусію|обговорення|чат|канал)|(це|все)] | [короткий|коротке]
    (підсумок|резюме|переказ) [(цієї|цього) (гілки|розмови|обговорення|треду)]
help: допомога | допоможи [мені] | довідка | що ти (вмієш|можеш) [робити] | як ти працюєш | які
    (є|у тебе) команди | команди | чим можеш допомогти
who: хто ти [така|такий] | ти хто | що ти таке | як тебе звати | ти (бот|робот|людина)
memory: що ти (пам'ятаєш|знаєш) [про нас]
forget_all: (забудь|видали|зітри) (все|усе|всі повідомлення|усю розмову|свою пам'ять)
forget_me: забудь (мене|про мене|[все] що я (сказав|сказала)) | видали [всі] мої
    (повідомлення|дані)
greeting: привіт | вітаю | доброго ранку | добрий (день|вечір|ранок) | здоров | доброго дня
people: неллі | nellie | всім | усім | друзі
thanks: дякую | дуже дякую | щиро дякую | спасибі
extent: дуже | тобі | за допомогу | велике
how: як (справи|ти|ся маєш) | як у тебе справи
bye: бувай | до (побачення|зустрічі|завтра) | на добраніч | добраніч
praise: чудово | молодець | супер | круто | добре
"""

GREEK = """
polite: παρακαλω | σε παρακαλω | γεια | γεια σου | ευχαριστω | λοιπον | οκ | nellie | νελι |
    συντομα | γρηγορα | (μπορεις|θα μπορουσες) [να] | (πες|δωσε|δειξε|κανε) (μου|μας) | μου
    (πεις|δωσεις) | να μου πεις | θελω να μαθω | καλημερα | ελειπα
place: εδω | (στο|σε αυτο το) καναλι | στη συζητηση | σε αυτο το τσατ
away: (οσο|ενω|οταν|καθως) (ελειπα|κοιμομουν|ημουν εκτος) | κατα την απουσια μου | απο τοτε |
    τελευταια | εν τω μεταξυ
catchup: τι (ειπαμε|λεγαμε|συζητησαμε|συζητησατε|συζητησαν|εχουμε πει|εχετε πει) [ολοι] | για τι
    (μιλησαμε|μιλησατε|μιλησαν|μιλουσαμε|συζητησαμε) | τι (εχασα|εχω χασει) | εχασα (κατι|τιποτα)
    | τι (εγινε|συνεβη|εχει γινει|εχει
    συμβει|γινεται) | τι νεα [υπαρχουν] | (υπαρχουν|καποια) νεα | τι καινουριο | τι
    (ειπωθηκε|συζητηθηκε|ειπατε|ειπαν) | ενημερωσε με | για τι μιλουσαν
summary: (συνοψισε|κανε περιληψη|κανε μια περιληψη|συνοψισε μου) [(αυτο το|αυτη τη|αυτην
    τη|το|τη|τη ν|την) (νημα|συζητηση|κουβεντα|καναλι)|αυτο|ολα|του νηματος|της συζητησης] | [μια]
    [συντομη] (περιληψη|συνοψη) [(του|της) (νηματος|συζητησης)]
help: βοηθεια | βοηθησε με | τι μπορεις να κανεις | τι κανεις για μας | τι ξερεις να κανεις | πως
    (λειτουργεις|δουλευεις) | εντολες | ποιες εντολες υπαρχουν
who: ποια εισαι | ποιος εισαι | τι εισαι | πως σε λενε | εισαι (ρομποτ|μποτ|ανθρωπος) | ποια ειναι
    η nellie
memory: τι (θυμασαι|ξερεις) [για μας]
forget_all: (ξεχασε|διαγραψε|σβησε) (τα παντα|ολα|τα ολα|ολα τα μηνυματα)
forget_me: ξεχασε (με|ο τι ειπα|οσα ειπα|ολα οσα ειπα) | (διαγραψε|σβησε) [ολα] τα μηνυματα μου
greeting: γεια | γεια σου | γεια σας | καλημερα | καλησπερα | χαιρετε
people: nellie | νελι | σε ολους | ολοι | παιδια
thanks: ευχαριστω | σ'ευχαριστω | σε ευχαριστω | ευχαριστω πολυ | να σαι καλα
extent: πολυ | για τη βοηθεια
how: τι κανεις | πως εισαι | πως παει | ολα καλα
bye: αντιο | τα λεμε | καληνυχτα | εις το επανιδειν
praise: τελεια | μπραβο | υπεροχα | ωραια
"""

TURKISH = """
polite: lutfen | merhaba | selam | tesekkurler | tesekkur ederim | hadi | peki | tamam | nellie |
    kisaca | hizlica | bana | bize | bir | acaba | simdi | (soyler|anlatir|verir|gosterir|yapar)
    (misin|misiniz) | (soyle|anlat|ver|goster) | (bilmek|ogrenmek) istiyorum |
    (soyleyebilir|anlatabilir|verebilir) misin | gunaydin | iyi gunler | yoktum |
    (izinde|tatilde|hasta)ydim
place: burada | (bu|su) (kanalda|sohbette|odada|grupta) | kanalda | buralarda
away: ben (yokken|uyurken|tatildeyken|izindeyken) | yokken | yoklugumda | son zamanlarda | o
    zamandan beri | bu arada | simdiye kadar | ben yokken
catchup: (ne|neler|neyi|neleri) (kacirdim|kacirdik|kacirmisim) | bir sey [mi] kacirdim [mi] |
    (ne|neler) (oldu|olmus|oluyor|olup bitti|yasandi|donuyor) | (ne|neler)
    (konusuldu|konustuk|konustunuz|konustular|dedik|dediniz|dediler|dendi|soylendi|yazildi) | [biz]
    (ne|neler) hakkinda konustuk | yeni (ne var|neler var|bir sey var
    mi) | ne var ne yok yeni | yenilik var mi | (son durum|gelismeler) [ne|neler|nedir] | beni
    (bilgilendir|guncelle) | beni bilgilendirir misin | kacirdiklarimi (anlat|ozetle) | neler
    oldugunu | ne oldugunu | ne kacirdigimi
summary: [(bu|su)
    (konuyu|konusmayi|sohbeti|tartismayi|kanali|baslig[i]|basligi|threadi|thread'i|ileti
    dizisini|yazismayi)|bunu|her seyi|konusmayi|sohbeti|tartismayi] (ozetle|ozetler
    misin|ozetleyebilir misin|ozetleyin|ozetini cikar) | [(bu|su)
    (konunun|konusmanin|sohbetin|tartismanin|kanalin)] [kisa] ozet[i] | (bu konusma|bu konu|bu
    baslik) ne hakkinda | (bu konusmanin|bu sohbetin|bu konunun|bu tartismanin) ozeti | ozet
help: yardim | yardim et | bana yardim et | ne[ler] yapabilirsin | (ne|neler)
    (yapabilirsin|yapabiliyorsun|biliyorsun) | nasil
    (calisiyorsun|calisirsin|kullanilir|kullanirim) | (hangi|ne) komutlar [var] | komutlar | nasil
    yardimci olabilirsin | sana ne sorabilirim
who: kimsin [sen] | sen kimsin | sen nesin | nesin [sen] | adin ne | (bot|robot|insan) misin |
    kendini tanit | nellie kim
memory: (ne|neler) hatirliyorsun | neyi hatirliyorsun
forget_all: (her seyi|hepsini|tum mesajlari|butun mesajlari|hafizani) (unut|sil|temizle|unutur
    musun|siler misin) | her seyi unutabilir misin
forget_me: beni unut | (soylediklerimi|soyledigim her seyi|yazdiklarimi|mesajlarimi|tum
    mesajlarimi|verilerimi) (unut|sil)
greeting: merhaba | merhabalar | selam | selamlar | gunaydin | iyi (gunler|aksamlar) | tunaydin |
    hey
people: nellie | herkese | arkadaslar | millet | ekip
thanks: tesekkurler | tesekkur ederim | sagol | sag ol | eyvallah | tsk
extent: cok | yardimin icin | her sey icin
how: nasilsin | nasilsiniz | naber | ne haber | nasil gidiyor | ne var ne yok | iyi misin
bye: gorusuruz | hosca kal | hoscakal | gule gule | iyi geceler | bay bay
praise: harika | super | aferin | cok iyi | bravo | guzel
"""
