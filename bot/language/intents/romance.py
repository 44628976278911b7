"""Phrases of French, Spanish, Portuguese and Italian (see `phrases` for the form)."""

FRENCH = """
polite: s'il te plait | s'il vous plait | stp | svp | merci | bonjour | salut | coucou | bonsoir |
    hello | alors | ok | nellie | vite | rapidement | brievement | un peu | juste |
    (peux|pourrais|peut|pourriez|pouvez) (tu|vous) | (peux|pourrais)-tu | (pouvez|pourriez)-vous |
    tu (peux|pourrais) | est-ce que tu (peux|pourrais) | (peux|pourrais) tu (me|nous) |
    (dis|raconte|donne|montre|fais) (moi|nous) | (dis|raconte|donne|montre|fais)-(moi|nous) | me
    (dire|donner|faire|raconter) | nous (dire|donner|faire|raconter) | me | nous | j'aimerais
    savoir | je (veux|voudrais) savoir | sais-tu | j'etais (absent|absente|en vacances|malade)
place: ici | dans (ce|le) (canal|salon|chat|groupe) | sur (ce|le) (canal|salon|chat)
away: pendant que j'etais (absent|absente|parti|partie|en vacances|malade|pas la) |
    (pendant|en|durant) mon absence | depuis mon (depart|dernier (message|passage)) | entre-temps
    | dernierement | recemment | depuis que je suis (parti|partie)
catchup: qu'est-ce que j'ai (rate|manque|loupe) | qu'ai-je (rate|manque|loupe) | ce que j'ai
    (rate|manque|loupe) | j'ai (rate|manque|loupe) (quoi|quelque chose) | ai-je (rate|manque)
    quelque chose | est-ce que j'ai (rate|manque|loupe) quelque chose | qu'est-ce qu'il (s'est
    passe|y a de neuf|y a de nouveau) | qu'est-ce qui s'est (passe|dit) | que s'est-il (passe|dit)
    | ce qui s'est (passe|dit) | il s'est passe quoi | quoi de (neuf|nouveau) | du nouveau | des
    nouvelles | quelles sont les nouvelles | mets-moi (a jour|au courant) | mets moi (a jour|au
    courant) | mettre (a jour|au courant) | fais-moi un (point|rattrapage) | de quoi
    (a-t-on parle|avez-vous parle|ont-ils parle|avons-nous parle|(on a|vous avez|nous avons)
    [tous] parle) | (qu'avons-nous|qu'avez-vous|qu'ont-ils|qu'a-t-on) [tous] (dit|ecrit|discute) |
    qu'est-ce (qu'on a|que nous avons|que vous avez|qu'ils ont|que les autres ont|que tout le monde
    a) (dit|ecrit|discute) | on a (dit|parle de) quoi | qu'est-ce qui a ete dit | un resume de ce
    que j'ai
    (rate|manque)
summary: (resume|resumer|resumez|recapitule|recapituler) [(ce|cette|le|la|cet|tout ce) (fil|fil de
    discussion|discussion|conversation|thread|canal|salon|echange|sujet)|tout|ca|cela] |
    resume-moi [ce fil|cette discussion|cette conversation] | [un|le] [petit|court]
    (resume|recapitulatif|recap) [(de|du) [(ce|cette|la)]
    (fil|discussion|conversation|thread|canal)] | de quoi parle (ce fil|cette discussion|cette
    conversation)
help: aide | aide-moi | aidez-moi | a l'aide | que (sais|peux)-tu faire | que (sais|peux) tu faire
    | qu'est-ce que tu (peux|sais) faire | tu (peux|sais) faire quoi | ce que tu (peux|sais) faire
    | comment (tu fonctionnes|fonctionnes-tu|t'utiliser|ca marche) | quelles commandes (y
    a-t-il|connais-tu) | quelles sont les commandes | commandes | que puis-je te demander
who: qui es-tu | qui es tu | tu es qui | t'es qui | qui etes-vous | c'est qui nellie | qui est
    nellie | comment (tu t'appelles|t'appelles-tu) | es-tu (un robot|un bot|humain|humaine|une ia)
    | presente-toi | qu'es-tu
memory: de quoi te souviens-tu | de quoi tu te souviens | que sais-tu [de (nous|ce canal)] |
    qu'est-ce que tu as retenu
forget_all: (oublie|efface|supprime) (tout|tous les messages|toute la conversation|ta memoire|tout
    ce (que tu sais|qui a ete dit)) | (oublier|effacer) tout
forget_me: oublie-moi | oublie moi | oublie (tout ce que j'ai dit|ce que j'ai dit|tout sur moi) |
    (efface|supprime) [tous] mes (messages|donnees)
greeting: bonjour | salut | coucou | bonsoir | hello | bon matin | hey | yo
people: nellie | tout le monde | a tous | tous | l'equipe
thanks: merci | merci beaucoup | mille mercis | grand merci | je te remercie
extent: beaucoup | bien | pour (ton|l')aide | pour tout | a toi | infiniment
how: ca va | comment ca va | comment vas-tu | comment tu vas | comment allez-vous | quoi de beau |
    tu vas bien
bye: au revoir | a (bientot|plus|demain|plus tard) | bonne (nuit|journee|soiree) | ciao | salut
praise: super | genial | parfait | bravo | bien joue | cool | top
"""

