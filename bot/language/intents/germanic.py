"""Phrases of English, German, Dutch and the Scandinavian languages (see `phrases` for the
form)."""

ENGLISH = """
polite: please | in (a few|some|three|five) (lines|words|sentences) | in one (line|sentence) | pls
    | plz | kindly | hey | hi | hello | hiya | yo | ok | okay | so | well | now | just | um |
    sorry | quickly | briefly | quick question | real quick | in short | thanks | thank you | thx
    | cheers | for me | again | a bit | good (morning|afternoon|evening) | there | nellie |
    (could|can|would) (you|u) | would you mind | (could|can|may) i (get|have|see) | let me know |
    (do|could|can) you know | (tell|show|give|send|remind) (me|us) | (i'd|i would) (like|love) to
    know | (may|might) i (ask|know) | i (want|need|wanted) to know | (i'd|i would) like | i wonder
    | i've been wondering | i
    was (away|out|off|gone|offline|asleep|sick|on (vacation|holiday|leave)) | i (am|'m) back | i'm
    back | (i have|i've|i) just (woke up|got (back|here)) | any chance | if you (can|could|do not
    mind|don't mind)
place: here | in (here|this channel|the channel|this chat|the chat|this room|the room|this
    group|this server) | around here | on this channel | in general | with (us|you
    guys|everyone|everybody) | overall
away: (while|when|since|as|because) i (was|have been|had been|'ve been|left|went)
    [away|out|off|gone|offline|asleep|sick|sleeping|on (vacation|holiday|leave|sick leave)|to
    (bed|sleep|lunch)|not (here|around)|last here] | (during|in) my
    (absence|vacation|holiday|leave) | since my last (visit|message|post) | so far | lately |
    recently | since i (was last here|last spoke|last wrote|last said something|last looked|last
    checked) | since then | in the meantime | meanwhile | until now | in the past
catchup: (what'd|what would) i miss | what (may|might|could|would|will) i have missed | [(is|was)
    there] anything [that] i (may|might|could) have missed | catch me [back] up on
    (what|everything|all) i [have|'ve|may
    have] missed | update | an update | what did (you guys|you lot|y'all) (say|discuss|talk about)
    | (what|wat) (did|have|had) i miss[ed] | what i [have|'ve|may have|might have|did] miss[ed] |
    what i've missed | what all did i miss | did i miss (anything|something|much|a lot)
    [important|interesting] | have i missed (anything|something|much|a lot)
    [important|interesting] | if i [have] missed (anything|something|much) | anything
    [new|interesting|important] [that] i (missed|should know|need to know) | anything new | any
    news | any updates | what's new | what is new | whats new | (what's|what is|whats) the latest
    | what has been new | catch-up |
    catch me [back] up [on (things|everything)] | bring me up to (speed|date) | get me up to
    (speed|date) | (fill|clue) me in | update me | what (happened|has happened|have happened|'s
    happened|did happen|was happening|was going on|went on) | what's happened | what's been
    (happening|going on|said|discussed) | what has been (happening|going on|said|discussed) | what
    (is|was) happening | what's happening | what's going on | what is going on | what happened |
    what was (said|discussed|talked about) | what did (people|everyone|everybody|they|the
    others|the team|we|you all) (say|discuss|talk about) | what (have|'ve)
    (people|everyone|they|the others|the team|we) (said|discussed|talked about|been talking about)
    | what were (people|they|the others|we) talking about | [a|the|my] [short|quick|brief]
    (recap|catch-up|rundown|summary|roundup|overview|tldr|tl dr) of [what happened|everything|what
    i missed|today|the day] | [a|the|my] [short|quick|brief] (recap|catch-up|rundown|roundup) |
    (summarize|summarise|recap|sum up) (what happened|what i missed|what i have missed|what was
    said|everything i missed) | (summarize|summarise|recap|sum up) (the day|the week)
summary: (summarize|summarise|summerize|recap|sum up|tldr|tl dr|condense)
    [(this|the|our|that|current) [whole|entire]
    (thread|conversation|discussion|channel|chat|talk|exchange)|this|it|it all|everything|all of
    (this|it)|the above] [up] | sum (this|it|everything|it all) up | sum (this|the)
    (thread|conversation|discussion|channel|chat) up | [a|the] [short|quick|brief]
    (summary|tldr|tl dr|overview|recap) [of (this|the|our)
    (thread|conversation|discussion|channel|chat)] | what is this
    (thread|conversation|discussion|channel) about | what's this
    (thread|conversation|discussion|channel) about | what this
    (thread|conversation|discussion|channel) is about
help: help [me] [out] | how (can|could|do) (you|u) help [me] | what (can|could) (you|u) help [me]
    with | what (can|could) (you|u) do [for
    (me|us)] | what do you do | what you can do [for (me|us)] | what are you (able to do|capable
    of|good (for|at)) | what [else] can i (ask|do) [you|with you] | how (do|can|should) i use
    (you|nellie|this) | how (do|does) (you|this|nellie) work | how you work | (what|which)
    commands (are there|do you (have|know|understand|offer)|can i use) | [list|show]
    [all|the|your] [available] commands | what are your
    (commands|features|capabilities|abilities|functions) | your (commands|features|capabilities) |
    show help | help page | what can nellie do
who: who are (you|u) | who r u | what are you | who you are | who is (nellie|this) | who's
    (nellie|this) | what is nellie | what's nellie | what's your name | what is your name |
    (introduce|describe) yourself | tell me about yourself | about yourself | are you (a bot|a
    robot|a human|human|real|an ai|a person|a real person|an assistant|a machine)
memory: what do you (remember|know) [about (this channel|us|this conversation)|of (this
    channel|our conversation|us|this conversation)] | what (have you|you have|you) remembered |
    what's in your memory | what is in your memory | show [me] your memory
forget_all: (forget|delete|erase|remove|clear|wipe) (everything|it all|everything
    (about|in|from|of) (this channel|here|us)|all messages|all of
    it|every message|the whole (channel|conversation|history)|[all [of]] your memory|(your|the)
    [whole|entire] (memory|history)|this (channel|conversation)) | (forget|delete|erase)
    (everything|all) [that] (you (know|remember|have|heard|stored|learned|learnt)|we said|was
    said|has been said|we talked about) | forget all | wipe everything | reset your memory
forget_me: forget (me|about me|everything about me|all about me|who i am) |
    (forget|delete|erase|remove) (everything|all|what|anything) [that] i ([have|'ve]
    (said|written|wrote|told you)|ever said) | (forget|delete|erase|remove) [all [of]] my
    (messages|data|words|history) | (forget|delete|erase) (everything|all) of mine
greeting: hi | hello | hey | hiya | yo | howdy | greetings | good day | hi there | hello there |
    hey there | [good] (morning|afternoon|evening) | gm
people: nellie | all | everyone | everybody | team | folks | guys | friend | again | there
thanks: thanks | thank you | thx | ty | tysm | thank u | cheers | much appreciated | i appreciate
    it | many thanks | thanks a lot
extent: so much | a lot | very much | a million | a bunch | for (your|the) help | for that | for
    this | really
how: how are (you|u) [doing|today|doing today|feeling] | how r u | how's it going | how is it
    going | how do you do | how are things | what's up | whats up | sup | you ok | are you ok |
    are you there | you there | are you alive
bye: bye | bye bye | goodbye | good bye | good night | night | see (you|ya) [later|tomorrow|soon]
    | cu | cya | have a (good|nice) (day|evening|night|weekend|one) | later
praise: nice | great | awesome | cool | perfect | well done | good (bot|job|work) | lovely |
    brilliant | wow | lol | haha | love it | amazing
"""

