"""Ordinary words of English talk about work, as stems: a capital letter makes them no name."""

import re

from bot.language.terms import stem

# Counted in public talk (Ubuntu IRC, meetings), with the usual words of software and offices.
_STEMS = """
    abil abl abov absolut academ accept access accid accident accommod accomplish accord
    account accredit accur accuraci achiev acknowledg acoust across act action activ actual
    adapt add addit address adequ adjust admin administr admit adopt advanc advantag advic
    advis affect afford afraid afternoon afterward against age agenda ago agre agreement
    agricultur ahead ahh ai aim air alert align alloc allow almost alon along alongsid alot
    alreadi alright alt altern although altogeth alway am amaz ambit ambiti
    american among amongst amount amplifi analysi analyst analyt analyz android anim announc
    annoy annual anonym anoth answer anticip anybodi anymor anyon anyth anyway anywher apach
    apart api apolog app appal appar appeal appear applet appli applic appoint appreci
    apprenticeship approach appropri approv approxim apt aptitud archiv area aren argu argument
    around arrang arriv arrow articl asap asid ask aspect aspir assembl assess asset assign
    assist associ assum assur asterisk attach attack attempt attend attent attitud attract
    audienc audio audit authent author auto autom automat automount autonom aux avail averag
    avoid awar away awesom b2b babi back backend background backport backspac backup bad bah
    balanc ball ban banana band bandwidth bank bar bare barrier base baselin basement bash basi
    basic batteri beauti becom bed beef beep beer began begin behalf behav behaviour behind
    belief believ bell below benchmark benefit besid best bet beta better between beyond big
    bigger biggest bill billion binari bind bio bird birthday bit black blank bleep blend
    blind block blow blue bluetooth board bodi bond book boot bootload border bore borrow boss
    bot both bother bottom bought bounc bound boundari box brain branch brand brb breach break
    breakfast breath bridg brief briefli bright bring british broad broadband broader
    broke broken brought browser btw buck budget bug build built bunch burden burn burner bus
    busi button buy bye byte cabinet cabl cach cake calcul call cam came camera campus canal
    cancel candid cannon cannot cap capabl capac capit captiv captur car carbon card care
    career carer carri case cash cat catch categori caus ccsm cd cdrom celebr cell
    cent center centr central ceo cert certain certif cetera cfo chain challeng chanc chang
    channel charact characterist charg charter chat cheap cheaper check cheer chees chequ chief
    child childcar children chines chip chipset chmod choic choos chose chown christma chrome
    chroot ci circl circuit circumst citi claim clap clarifi class classic clean clear clearer
    clever cli click client climat clip clock close closer cloud clue cluster cmd coach code
    codec coffe cold collabor colleagu collect colleg color colour column com combin come
    comfort command comment commerci commiss commit committe common communic communiti comp
    compani compar comparison compat competit competitor compil compiz complain complet complex
    complianc complic compon compress compromis comput con concept conceptu concern conclud
    conclus condit conduct confer confid config configur confirm conflict confus connect
    consensus consent consid consider consist consol constant constitu constitut constrain
    constraint construct consult consum contact contain content context contextu continu
    contract contractor contrast contribut control conveni convers convert convict convinc
    cooki cool copi cord core corner coronavirus corpor correct correspond corrupt cost couldn
    council count counterpart countri coupl cours court coven cover cow cpan cpu crack crap
    crash creat creativ credenti credit crime crimin crisi criteria criterion critic crm cron
    cross crucial crude css csv cto ctrl cube cue cultur cupboard curious current cursor curv
    custom cut cuz daemon daili damag damn danger dark darn dashboard data databas date
    daughter day db dead deadlin deal dealt dear death deb debian debt decad decent decid decis
    declin decor decreas dedic deem deep deeper deepli default defend deficit defin definit
    degre delay delet deliber deliv deliveri demand demo demograph demonstr deni dentist depart
    depend deploy deriv describ descript deserv design desir desk desktop despit destin detail
    detect detector determin dev develop devic dexter dhcp dial dialog dialogu dictionari didn
    die diff differ difficult difficulti dig digit digniti dilig dimens ding dinner dip dir
    direct director directori disabl disadvantag disagre disappear disappoint disast disc
    discours discuss disfmark disk display disput dist distanc distant distinct distinguish
    distribut distro divers dividend divis dmesg dns doc doctor document doesn dog dollar
    domain don donat done door dot doubl doubt download downsampl dozen dpkg dr drag draw drew
    dri drive driver drop dropbox drug dual dude due dump dunno durat duti dvd dynam dynamo
    earli earlier earth eas easi easier easiest easili easter eat echo econom economi edg edit
    editor educ effect effort ehm eight eighteen eighti either elabor elder elect electr
    electron element eleven elig elimin els elsewher email embed emerald emergenc emphas employ
    employe empti emul enabl encourag encrypt end endpoint energi engag engin english enjoy
    enough ensur enter entir entiti entrar entri environ environment eod eom equal equip
    equival eras erp err error especi essenti establish estat esteem estim eta etc etcetera
    ethernet eu european evalu evas even evening event eventu ever everi everybodi everyon
    everyth everywher evid evolut exact exampl excel except exchang excit exclud excus execut
    exempt exercis exist exit expand expect expenditur expens experi experienc explain explan
    explicit explor export expos express extend extens extent extern extra extract
    extraordinari extrem eye face facil fact factor fail failur fair fake fall fals famili
    familiar fan fanci faq far farm farmer fashion fast faster fault favor favour favourit
    fdisk feasibl featur fed feder fedora fee feed feedback feel fellow felt femal fewer fglrx
    field fifteen fifth fifti fight figur file filesystem fill filter final financ financi find
    fine finger finish fire firearm firefox firewal firm firmwar first fiscal fish fit five fix
    flag flash flat flexibl fli flight flip flood floor floppi flow fluxbox focus folder folk
    follow font foo food forc forecast foreign forese forget forgot form formal format former
    forth forti forum forward foster found foundat four fourth fragil frame framework fraud
    fraudul free freenet french frequenc friend front frontend fruit fruiti frustrat fstab ftp
    fuck fulfil full fulli fun function fund fundament funni further futur fyi gain game gap
    garag garden gas gateway gather gave gcc gconf gdm gedit gender general generat generic
    gentoo geograph german get gftp gift gig gimmick gimp git give given gksudo glad glitch
    global glxinfo gmailf gnome gnomemeet go goal god goe gone gonna good googl googleearth got
    gotta gotten govern governor gpart gpg gpu grab graduat grammar grammat grandchildren
    grandpar grant graph graphic great greater greatest green grep grey ground group grow
    growth grub gstreamer gtk guarante guess gui guid guidanc guidelin gun guy hadn haha half
    hall halt hand handi handl hang happen happi hard harddriv harder hardi hardwar harm
    harvest hasn hate haven hdd hdparm head header headphon headset health healthi hear heard
    heavi heh hehe held hell hello help hereditari heritag hey hidden hide high higher
    highlight himself hint histori hit hmm hmmm hoari hold holiday home homepag hon honest
    honour hook hope horribl hospit host hostnam hotel hotfix hour household howev howto hr hrm
    html http https huge huh human hundr hurt hybrid icon id ide idea ident identif identifi
    idiot ignor ill illeg imag imagin immedi impact implement implicit import imposs impress
    improv incent incid includ incom incorpor incorrect increas incred inde independ index
    indic individu industri inelig infer influenc info inform infrar infrastructur initi injuri
    innov input insert insid insist inspir instal instanc instead institut instruct insur
    integr intel intellig intend intent interact interchang interest interfac interfer
    intermedi intern internal internat internet interpret interrupt intrepid introduc introduct
    intuit invest investig invit invoic involv iot ip ipod iptabl irc irrit isn iso isol issu
    it italian italiano item itself jack jail japanes jaunti java job jog join joke joystick jr
    json jsut jump jurisdict jus kde keen keep kept kerbero kernal kernel key keyboard kick kid
    kill kind kinda kinet kit kitchen knew know knowledg known konvers kooldock kpi kubuntu lab
    label labour lack lake lan landlord languag lapel laptop larg larger largest last late
    latenc later latest lattic launch launcher law lay layer layout lead leader leadership leak
    learn learner least leav leaver led left legal legisl lemm length less lesson let letter
    level lib librari licens lie life light lighttpd like lilo limit line linguist link linux
    liquid list listen liter littl live livecd load loader loan local locat lock lockdown log
    logic login logo logout lol long longer look loop loos lose loss lost lot louder love low
    lower lshw lsusb luck lunch lvm mac machin machineri made madwifi magic mail main maintain
    major make makefil man manag mandrak mani manipul manner manual manufactur map marillat
    mark market mask massiv master match mate materi matter maximum may mayb mbr mean meant
    measur mechan media medic medium meet meithrin mel member memori men mental mention menu
    menus merg merger mess messag met metac metal methan method metric mic microphon
    microservic middl might migrat mike mile mileston militari million min mind mine minim
    minimum minist minor minus minut mismatch miss mistak mix mixer mkdir mkfs mmm mobil mode
    model modem modern modifi modprob modul moment money monitor month morn mortgag most mother
    motion mount mous mouth move movi mplayer mr mrs ms msg msn much multi multicast multifunct
    multimedia multipl multipli multivers music must mute myself mysql mythtv nah name nano nas
    nation nativ natti natur nautilus navig nda ndiswrapp near neat necessari necessarili need
    negat negoti neither net netgear netinstal network neural never new newbi newer news
    newslett next nfs nice night nimrod nine nineti nit nnn nobodi node nohup nois noisi nomin
    non none noob nope normal notat note notebook noth notic notion ntfs null number nvidia
    object oblig observ obvious occasion occur odd offer offic offici offlin offset offtop
    often oil ok okay okr old older omg onboard one oneir ongo onlin onto ontolog ooo oop open
    openoffic opensourc openssh oper opera opinion opportun oppos opposit option order organis
    organiz origin os oss other otherwis ought ourselv outag outbreak outcom outlin output
    outsid overal overlap overview own owner packag packet pad page paid pain paint pandem
    panel panic paper parallel paramet parent pariti park parlar pars parser part parti partial
    particip particular partimag partit partner partnership pass passport password past paste
    pastebin pastebinit patch patent path patient pattern paus pay payment payrol pc pci pdf
    pen pend pension peopl per percent percentag perfect perform perhap perinat period perman
    permiss persist person perspect petit phase phone phonem php phrase physic pick pictur
    pidgin piec pilot ping pink pipe pipelin pitch pkgs place plain plan plastic plate platform
    play playback player pleas pleasur plenti plug plugin plus plymouth plz pm point pointer
    polici polit poor pop popul popular pork port portabl portion posit possibl post postfix
    postpon potenti power ppa pr practic pre precis predic prefer prefix preliminari premier
    prepar present press pressur presum pretti prevent previous price primari principl print
    printer prior prioriti privat pro prob probabl problem problemat procedur proceed process
    processor procur produc product prof profession professor profil profit program programm
    progress prohibit project promis promot prompt pronoun pronunci proper properti propos
    proprietari protect protocol prototyp proud prove provid provinc provinci provis proxi pto
    public publish pull puls pulseaudio punctuat purchas pure purpl purpos pursu push
    pushbutton put python qa qualif qualifi qualiti quarter queri question questionnair questo
    queue quick quit quot rabbit rack radeon radio raid rais ram ran random rang rare rate
    rather ratio reach read readi real realis realist realiti realiz realli reason reassur
    reboot rebuild recal receiv recent recogn recognis recognit recommend reconfigur record
    recov recoveri recreat recruit recurs red reduc reduct refer reflect reform refresh refund
    refus regard regim region regist regress regul regular reinstal reject relat relationship
    releas relev relief remain remark rememb remind remit remot remov render rent reopen rep
    repair repeat replac repli replica repo report repositori repres represent request requir
    res reschedul rescu research reserv reset resid resili resiz resolut resolv resourc respect
    respond respons rest restart restor restrict result retrain retrospect return reveal
    reverber review revis rewrit rfc rich rid ride right ring rise risk roadmap robust rock
    role roll rollback room root rough round rout router rsync rub rubber rule run rural sad
    safe safeguard safeti said salari sale samba sampl sata satisfi save saw say scale scan
    scanner scenario schedul schema schemat scheme school scienc scope score scratch screen
    screenshot screw script scrivi scroll search season sec second secondari secret section
    sector secur sed see seek seem seen segment select self sell semant semest semi send sender
    senior sens sensibl sensit sensor sent sentenc senza separ seri serious serv servant server
    servic session set settlement setup seven seventeen seventi sever shall shape share sheet
    shelf shell shift ship shit shock shoot short shortag shortcut shorter shot shouldn show
    shown shut shutdown sick sid side sign signal signific silenc silent silli silver similar
    simpl simpler simpli simultan sinc singl sit site situat six sixteen sixti size skill skin
    skip skype sla sleek sleep slide slight slogan slot slow small smaller smart smbmount smell
    smooth snapshot social societi soft softwar solar solari soldier sole solid solo solut solv
    somebodi somehow someon someth sometim somewhat somewher sonor soon sorri sort sorta sound
    soundcard sourc space spanish spatial speak speaker spec special specif specifi spectral
    spectrum speech speed spell spend spent spin splash split spongi sport spous spread
    spreadsheet sprint sql squar sr ssd ssh ssl stabil stabl staff stage stand standard standup
    start startup startx stat state statement static statist status stay step stereo stick
    still stock stop storag store stori straight straightforward strateg strategi strawberri
    stream street strength strengthen stress strict string strong stronger structur struggl
    stuck student studi stuff stupid style sub subject subsidi substanti substitut subtract
    success suck sudden sudo sudoer suffer suffici suggest suicid suit suitabl sum summari
    summer sun supplement suppli support suppos sure surfac surpris survey suspect suspend
    sustain swap switch symbol symlink synapt sync synch syntact syntax synthesi syslog system
    systemd tab tabl tablet tail take taken talk tandem tap tape tar target task taskbar tast
    tax tba tbd tcp teach teacher team teamspeak teamwork tech technic techniqu technolog
    telephon teletext televis tell telnet templat tempor temporari temporarili ten tenant tend
    term termin terminolog terribl territori test testdisk text tha thank thanx theme themselv
    theori there therefor thesi thi thick thin thing thingi think third thirti tho though
    thought thousand thread three threshold throughout throughput throw thumb thunderbird thus
    thx tick ticket tie tight till time timeout tip tireless titanium titl tls today todo
    togeth token told tomorrow took tool top topic torrent total totem touch touchpad tough
    tourism tourist toward trace track trade tradit traffic traffick tragic train transcrib
    transcript transfer translat transmiss transmit transpar transport travel tree tremend
    trend trendi trey tri trick tricki trigger trillion trip trivial troubl troubleshoot true
    trust truth tune turn tutor tutori tv tweak twelv twenti twice two type typic typo
    ubuntuguid ugli ui uk ultim un unabl unaccept unam unavail uncertain uncertainti unclear
    uncompress understand understood undertak undertaken undo unfortun uni unicast uninstal
    union uniqu unit uniti univers universal universiti unknown unless unlik unplug unpreced
    unstabl unsupport unus updat upgrad upon upper upstart uqm url us usa usabl usag usb use
    useless user usernam usiamo usual utc util utter ux vacat valid valley valu var vari
    variabl varianc varieti various vat vbox veget vendor verb version versus vesafb via vibrat
    vice victim video view vim violat virgolett virtual virtualbox virtualis virus visa visibl
    vision visit vista visual visudo vital vlc vmware vnc vocabulari vocalsound voic volum
    volunt voluntari vpn vs vulner vuoi wage wait wake walk wall wan wanna want warehous warn
    warti wasn wast watch wave way weapon wear weather web webcam webhook webpag websit wed
    week weight weird welcom well went weren wget wha whatev wheel whenev wherea whether
    whichev whilst whistl white whiteboard whoever whole wide wider width wifi wiki will win
    wind window wine wire wireless wireshark wise wish within without wizard women won wonder
    wood word work workaround worker workforc workspac world worri wors worst worth wouldn wow
    wrap write written wrong wrote wtf wubi xchat xfce xml xorg xserver xubuntu yea year yellow
    yep yesterday yet young younger your yourself youth yup zap zero zip zone
"""
ORDINARY = frozenset(_STEMS.split())
_DERIVED = re.compile(r"^(?:re|un|pre|non|sub|co|auto|multi|over|under|inter)-?(?=[a-z]{4})")


def is_ordinary(word: str) -> bool:
    """Whether a folded English word is no name, whatever its first letter."""
    return stem(word) in ORDINARY or stem(_DERIVED.sub("", word)) in ORDINARY