SPANISH = """
polite: por favor | porfa | porfavor | hola | gracias | oye | buenas | bueno | ok | vale | nellie
    | rapido | rapidamente | brevemente | ahora | un poco | (puedes|podrias|puede|podria) | me
    (puedes|podrias) | (dime|cuentame|dame|muestrame|haz|hazme|dinos) | decirme | contarme | darme
    | hacerme | me | quiero saber | quisiera saber | me gustaria saber | sabes | estuve (fuera|de
    vacaciones|enfermo|enferma) | buenos dias | buenas tardes
place: aqui | en (este|el) (canal|chat|grupo) | por aqui | aca
away: mientras (no estaba|no estuve|estaba fuera|estuve fuera|estaba de vacaciones|dormia) |
    (durante|en) mi ausencia | desde que me fui | desde mi ultimo mensaje | desde entonces |
    ultimamente | mientras tanto | hasta ahora | cuando no estaba
catchup: que me [he] (perdi|perdido) | lo que me [he] (perdi|perdido) | me [he] (perdi|perdido)
    [de] algo | que me perdi | que (paso|ha pasado|sucedio|ocurrio|ha ocurrido) | lo que (paso|ha
    pasado) | que (dijimos|dijisteis|dijeron|hablamos|hablasteis|hablaron|discutimos|hemos (dicho|
    hablado)|habeis (dicho|hablado)|han (dicho|hablado)) [(todos|los demas|los otros)] | de que
    (hablamos|hemos hablado|habeis hablado|han hablado) | que se (dijo|hablo|ha dicho|ha
    hablado|discutio) | de que (se
    hablo|hablaron|hablasteis) | que hay de nuevo | que hay nuevo | (hay|alguna|algo)
    (novedad|novedades|nuevo) | hay algo nuevo | novedades | (ponme|pon me|ponerme) al
    (dia|corriente|tanto) | actualizame | un resumen de lo que me [he] (perdi|perdido) | que esta
    pasando | que ha estado pasando | que me he perdido
summary: (resume|resumeme|resumir|resumelo|resumen|resumirme) [(este|esta|el|la|todo el|toda la)
    (hilo|conversacion|discusion|canal|chat|charla|debate)|esto|todo|lo anterior] |
    (haz|hazme|dame) un resumen [(de este|del|de esta|de la)
    (hilo|conversacion|discusion|canal|chat)] | [un] [breve] resumen [(de este|del|de esta|de la)
    (hilo|conversacion|discusion|canal|chat)] | de que (trata|va) este hilo
help: ayuda | ayudame | que (puedes|sabes) hacer | lo que (puedes|sabes) hacer | como
    (funcionas|te uso|funciona esto) | que comandos (hay|tienes|conoces) | comandos | en que
    (puedes|me puedes) ayudar | en que puedes ayudarme | como puedes ayudarme | que puedo
    preguntarte
who: quien eres [tu] | que eres | quien es nellie | como te llamas | cual es tu nombre | eres (un
    bot|un robot|humano|humana|real|una ia|una persona) | presentate
memory: que recuerdas [de (nosotros|este canal|nuestra conversacion)] | de que te acuerdas | que
    sabes [de nosotros]
forget_all: (olvida|borra|elimina|olvidalo|borralo) (todo|todos los mensajes|toda la
    conversacion|tu memoria|todo lo que (sabes|se dijo|recuerdas)) | (olvidar|borrar) todo |
    olvidate de todo
forget_me: olvidame | olvidate de mi | (olvida|borra|elimina) (lo que [he] (dije|dicho)|todo lo
    que [he] (dije|dicho)|todo sobre mi|[todos] mis mensajes|mis datos)
greeting: hola | buenas | buenos dias | buen dia | buenas (tardes|noches) | que tal | hey
people: nellie | a todos | todos | equipo | amigos | gente
thanks: gracias | muchas gracias | mil gracias | te lo agradezco
extent: por (tu|la) ayuda | por todo | de verdad
how: como estas | que tal [estas] | como te va | como va todo | como andas | todo bien | que onda
bye: adios | chao | chau | hasta (luego|manana|pronto|la vista) | nos vemos | buenas noches
praise: genial | perfecto | bien hecho | excelente | estupendo | guay
"""