GERMAN = """
polite: bitte | hallo | hi | hey | moin | servus | also | ok | okay | mal | bitte mal | kurz |
    doch | eben | so | danke | sorry | jetzt | schnell | nellie | (kannst|konntest|wurdest) du |
    (kann|konnte|darf) ich | (kannst|konntest) du (mir|uns) |
    (sag|sage|erzahl|erzahle|zeig|zeige|gib) (mir|uns) | mir | uns | weisst du | ich
    (mochte|will|wollte) wissen | guten (morgen|tag|abend) | ich war (weg|krank|im urlaub|nicht
    da|offline) | sagen | erzahlen | geben
place: hier | in (diesem|dem) (kanal|channel|chat|raum) | im (kanal|channel|chat) | hier im
    (kanal|channel|chat) | bei euch
away: (wahrend|als|seit|solange) ich (weg|fort|nicht da|im urlaub|krank|offline|abwesend) war | in
    meiner abwesenheit | wahrend meiner abwesenheit | seit meinem letzten besuch | seitdem |
    bisher | inzwischen | in letzter zeit | zuletzt | so
catchup: was (habe|hab) ich [alles] verpasst | was ich [alles] verpasst habe | (habe|hab) ich
    (was|etwas|viel) [wichtiges] verpasst | ob ich (was|etwas) verpasst habe | was (ist|war)
    [alles] (passiert|los|geschehen|gewesen) | was ist [so|hier] [alles] passiert | was (gibt
    es|gibt's|gab es|gab's) [hier] neues | was gibts neues | gibt (es|'s) [was|etwas] neues |
    gibt's [was|etwas] neues | gibts [was|etwas] neues | was
    ist neu | bring mich auf (den neuesten stand|stand|den stand|den aktuellen stand) | auf den
    neuesten stand bringen | mich auf den neuesten stand bringen | was wurde [hier]
    (gesagt|besprochen|geschrieben|diskutiert) | was (haben|habt) (wir|ihr|sie|alle|die anderen|die
    leute) [hier] [alles] (gesagt|besprochen|geschrieben|diskutiert|beredet|erzahlt) | was (sagten|
    besprachen) (wir|sie|alle|die anderen) | (woruber|wovon) (haben|habt) (wir|ihr|sie|alle|die
    anderen) [hier] [alles] (gesprochen|geredet|diskutiert) | woruber wurde [hier]
    (gesprochen|geredet) | was
    ging [hier] ab | was passiert ist | was war [hier] los | (fass|fasse) [mir] zusammen was
    (passiert ist|ich verpasst habe|los war)
summary: (fass|fasse) [mir] [bitte] [mal] [(das|alles|den thread|diesen thread|den faden|diesen
    faden|die unterhaltung|diese unterhaltung|das gesprach|die diskussion|diese diskussion|den
    kanal|diesen kanal|den channel|das gesprach hier)] [hier] [bitte] [mal] [kurz] zusammen |
    [(das|diesen thread|den thread|die diskussion|diese diskussion|diese unterhaltung|die
    unterhaltung|diesen kanal)] [hier] [kurz] zusammenfassen | [eine] [kurze] zusammenfassung
    [(dieses|des) threads|dieser unterhaltung|dieser diskussion|bitte] | worum geht (es|'s)
    [hier|in diesem thread] | worum gehts hier
help: hilfe | hilf mir | was kannst du [alles] [tun|machen] | was du [alles] kannst | wie
    (funktionierst du|benutze ich dich|geht das hier) | welche befehle (gibt es|kennst du|hast du)
    | befehle | was kann ich dich fragen | wobei kannst du [mir] helfen | wie kannst du mir helfen
who: wer bist du | was bist du | wie heisst du | wer du bist | stell dich [bitte] vor | bist du
    (ein bot|ein mensch|echt|ein roboter|eine ki|eine maschine) | wer ist nellie
memory: (woran erinnerst du dich|was weisst du) [noch] [hier|uber (uns|diesen kanal)] | was hast
    du dir gemerkt | an was erinnerst du dich
forget_all: (vergiss|losche) [bitte] (alles|den ganzen kanal|alle nachrichten|dein [ganzes]
    gedachtnis|den verlauf) | alles (vergessen|loschen) | vergiss alles was (du weisst|gesagt
    wurde|hier gesagt wurde)
forget_me: vergiss (mich|alles uber mich|alles von mir|was ich gesagt habe|alles was ich gesagt
    habe) | losche (meine nachrichten|meine daten|alle meine nachrichten|alles von mir) | meine
    (nachrichten|daten) loschen
greeting: hallo | hi | hey | moin | moin moin | servus | gruss gott | gruezi | guten
    (morgen|tag|abend) | morgen | tach | na | hallochen
people: nellie | zusammen | alle | leute | ihr | team | allerseits
thanks: danke | dankeschon | danke dir | vielen dank | besten dank | merci | danke schon |
    herzlichen dank
extent: sehr | vielmals | dir | euch | fur (deine|die) hilfe
how: wie geht es dir | wie geht's [dir] | wie gehts [dir] | wie gehts wie stehts | alles
    (klar|gut) [bei dir] | was geht | bist du da
bye: tschuss | tschau | ciao | auf wiedersehen | gute nacht | bis (spater|morgen|bald|dann) |
    schonen (tag|abend|feierabend) [noch] | schones wochenende
praise: super | toll | gut gemacht | klasse | prima | perfekt | cool | sehr gut
"""

