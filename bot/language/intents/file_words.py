"""How people ask for the summary of a file, in the languages of `reading` (form: `phrases`)."""

from bot.language.intents.phrases import Language

ENDINGS = frozenset(
    [
        "pdf",
        "doc",
        "docx",
        "odt",
        "rtf",
        "xls",
        "xlsx",
        "ods",
        "csv",
        "ppt",
        "pptx",
        "odp",
        "html",
        "htm",
        "md",
        "txt",
        "json",
        "eml",
        "zip",
    ]
)

_ENGLISH = """
sums: summarize | summarise | recap | outline | condense | sum [(it|this|that)] [up] |
    (summary|summaries|gist|overview|rundown|synopsis|abstract|tldr|tl-dr|essence|highlights|takeaways|
    key-points|main-points|key-takeaways|short-version) [(of|from)]
asks: what (is|are|does|do) | what's
files:
    (file|files|document|documents|doc|docs|attachment|attachments|spreadsheet|slides|deck|presentation)
fill: up | the | a | an | this | that | these | those | of | from | in | on | for | by | about | all
    | whole | entire | it | above | attached | latest | last | newest | recent | me | us | my | our
    | i | we | was | is | has | have | had | just | posted | shared | uploaded | sent | dropped |
    put | which | say | says | contain | contains | cover | covers | to | with | short | brief |
    quick | give | get | write | make | send | show | tell | draw | named | called | need | want |
    and | do | does | 's
"""
_GERMAN = """
sums: (fass|fasse|fasst) | zusammenfassen | zusammengefasst | (Zusammenfassung|Kurzfassung
    |Überblick|Kernaussagen|Kernpunkte|Quintessenz|Inhaltsangabe|Kurzüberblick)
asks: worum geht [(es|'s)] | was (steht|sagt) | wovon handelt
files:
    (Datei|Dateien|Dokument|Dokumente|Dokuments|Anhang|Anhangs|Anhänge|Tabelle|Präsentation|Folien)
    | pdf-Datei
fill: zusammen | die | der | das | den | dem | des | diese | dieser | dieses | diesen | diesem | ein
    | eine | einen | einer | eines | im | in | von | vom | aus | zu | zur | zum | über | mir | uns |
    mal | kurz | kurze | kurzen | ganz | ganze | ganzen | gepostet | geteilt | hochgeladen |
    geschickt | angehängt | angehängte | angehängten | hat | habe | hast | ist | wurde | welche |
    welches | obige | letzte | letzten | neueste | es | drin | darin | gib | gibst | mach | mache |
    erstelle | schreib | schreibe | zeig | brauche | ich | wir
"""
_FRENCH = """
sums: résume | résumez | résumer | (résumé|synthèse|aperçu|récapitulatif|sommaire) | l'essentiel |
    points (clés|principaux)
asks: de quoi (parle|traite) | que (dit|contient) | qu'est-ce que dit
files: (fichier|fichiers|document|documents|pièce-jointe|tableur|présentation|diapositives)
fill: le | la | les | l | ce | cet | cette | ces | un | une | du | de | des | d | en | dans | par |
    sur | moi | nous | me | m | fais | faites | donne | donnez | écris | tout | toute | entier |
    court | bref | posté | partagé | envoyé | publié | déposé | joint | que | qui | a | est | ai |
    dernier | dernière | ci-dessus | il | je | veux | voudrais
"""
_SPANISH = """
sums: resume | resúmeme | resumen | resumir | resumas | resúmenos | sintetiza |
    (resumen|síntesis|sinopsis) | puntos (clave|principales) | lo (esencial|principal)
asks: de qué (trata|va|habla) | qué (dice|contiene)
files: (archivo|archivos|documento|documentos|fichero|adjunto|hoja|presentación|diapositivas)
fill: el | la | los | las | este | esta | ese | esa | un | una | del | de | en | por | sobre | me |
    nos | haz | hazme | dame | danos | da | escribe | todo | toda | entero | breve | corto | publicó
    | compartió | subió | envió | mandó | adjuntó | que | ha | he | es | último | última | de-arriba
    | quiero | necesito
"""
_PORTUGUESE = """
sums: resume | resuma | resumir | resumas | sintetiza | sintetize | (resumo|síntese|sumário) |
    pontos (principais|chave) | o essencial
asks: do que (trata|fala) | sobre o que é | o que (diz|contém)
files: (arquivo|arquivos|documento|documentos|ficheiro|ficheiros|anexo|planilha|apresentação|slides)
fill: o | a | os | as | este | esta | esse | essa | um | uma | do | da | dos | de | em | no | na |
    por | sobre | me | nos | faz | faça | faz-me | dá | dê | dá-me | escreve | escreva | todo | toda
    | inteiro | breve | curto | postou | partilhou | compartilhou | enviou | mandou | anexou |
    publicou | que | foi | é | último | última | acima | quero | preciso
"""
_ITALIAN = """
sums: riassumi | riassumere | riassumimi | riassumici | sintetizza |
    (riassunto|sintesi|sunto|riepilogo|sommario) | punti (chiave|principali) | l'essenziale
asks: di (cosa|che) (parla|tratta) | (cosa|che cosa) (dice|contiene)
files: (file|documento|documenti|allegato|allegati|foglio|presentazione|diapositive)
fill: il | lo | la | i | gli | le | l | questo | questa | quel | quello | un | una | del | dello |
    della | di | nel | in | da | su | sul | mi | ci | fai | fammi | facci | dammi | dai | scrivi |
    tutto | tutta | intero | breve | postato | condiviso | inviato | mandato | caricato | pubblicato
    | allegato | che | ha | ho | è | ultimo | ultima | sopra | voglio
"""
_DUTCH = """
sums: vat [samen] | samenvatten | (samenvatting|overzicht|kern|hoofdpunten|kernpunten)
asks: waar gaat | wat (staat|zegt)
files: (bestand|bestanden|document|documenten|bijlage|bijlagen|spreadsheet|presentatie|dia's)
fill: samen | de | het | een | dit | deze | dat | die | van | uit | in | door | over | mij | me |
    ons | geef | maak | schrijf | hele | heel | kort | korte | eens | even | gepost | gedeeld |
    geplaatst | gestuurd | geüpload | heeft | heb | is | laatste | nieuwste | bovenstaande | er | ik
    | wil
"""
_SCANDINAVIAN = """
sums: sammanfatta | sammanfattning | sammanfattningen | oppsummer | oppsummering | opsummer |
    opsummering | sammenfat | resumé | resumé af | sammendrag | överblick | oversigt | hovedpunkter
    | huvudpunkter | hovedpunktene
asks: vad handlar | hva handler | hvad handler | vad (står|säger) | hva (står|sier) | hvad
    (står|siger)
files:
    (filen|fil|filer|dokumentet|dokument|bilagan|bilaga|vedlegget|vedlegg|bilaget|bilag|presentationen|presentasjonen|
    præsentationen|kalkylarket|regnearket)
fill: den | det | de | denna | detta | denne | dette | en | ett | et | av | af | i | på | om | från
    | fra | mig | meg | mej | oss | os | ge | gi | giv | gör | lag | lav | skriv | hela | hele |
    kort | som | har | la | lade | postade | postet | delade | delte | skickade | sendte | laddade |
    lastet | upp | opp | op | senaste | siste | seneste | ovan | här | her
"""
_POLISH = """
sums: podsumuj | podsumować | streść | streścić | podsumowanie | podsumowania | streszczenie |
    streszczenia | skrót | najważniejsze [(punkty|informacje)]
asks: o czym jest | co (mówi|zawiera) | co jest w
files:
    (plik|pliku|pliki|dokument|dokumentu|dokumenty|załącznik|załącznika|arkusz|arkusza|prezentację|prezentacji)
fill: ten | tego | tę | tej | to | ta | w | z | ze | od | przez | na | o | mi | nam | zrób | daj |
    napisz | cały | całego | krótkie | krótko | który | którą | które | wysłał | wysłała | wrzucił |
    wrzuciła | udostępnił | udostępniła | dodał | dodała | ostatni | ostatniego | jest | chcę
"""
_TURKISH = """
sums: özetle | özetler | özetleyebilir | özetlesene | özet | özeti | özetini | özet-çıkar | ana
    (hatları|noktaları)
asks: ne (anlatıyor|diyor|hakkında) | konusu ne
files:
    (dosya|dosyayı|dosyanın|dosyası|dosyasını|belge|belgeyi|belgenin|belgesini|ek|eki|ekin|pdf'i|pdf'in|sunum|sunumu|
    tablo|tabloyu)
fill: bu | şu | o | bir | bana | bize | çıkar | ver | yaz | yap | misin | mısın | musun | tüm |
    bütün | kısa | kısaca | paylaştığı | attığı | gönderdiği | yüklediği | eklediği | son |
    yukarıdaki | deki | daki | in | ın | un | ı | i | yi
"""
_VIETNAMESE = """
sums: tóm tắt | tóm lược | bản tóm tắt | ý chính | điểm chính | nội dung chính | tổng kết
asks: nói (về) gì
files: (tệp|tập tin|file|tài liệu|văn bản|đính kèm|bảng tính|bài thuyết trình)
fill: này | đó | kia | của | cho | tôi | chúng tôi | mình | trong | từ | do | bởi | đã | vừa | đăng
    | gửi | chia sẻ | tải lên | mà | hãy | giúp | một | cái | ngắn | gọn | toàn bộ | mới nhất | về |
    là | viết
"""
_RUSSIAN = """
sums: суммируй | резюмируй | обобщи | подытожь | перескажи | сократи | (краткое|короткое)
    (содержание|изложение) | содержание | резюме | суть | саммари | выжимка | выжимку | обзор |
    пересказ | главное
asks: о чём | о чем | что (говорит| сказано|написано)
files:
    (файл|файла|файле|файлы|документ|документа|документе|документы|вложение|вложения|вложении|таблицу|таблицы|
    презентацию|презентации|пдф)
fill: этот | этого | этом | эту | этой | это | тот | того | весь | всего | из | в | во | от | по | с
    | мне | нам | дай | дайте | сделай | сделайте | напиши | напишите | кратко | коротко | который |
    которого | которую | что | выложил | выложила | прислал | прислала | отправил | отправила |
    скинул | скинула | загрузил | загрузила | последний | последнего | говорится | идёт | идет |
    речь | есть | он | она | нужно | хочу
"""
_UKRAINIAN = """
sums: підсумуй | узагальни | резюмуй | перекажи | підсумок | резюме | стислий зміст | короткий зміст
    | зміст | суть | огляд | головне
asks: про що | що (говорить|написано|сказано)
files:
    (файл|файлу|файлі|файли|документ|документа|документі|документи|вкладення|таблицю|таблиці|презентацію|презентації|пдф)
fill: цей | цього | цьому | цю | цієї | це | той | того | весь | з | із | у | в | від | по | мені |
    нам | дай | дайте | зроби | зробіть | напиши | коротко | стисло | який | якого | яку | що |
    виклав | виклала | надіслав | надіслала | скинув | скинула | завантажив | завантажила | останній
    | останнього | йдеться | є | хочу
"""
_GREEK = """
sums: συνόψισε | συνοψίστε | συνοψίσεις | περίληψη | σύνοψη | κύρια σημεία | βασικά σημεία |
    επισκόπηση
asks: τι (λέει|γράφει| περιέχει) | για τι μιλάει
files: (αρχείο|αρχείου|αρχεία|έγγραφο|εγγράφου|συνημμένο|συνημμένου|παρουσίαση|παρουσίασης|πίνακα)
fill: το | του | την | της | τον | τα | αυτό | αυτού | αυτή | αυτήν | ένα | μια | μία | από | σε |
    στο | στην | μου | μας | κάνε | κάνεις | δώσε | δώσεις | γράψε | όλο | σύντομη | σύντομα | που |
    ανέβασε | έστειλε | μοιράστηκε | δημοσίευσε | τελευταίο | έχει | είναι | θέλω
"""
_JAPANESE = """
sums: 要約 | まとめて | まとめ | 概要 | 要点 | サマリー | あらすじ
asks: 何が書いて | 何について
files: ファイル | 文書 | 資料 | ドキュメント | 添付 | スプレッドシート | スライド | プレゼン
fill: この | その | あの | を | の | が | は | で | に | と | も | へ | して | する | くれ |
    ください | 下さい | お願い | します | できます | できる | か | 教えて | 短く | 簡単 | 全体 |
    最新 | 上 | さん | くん | 投稿 | 共有 | 送った | 送って | 貼った | アップロード | アップ | した
    | された | しました | あります | ある | 書かれて | います | いる | 内容 | 何 | 欲しい | ほしい |
    い | な
"""
_KOREAN = """
sums: 요약 | 정리 | 개요 | 핵심 | 줄거리 | 요점
asks: 무슨내용 | 뭐라고
files: 파일 | 문서 | 첨부 | 자료 | 슬라이드 | 발표 | 스프레드시트
fill: 이 | 그 | 저 | 을 | 를 | 은 | 는 | 의 | 에 | 가 | 로 | 좀 | 해 | 줘 | 주세요 | 주실래요 | 줄래
    | 줄 | 수 | 있어 | 있나요 | 내용 | 전체 | 짧게 | 간단히 | 간단하게 | 최신 | 위 | 씨 | 님 | 올린
    | 보낸 | 공유한 | 게시한 | 업로드한 | 한 | 알려 | 부탁 | 드려요 | 드립니다 | 합니다 | 인가요 |
    있는 | 서 | 다 | 요
"""
_CHINESE = """
sums: 总结 | 總結 | 概括 | 摘要 | 概述 | 概要 | 归纳 | 歸納 | 梳理 | 要点 | 要點 | 主要内容 |
    主要內容 | 大意
asks: 讲了什么 | 說了什麼 | 说了什么 | 讲什么 | 说什么 | 写了什么
files: 文件 | 文档 | 文檔 | 附件 | 资料 | 資料 | 表格 | 幻灯片 | 簡報 | 演示文稿
fill: 这个 | 这份 | 这篇 | 那个 | 那份 | 這個 | 這份 | 个 | 份 | 的 | 一下 | 请 | 請 | 帮 | 幫 | 我
    | 我们 | 给 | 給 | 把 | 发 | 發 | 上传 | 上傳 | 分享 | 里 | 中 | 上面 | 最新 | 刚才 | 刚刚 | 吗
    | 做 | 写 | 了 | 出 | 全文 | 整个 | 简单 | 简短 | 想要 | 一个 | 内容 | 这 | 那 | 下 | 能 | 可以
    | 你 | 吧
"""
_HINDI = """
sums: सारांश | सार | संक्षेप | संक्षिप्त | मुख्य (बातें|बिंदु) | निचोड़
asks: क्या (लिखा|कहती|कहता|कहा)
files: (फाइल|फ़ाइल|दस्तावेज|दस्तावेज़|अटैचमेंट|पीडीएफ|स्लाइड|प्रस्तुति|स्प्रेडशीट)
fill: इस | यह | उस | वह | का | की | के | को | में | से | ने | पर | मुझे | हमें | दो | दें | दीजिए |
    दे | करो | करें | कर | बताओ | बताइए | बताएं | बनाओ | पूरी | पूरा | जो | भेजी | भेजा | डाली |
    डाला | साझा | अपलोड | पोस्ट | गई | गया | है | हैं | हुई | हुआ | आखिरी | नई | एक | छोटा | चाहिए
"""
_ARABIC = """
sums: لخص | لخصي | لخصوا | تلخيص | تلخص | تلخصي | ملخص | ملخصا | خلاصة | موجز | نبذة | أهم
    (النقاط|ما) | النقاط الرئيسية
asks: ماذا (يقول|تقول|يوجد|ورد) | عن ماذا (يتحدث|تتحدث) | عم (يتحدث|تتحدث)
files: (ملف|الملف|للملف|ملفات|مستند|المستند|للمستند|وثيقة|الوثيقة|مرفق|المرفق|العرض|الجدول|pdf)
fill: هذا | هذه | ذلك | تلك | ال | في | من | عن | على | إلى | لي | لنا | أعطني | أعطيني | اعطني |
    اكتب | اكتبي | قدم | كل | كامل | قصير | مختصر | الذي | التي | نشره | نشرته | شاركه | شاركته |
    أرسله | أرسلته | رفعه | رفعته | الأخير | أعلاه | أريد | فيه | فيها | إلي
"""
_HEBREW = """
sums: סכם | סכמי | תסכם | תסכמי | לסכם | סיכום | תקציר | תמצית | תמצת | תמצתי | עיקרי | עיקרי
    (הדברים) | הנקודות העיקריות
asks: מה (כתוב|אומר|אומרת|יש) | על מה
files: (קובץ|הקובץ|קבצים|מסמך|המסמך|מסמכים|הצרופה|צרופה|הנספח|המצגת|מצגת|הגיליון|ה-pdf)
fill: את | של | ב | ה | הזה | הזאת | הזו | זה | זאת | לי | לנו | תן | תני | תעשה | תעשי | עשה | עשי
    | כתוב | כתבי | כל | קצר | בקצרה | ש | שפרסם | שפרסמה | ששלח | ששלחה | ששיתף | ששיתפה | שהעלה |
    שהעלתה | האחרון | האחרונה | לעיל | מדבר | מדברת | בתוך | רוצה | צריך
"""

_SPACED = (
    *(_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _PORTUGUESE, _ITALIAN, _DUTCH, _SCANDINAVIAN),
    *(_POLISH, _TURKISH, _VIETNAMESE, _RUSSIAN, _UKRAINIAN, _GREEK),
)
FILE_WORDS = (
    *map(Language, _SPACED),
    *(Language(one, spaced=False) for one in (_JAPANESE, _KOREAN, _CHINESE)),
    *map(Language, (_HINDI, _ARABIC, _HEBREW)),
)
"""In the order of `languages.LANGUAGES`, which say what letters they have."""