PORTUGUESE = """
polite: por favor | pfv | pf | ola | oi | obrigado | obrigada | entao | ok | nellie | rapidinho |
    rapido | brevemente | agora | um pouco | (pode|podes|poderia|podias|consegue) [me] | voce
    (pode|poderia|consegue) [me] | (me|nos) (diga|conte|da|de|fala|mostra|mostre|faz|faca) |
    (diz|conta|da|mostra|fala|faz) (me|nos) | (diz|conta|da|mostra|faz)-me | me | dizer | contar |
    dar | fazer | dizer-me | quero saber | gostaria de saber | sabe | bom dia | boa tarde | estive
    (fora|ausente|de ferias|doente)
place: aqui | (neste|nesse|no) (canal|chat|grupo) | por aqui
away: enquanto (eu [estava|estive] (fora|ausente|de ferias|dormia)|estive fora|estava fora|estive
    ausente|nao estava) | (durante|na) [a] minha ausencia | desde que (eu sai|sai) | desde entao |
    ultimamente | entretanto | ate agora | quando eu nao estava
catchup: o que [e que] [nos|eles|voces|a gente] (dissemos|disseram|falamos|falaram|conversamos|
    conversaram|discutimos|discutiram|disse|falou) | (de|do|sobre o) que [e que] [nos|eles|voces]
    (falamos|falaram|conversamos|conversaram) | o que [e que] [eu] perdi | que [e que] perdi |
    [eu] perdi (algo|alguma coisa) | o que
    (aconteceu|houve|rolou|se passou|esta acontecendo) | que (aconteceu|se passou) | o que foi
    (dito|falado|discutido|conversado) | o que se (disse|falou) | sobre o que (falaram|se falou) |
    (alguma|ha) (novidade|novidades) | tem (novidade|novidades|algo novo) | quais [sao] as
    novidades | novidades | o que ha de novo | (me|nos) (atualiza|atualize|coloca em dia|poe em
    dia|poe a par|coloca a par) | atualiza-me | poe-me (a par|em dia|ao corrente) |
    (atualizar|colocar em dia)
summary: (resuma|resume|resumir|resumo|sumarize|sintetize) [(este|esta|esse|essa|o|a)
    (topico|thread|conversa|discussao|canal|fio|chat|debate)|isto|isso|tudo] | [um]
    [breve|pequeno] resumo [(deste|desta|da|do|desse|dessa)
    (topico|thread|conversa|discussao|canal|fio|chat)] | (faz|faca) um resumo [(deste|desta|da|do)
    (topico|thread|conversa|discussao|canal)] | do que se trata (este topico|esta conversa)
help: ajuda | ajude-me | me (ajuda|ajude) | ajuda-me | o que (voce|tu)
    (pode|podes|sabe|sabes|consegue) fazer | o que (podes|sabes|consegues) fazer | que
    (podes|sabes) fazer | como (voce funciona|funcionas|te uso|isso funciona) | quais comandos
    (existem|ha|tem) | quais (sao os|os seus) comandos | comandos | como (voce pode|podes) (me
    ajudar|ajudar)
who: quem (e voce|es tu|es|e a nellie) | o que (e voce|voce e|es tu) | qual (e o|o) (seu|teu) nome
    | como (voce se chama|te chamas) | (voce e|es) (um robo|um bot|humano|humana|real|uma ia|uma
    pessoa) | (se apresente|apresenta-te) | quem voce e
memory: (do que|o que) (voce|tu) (lembra|lembras|se lembra|te lembras|sabe|sabes) | de que te
    lembras | o que lembra
forget_all: (esqueca|esquece|apague|apaga|delete|elimina|remove) (tudo|todas as mensagens|toda a
    conversa|sua memoria|a tua memoria|tudo o que (sabe|sabes|foi dito)) | (esquecer|apagar) tudo
forget_me: (me esqueca|esquece-me|me esquece|esqueca de mim) | (esqueca|esquece|apague|apaga)
    (tudo o que eu disse|o que eu disse|tudo sobre mim|[todas] [as] (minhas mensagens|meus dados))
greeting: ola | oi | bom dia | boa (tarde|noite) | e ai | alo | opa
people: nellie | a todos | todos | pessoal | gente | galera | equipe
thanks: obrigado | obrigada | muito obrigado | muito obrigada | valeu | brigado | brigada |
    agradeco
extent: mesmo | pela ajuda | por tudo | demais
how: como vai [voce] | como (voce esta|estas|esta) | tudo bem [com voce] | tudo bom | tudo certo |
    beleza
bye: tchau | adeus | ate (logo|mais|amanha|breve) | boa noite
praise: otimo | perfeito | muito bem | excelente | legal | show | bom trabalho
"""