DUTCH = """
polite: alsjeblieft | alstublieft | aub | svp | hallo | hoi | hey | even | eens | dus | ok | dank
    je | bedankt | nellie | snel | kort | nou | (kun|kan|zou) (je|u) [willen] |
    (vertel|zeg|geef|laat) (me|mij|ons) [zien] | weet je | ik wil weten | (me|mij|ons) |
    goedemorgen | vertellen | zeggen | geven
place: hier | in (dit|het|deze|de) (kanaal|channel|chat|groep) | in deze chat
away: (terwijl|toen|sinds) ik (weg|er niet|afwezig|op vakantie|ziek) was | tijdens mijn
    afwezigheid | sindsdien | tot nu toe | de laatste tijd | intussen
catchup: wat (heb|had) ik [allemaal] gemist | wat hebben (we|wij|jullie|ze|de anderen) [hier]
    [allemaal] (gezegd|besproken|geschreven) | waar (hebben|hadden) (we|wij|jullie|ze) het over
    [gehad] | waarover (hebben|hadden) (we|wij|jullie|ze) het [gehad] | wat (zeiden|bespraken)
    (we|wij|jullie|ze|de anderen) | wat ik [allemaal] gemist heb | heb ik
    (iets|wat|veel) gemist | wat is er [hier] [allemaal] (gebeurd|gezegd|besproken) | wat gebeurde
    er | wat is er gebeurd | wat is er nieuw | is er [iets|nog] nieuws | (praat|breng) me bij |
    praat me [even] bij | bijpraten | wat was er [hier] aan de hand
summary: (vat|vat me) [(deze|dit|de|het)
    (thread|draad|gesprek|discussie|kanaal|chat)|dit|het|alles] [even] [kort] samen | [een]
    [korte] samenvatting [van (deze|dit|de|het) (thread|draad|gesprek|discussie|kanaal)] |
    [(deze|dit|de|het) (thread|draad|gesprek|discussie|kanaal)|dit] samenvatten | waar gaat (deze
    thread|dit gesprek|dit) over
help: help | help me | hulp | wat kun je [allemaal] [doen] | wat kan je [allemaal] [doen] | wat je
    kunt | hoe werk je | hoe werkt dit | welke commando's (zijn er|ken je) | wat kan ik [je]
    vragen
who: wie ben (je|jij|u) | wat ben (je|jij) | hoe heet je | ben je (een bot|een mens|echt|een
    robot) | stel jezelf voor | wie is nellie
memory: wat (onthoud|weet) je [nog] [over (ons|dit kanaal)] | wat herinner je je
forget_all: (vergeet|verwijder|wis) (alles|alle berichten|je [hele] geheugen|het hele kanaal) |
    alles (vergeten|wissen)
forget_me: vergeet (mij|me|alles over mij|wat ik (zei|heb gezegd)|alles wat ik (zei|heb gezegd)) |
    (verwijder|wis) [al] mijn (berichten|gegevens)
greeting: hallo | hoi | hey | hi | goedemorgen | goedemiddag | goedenavond | goeiemorgen | dag
people: nellie | allemaal | iedereen | team
thanks: bedankt | dank je | dank je wel | dankjewel | dank u | dank u wel | thanks | merci
extent: wel | zeer | heel erg | hartelijk | voor (je|de) hulp
how: hoe gaat het [met (je|jou|u)] | hoe is het [met je] | alles goed
bye: doei | dag | tot ziens | tot (later|morgen|straks) | welterusten | goedenacht | fijne
    (dag|avond)
praise: mooi | top | goed gedaan | geweldig | super | fijn
"""

