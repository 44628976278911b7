"""Names that many people, places and products have: in some scripts nothing else shows a name."""

from bot.language.folding import fold_values
from bot.language.name_forms import are_forms

# First names that are no ordinary word of a large language, also when written small.
_FIRST_NAMES = """
    aaron abdul abigail adrian agnes ahmed aisha albert alberto alejandro alessandro alex
    alexander alexandra alexey alice alicia alina amanda amelie amina amy anastasia andrea andreas
    andrei andres andrew andrey andrzej angela angelica anita anna annika anthony antoine anton
    antonio archie arjun arnold arthur arturo astrid ayse barbara bastien beatrice beatriz benedikt
    benjamin bernard bernd bertrand bjorn bob boris brandon brenda brian carl
    carla carlos carol carolina caroline cathy catherine cecilia cedric celine charlotte chloe chris
    christian christina christine christoph christopher cindy claudia connor craig cristina cynthia
    damian daniel daniela danielle darren dave david deborah debra denise dennis derek diana diego
    dieter dimitri dmitri dmitry dominik donald donna doris dorothea dorothy douglas dylan eduardo
    edward eileen elena eleanor elias elif elisa elisabeth elizabeth ellen elsa emil emilia emily
    emma emre enrique eric erika ernesto esteban esther eugenia eva evelyn fabian fabio fatima
    federico felipe felix fernanda fernando filip florian francesca francesco francisco francois
    franz frederic frederik fritz gabriel gabriela gareth gary geoffrey georg george gerald
    gerard gerhard giorgos giovanni giulia giuseppe gonzalo gordon greg gregory greta gudrun
    guillaume guillermo gunther gustavo hannah hanna harald harold harry hassan heather heidi
    heike heinrich helen helena helene helga helmut hendrik henrik henry herbert hermann horst
    howard
    hugo ignacio igor ingrid irene irina isaac isabel isabella isabelle ivan jacob jacqueline
    jacques
    jakob jakub james jamie janet janice jason javier jeff jeffrey jennifer jenny jens jeremy
    jessica
    jill jim joachim joanna joaquin joe joel joerg johan johanna johannes john johnny jonas jonathan
    jorge josef jose joseph joshua juan judith julia julian juliana julie julien jurgen
    justin
    justyna kai karl karla kasia katarina kate katharina katherine kathleen kathryn katja
    katrin keith kelly kenneth kevin khalid kimberly klaus konstantin kostas krzysztof kyle
    lars
    laura lauren laurent lena leonard leonardo leonie leticia liam linus lisa lorenzo louis
    louise luca lucas lucia luciana ludwig luis luisa lukas luke lydia magdalena mallory manfred
    manuel manuela marcel marcela marcelo marcin marco marcus margaret margarita mariana marek
    marianne mario markus martha martin martina marvin mary mateo matheus mathias mathieu
    matteo
    matthew matthias maurice mauricio maxim maximilian megan mehmet melanie melissa michael michaela
    michal michel michelle miguel mikhail mirko mohamed mohammed monica monika moritz mustafa nadia
    nadine nancy natalia natalie natasha nathan nicholas nick nicolas nicole nikita nikola nikolai
    nikos nina noah nora norbert olaf oleg olga oliver olivia olivier oscar oskar pablo
    pamela patricia patrick patrik paul paula pavel pawel pedro peggy penelope peter petra philip
    philipp philippe piotr priya przemek rachel rafael rahul rainer rajesh ralf ralph ramon
    raul rebecca renata renate ricardo richard rita robert roberta roberto rodrigo roger
        ronald rosemary roxana rudolf ruth ryan sabine sabrina salvador samantha
    samuel
    sandra santiago sarah sascha scott sebastian selin sergei sergey sergio shannon sharon
    sheila silke silvia simon sofia sonja sophia sophie stacy stanislav stefan stefanie
    steffen
    stephanie stephen steve steven stuart susan susanne sven svetlana sybil sylvia tamara tanja
    tatiana
    teresa theodor theresa thiago thomas thorsten tiffany tim timothy tobias todd tomas tomasz
    tony torsten trent tristan trudy tyler ulrich ulrike ursula uwe valentina vanessa veronica
    veronika victor viktor vincent vincenzo virginia vladimir walter wanda wendy
    werner wilhelm william wojciech wolfgang xavier yannick yasmin yolanda yosef yuki yuri yusuf
    yves
    yvette yvonne zachary zeynep zoe zofia
"""
# Names that show by their capital letter alone: family names, places, firms, products.
_CAPITAL_NAMES = """
    alvarez andersen anderson bernard bianchi clark davis dubois dupont
    durand
    fernandez ferrari garcia gomez gonzalez gutierrez hansen hartmann hernandez hofmann
    hoffmann huber ivanov jackson jansen jensen johansson johnson jones kaya     kowalski
    krause krueger kruger lambert larsen lefebvre lehmann leroy lewis lopez maier martinez mayer
    meier
    meyer miller moreau moreno muller neumann nguyen nielsen nowak oliveira papadopoulos pereira
    perez
    petrov ramirez ramos rivera rodriguez romero rossi russo sanchez santos schmid
    schmidt schmitt schroder schulz schulze schuster silva smirnov smith sousa
    sokolov souza taylor thompson torres vargas walker williams wilson
    wright yilmaz amsterdam ankara athen athens austria barcelona basel belgium berlin bern bonn
    brasilia bremen
    brussels budapest cairo canada chicago china cologne copenhagen dresden dubai dublin dusseldorf
    england europa europe florenz france frankfurt france geneva genf germany hamburg hannover hanoi
    helsinki india ireland israel istanbul italy japan kiew kyiv koln leipzig lisbon lissabon london
    luxemburg lyon madrid mailand manchester marseille mexico moscow moskau mumbai munchen munich
    nurnberg osaka oslo oxford paris peking poland portugal prag prague russia saigon schweiz
    seoul
    shanghai singapore spain stockholm stuttgart sweden sydney texas tokyo toronto toulouse turin
    turkey ukraine valencia venedig vienna warsaw warschau washington wien zurich
    adobe airbnb airtable alibaba amazon android ansible apache apple asana atlassian aws azure
    backblaze bitbucket bitwarden chrome circleci cisco clickhouse cloudflare cloudfront confluence
    datadog debian dell digitalocean discord docker dropbox elasticsearch excel facebook fastly
    fedora
    figma firebase firefox gcp github gitlab gmail google grafana hashicorp heroku hetzner hubspot
    ibm instagram intel intellij ionos jenkins jira kafka keycloak kibana kubernetes lenovo
    linkedin linode
    mailchimp mailgun mariadb mattermost microsoft minio mongodb mysql netflix netlify nextcloud
    nginx
    nintendo notion nvidia okta openai oracle outlook ovh pagerduty paypal postgres postgresql
    powerpoint prometheus pytorch rabbitmq redis salesforce samsung sentry shopify slack snowflake
    spotify sqlite stripe supabase synology telegram terraform tesla trello twilio twitter ubuntu
    vercel vmware whatsapp wikipedia wordpress youtube zabbix zalando zendesk
    agnieszka ahmet aleksandra burak carmen fatma ines jack jean joana joao kumar lucie maciej
    malgorzata marie merve murat nuno piotr raj rui tiago tomek vitor wei
    adam alan bianca bruno camille erik fred gloria hans jordan karin kurt leon maria marta nils
    pierre regina roland simone victoria
"""
# The same in Cyrillic and Greek.
_CAPITAL_NAMES_ELSEWHERE = """
    александр алексей анатолий андрей анна антон арсений артём борис вадим валентин валерий василий
    виктор
    виталий владимир вячеслав галина геннадий георгий григорий дарья денис дмитрий евгений
    екатерина елена
    иван игорь илья инна ирина кирилл константин ксения лариса людмила максим маргарита марина мария
    михаил надежда наталья николай никита оксана олег ольга павел пётр полина роман светлана семён
    сергей
    станислав степан татьяна тимур фёдор юлия юрий яков ярослав иванов петров сидоров смирнов
    кузнецов
    москва петербург казань самара новосибирск екатеринбург пермь киев минск сбербанк яндекс мегафон
    женя саша вова маша даша катя таня лена наташа оля юля аня настя ира костя миша дима серёжа
    паша лёша
    коля толя витя петя ваня гриша рома люба галя тимофей назар богдан уляна соломія ярина
    андрій олександр олексій дмитро сергій микола михайло василь володимир наталія ірина олена юлія
    тарас
    богдан остап петро катерина оксана тетяна шевченко коваленко бондаренко київ львів одеса харків
    дніпро
    γιωργος γιαννης νικος κωστας δημητρης παναγιωτης βασιλης χρηστος μαρια ελενη κατερινα σοφια αννα
    αλεξανδρος μιχαλης θανασης σπυρος πετρος αντωνης ευαγγελια ιωαννα δεσποινα παπαδοπουλος αθηνα
    θεσσαλονικη πατρα ηρακλειο
"""
# First and family names in scripts that have no capital letters.
_CASELESS_NAMES = """
    田中 鈴木 佐藤 高橋 渡辺 伊藤 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 斎藤
    清水 山崎 池田
    橋本 阿部 石川 前田 藤田 岡田 後藤 長谷川 村上 近藤 遠藤 青木 坂本 福田 太郎 花子 健太 美咲
    陽子 翔太
    김민수 박지훈 이서연 민수 지훈 서연 민준 하은 서준 예준 도윤 수빈 지민 현우 준호 영희
    철수 민지
    은지 수진 지영 미영 성호 동현 재현 유진 혜진 태현 승민 정훈 상훈 소영
    王伟 王芳 李伟 李娜 李雷 韩梅梅 张伟 张敏 刘洋 刘伟 陈静 陈伟 杨洋 赵磊 赵敏 黄强 周杰 吴磊
    徐静 孙丽 马超
    胡军 朱琳 郭靖 何洁 林涛 罗敏 小明 小红 小王 小李 小张 小刘 小陈 小赵 老王 老李 老张 老刘 老陈
    老赵
    محمد احمد محمود مصطفى خالد يوسف ابراهيم حسين طارق ماجد سلمان عبدالله فيصل هشام
    رامي زياد فاطمة عائشة مريم زينب خديجة ليلى سارة سلمى دينا ياسمين نورة منصور
    דנה יוסי משה שרה רחל יעקב אברהם דניאל מיכל נועה תמר יונתן איתי רונית אורי גלית
    ליאור אלון
    יעל רבקה שלמה שמעון אסתר מרים עידו
    राज अमित प्रिया राहुल सुनील अनिल संजय रवि सीता गीता नेहा अंजलि सुरेश रमेश महेश दिनेश
    मोहन
    सोहन दीपक सुनीता अर्जुन रोहन रोहित मनोज राजेश मीना श्याम शर्मा वर्मा गुप्ता
"""
FIRST_NAMES = frozenset(map(fold_values, _FIRST_NAMES.split()))
CAPITAL_NAMES = FIRST_NAMES | frozenset(map(fold_values, _CAPITAL_NAMES.split()))
_INFLECTED: dict[str, list[str]] = {}
for _name in map(fold_values, _CAPITAL_NAMES_ELSEWHERE.split()):
    _INFLECTED.setdefault(_name[:2], []).append(_name)
CASELESS_NAMES = frozenset(map(fold_values, _CASELESS_NAMES.split()))


def is_capital_name(folded: str) -> bool:
    """Whether a word with a capital letter is the name of many people, of a place or a product."""
    return folded in CAPITAL_NAMES or any(
        len(folded) > 3 and are_forms(folded, name) for name in _INFLECTED.get(folded[:2], ())
    )