ITALIAN = """
polite: per favore | perfavore | per piacere | grazie | ciao | ehi | salve | allora | ok | nellie
    | veloce | velocemente | brevemente | un attimo | un po' | ora | (puoi|potresti|puo|potrebbe)
    | mi (puoi|potresti) | (dimmi|raccontami|dammi|mostrami|fammi|dicci) | dirmi | raccontarmi |
    darmi | farmi | mi | vorrei sapere | voglio sapere | sai | sai dirmi | buongiorno | buonasera
    | sono (stato|stata) (via|assente|in ferie|malato|malata)
place: qui | in (questo|quel) (canale|gruppo) | nel (canale|gruppo) | in questa chat | qua
away: mentre (ero (via|assente|fuori|in ferie|in vacanza)|non c'ero|dormivo) | (durante|in) la mia
    assenza | in mia assenza | da quando (sono andato|sono andata) via | quando non c'ero | da
    allora | ultimamente | nel frattempo | finora | di recente
catchup: (che cosa|cosa|che) (abbiamo|avete|hanno) (detto|scritto|discusso) [tutti] | di (che
    cosa|cosa|che) (abbiamo|avete|hanno) (parlato|discusso) | (che cosa|cosa|che) mi sono
    (perso|persa) | quello che mi sono (perso|persa) | mi sono
    (perso|persa) qualcosa | (che cosa|cosa|che) (e|e') successo | cosa e successo | (che|cosa)
    succede | (che|cosa) c'e di nuovo | (ci sono|qualche|quali) novita | novita | che novita ci
    sono | (che cosa|cosa|che) (si e|e stato) detto | di cosa (si e parlato|avete parlato|si
    parlava) | aggiornami | mettimi al corrente | aggiornarmi | mettermi al corrente | un
    riassunto di cosa mi sono (perso|persa)
summary: (riassumi|riassumimi|riassumere|riepiloga|sintetizza|riassumermi)
    [(questo|questa|il|la|l'intera|tutto il)
    (thread|discussione|conversazione|canale|filo|chat)|questo|tutto|il tutto] | [un] [breve]
    (riassunto|riepilogo) [(di questo|di questa|del|della)
    (thread|discussione|conversazione|canale|chat)] | fai un riassunto [(di questo|di
    questa|del|della) (thread|discussione|conversazione|canale|chat)] | di cosa (tratta|parla)
    questo thread
help: aiuto | aiutami | (che cosa|cosa|che) (sai|puoi) fare | quello che (sai|puoi) fare | come
    (funzioni|ti uso|funziona) | quali comandi (ci sono|hai|conosci) | comandi | come puoi
    aiutarmi | in cosa puoi aiutarmi | cosa posso chiederti
who: chi sei [tu] | cosa sei | che cosa sei | chi e nellie | come ti chiami | qual e il tuo nome |
    sei (un bot|un robot|umano|umana|reale|una persona|un'ia) | presentati
memory: (che cosa|cosa) (ricordi|ti ricordi|sai) [di (noi|questo canale)] | di cosa ti ricordi
forget_all: (dimentica|cancella|elimina) (tutto|tutti i messaggi|tutta la conversazione|la tua
    memoria|tutto quello che (sai|e stato detto)) | dimenticare tutto | dimenticati di tutto
forget_me: dimenticami | dimenticati di me | (dimentica|cancella|elimina) (quello che ho
    detto|tutto quello che ho detto|tutto su di me|[tutti] i miei messaggi|i miei dati)
greeting: ciao | salve | ehi | buongiorno | buon giorno | buonasera | buon pomeriggio | hey
people: nellie | a tutti | tutti | ragazzi | team
thanks: grazie | grazie mille | molte grazie | tante grazie | ti ringrazio
extent: mille | tanto | davvero | per (l'aiuto|il tuo aiuto) | di tutto
how: come stai | come va | come sta | tutto bene | come andiamo
bye: arrivederci | a (dopo|domani|presto) | buonanotte | buona notte | buona (giornata|serata) |
    addio
praise: ottimo | perfetto | bravo | brava | ben fatto | fantastico | grande
"""
