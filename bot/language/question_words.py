"""Words that only ask, in the languages that have no stop words of their own here; pure."""

from bot.language.folding import fold

_WORDS = """
    wer wen wem wessen wie wo wohin woher wann warum wieso weshalb welche welcher welches welchem
    welchen wieviel wieviele wofur womit worauf woran wovon nennen nenne bitte
    qui que quoi quel quelle quels quelles quand comment combien pourquoi lequel laquelle
    qué quién quiénes cuál cuáles cuándo cuánto cuánta cuántos cuántas dónde cómo adónde
    que quem qual quais quando quanto quanta quantos quantas onde como porque
    chi che cosa quale quali quando quanto quanta quanti quante dove come perché
    wie wat waar wanneer waarom welk welke hoeveel hoe
    vem vad var när varför hur vilken vilket vilka hvem hvad hvor hvornår hvorfor hvordan hvilken
    hvilket hvilke hva hvilke når
    kto co gdzie kiedy dlaczego czemu jak jaki jaka jakie jakich który która które ile czy
    kdo kde kdy proč kolik který která které jaký jaká jaké
    кто что кого чего кому чему где куда откуда когда почему зачем как какой какая какое какие каких
    каким какую какого каком сколько который которая которое которые ли хто що де коли чому як який
    яка яке які скільки
    ποιος ποια ποιο ποιοι τι που ποτε γιατι πως ποσο ποσα ποσοι
    kim ne nerede nereye nereden zaman niçin niye neden nasıl hangi kaç kadar mi mı mu mü
    من ما ماذا متى أين كيف كم لماذا هل أي أية לה מה מי מתי איפה איך כמה למה האם איזה
    क्या कौन कब कहाँ क्यों कैसे कितना कितने कितनी किस किसने
    ai gì nào đâu khi sao bao apa siapa kapan mana mengapa bagaimana berapa
    mikä mitä kuka missä milloin miksi miten kuinka ki mi hol mikor miért hogyan mennyi melyik hány
    cine ce unde când cum cât câți câte care
"""
QUESTION_WORDS = frozenset(fold(word) for word in _WORDS.split())