SCANDINAVIAN = """
polite: snalla | tack | hej | hei | var snill | vaer sa snill | venligst | (kan|kunde|kunne) du |
    (beratta|sag|fortell|fortael|si|sig|vis|visa|ge|gi|giv) (for mig|mig|meg|oss|os|for meg) |
    (mig|meg|oss) | nellie | ok
place: har | her | (i|pa) (den har|denna|denne) (kanalen|kanal|chatten) | i kanalen
away: (medan|mens|sedan|siden|da) (jag|jeg) var
    (borta|vaek|borte|vaekk|ledig|sjuk|syk|syg|bortrest) | sedan dess | siden sist
catchup: vad (sa|sade|diskuterade) (vi|ni|de|alla) | vad (pratade|snackade) (vi|ni|de|alla) om | vad
    har (vi|ni|de|alla) (sagt|diskuterat|pratat om) | hva (sa|diskuterte) (vi|dere|de|alle) | hva
    (snakket|pratet) (vi|dere|de|alle) om | hva har (vi|dere|de|alle) (sagt|diskutert|snakket om) |
    hvad (sagde|diskuterede) (vi|i|de|alle) | hvad (talte|snakkede) (vi|i|de|alle) om | hvad har
    (vi|i|de|alle) (sagt|diskuteret|talt om|snakket om) | vad har (jag missat|hant|hendt) | vad
    missade jag | hva (har jeg gatt glipp av|gikk jeg
    glipp av|har skjedd|skjedde) | hvad (har jeg misset|er jeg gaet glip af|gik jeg glip af|er der
    sket|skete der) | vad (hande|har hant) | har jag missat nagot | har jeg misset noget | nagot
    nytt | noe nytt | noget nyt | uppdatera mig | oppdater meg | opdater mig | vad ar nytt | hva
    er nytt | hvad er nyt
summary: (sammanfatta|oppsummer|opsummer|sammenfat) [(den har|denna|denne|dette|den)
    [tråden|traden|samtalen|diskussionen|diskusjonen|kanalen]|traden|tråden|samtalen|kanalen|det|alt|allt]
    | [en] [kort] (sammanfattning|oppsummering|opsummering) [(av|af) (denne|den har|denna)
    (traden|samtalen)]
help: hjalp | hjelp | hjaelp | hjalp mig | hjelp meg | hjaelp mig | vad kan du [gora] | hva kan du
    [gjore] | hvad kan du [gore] | hur (fungerar|funkar) du | hvordan (virker|fungerer) du
who: vem ar du | hvem er du | vad ar du | hva er du | hvad er du | ar du en (bot|robot|manniska) |
    er du en (bot|robot) | er du et menneske | vad heter du | hva heter du | hvad hedder du
memory: vad (minns|kommer) du [ihag] | hva husker du | hvad husker du
forget_all: (glom|glem|radera|slett|slet) (allt|alt|alle meldinger|alla meddelanden)
forget_me: (glom|glem) (mig|meg|allt jag [har] sagt|alt jeg har sagt) | (radera|slett|slet)
    (mina|mine) (meddelanden|meldinger|beskeder)
greeting: hej | hei | hallo | hejsan | god (morgon|morgen|dag|kveld|kvall|aften|ettermiddag) |
    godmorgen | morn | tjena
people: nellie | alle | alla | allihopa | alle sammen
thanks: tack | takk | tak | tusen takk | mange tak
extent: sa mycket | skal du ha | for hjelpen | for hjaelpen | for hjalpen
how: hur mar du | hur ar laget | hvordan gar det | hvordan har du det
bye: hejda | hej da | ha det | farvel | vi ses | vi sees | god natt | godnat
praise: bra | flott | fint | kanon | bra jobbat | godt jobbet | godt gaet
"""
