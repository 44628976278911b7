"""Whether a text says that something is not known; pure."""

import re

from bot.language.folding import fold

_VERBS = r"know|say|mention|state|specify|find|see|have (?:that|any|enough|information)|remember"
_TOLD = r"known|said|mentioned|stated|specified|given|provided|written|shared|clear|recorded|found"
_SAYINGS = (
    rf"(?:do|does|did|could|can|was|were|would)(?:n't| not|not) (?:\w+ )?(?:{_VERBS})",
    rf"(?:is|are|was|were|has|have|been)(?:n't| not) (?:been |yet |explicitly )*(?:{_TOLD})",
    rf"(?:not|never|nowhere|nothing (?:was|is)|nobody|no one) (?:has |was |is )?(?:{_TOLD}|says)",
    r"no (?:information|mention|record|idea|details?|answer)|not know|unknown|i'?m not sure",
    r"weiss (?:ich )?(?:das |es )?(?:leider )?nicht|nicht bekannt|keine (?:angabe|ahnung|info)",
    r"(?:steht|wurde|ist) (?:\w+ ){0,3}(?:nirgends|nicht (?:erwahnt|gesagt|genannt))",
    r"(?:ne (?:le )?sais pas|n'en sais rien|pas (?:mentionne|precise|indique)|aucune information)",
    r"no (?:lo )?(?:se|sabemos)\b(?! si)|no se (?:menciona|dijo|indica)|ninguna informacion",
    r"non (?:lo )?(?:so|sappiamo)\b|non (?:e|viene) (?:stato )?(?:menzionato|detto)",
    r"nao (?:sei|sabemos|foi (?:mencionado|dito))|nenhuma informacao",
    r"weet (?:ik )?(?:het )?niet|niet (?:vermeld|genoemd|gezegd)|geen informatie",
    r"nie (?:wiem|wiadomo)|vet (?:jag |jeg )?(?:inte|ikke)|не (?:знаю|известно|упомина)|bilmiyorum",
    r"わかりません|分かりません|知りません|不知道|没有提到|모르겠|모릅니다",
)
_ADMISSION = re.compile("|".join(rf"(?:{one})" for one in _SAYINGS))


def admits(text: str) -> bool:
    """Whether it says, anywhere, that something is not known or was not said."""
    return _ADMISSION.search(fold(text).replace("’", "'")) is not None
