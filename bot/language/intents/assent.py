"""Yes and no, in many languages: only where a message says nothing else. Pure."""

import re
import unicodedata

from bot.language.intents.phrases import fold_phrase, read_words

LONGEST = 60  # characters
_SHADES = "\ufe0f🏻🏼🏽🏾🏿"

# By comma. What goes with a yes ("please", "do it") is no yes by itself.
_YES = """
    yes, y, yep, yeah, yea, yup, sure, ok, okay, okey, k, do it, confirm, confirmed, i confirm,
    go ahead, of course, absolutely, i am sure, i'm sure, im sure, ich bin sicher,
    ich bin mir sicher, je suis sur, je suis sure, estoy seguro,
    estoy segura, tenho certeza, sono sicuro, sono sicura,
    affirmative, definitely, certainly, go for it, proceed, agreed, please do, yes i am, ja,
    jawohl, jo, jep, klar, na klar, mach das,
    mach es, tu es, sicher, bestatige, einverstanden, ja bin ich, tu das, oui, ouais, d'accord,
    daccord, vas-y, bien sur, fais-le, je confirme, absolument, si, claro, claro que si, vale,
    dale, hazlo, por supuesto, confirmo, de acuerdo, adelante, seguro, sim, pode, pode ser, com
    certeza, faca isso, isso, confirmado, certo, si certo, certo, va bene, fallo, d'accordo,
    sicuro, procedi, esatto, zeker, goed, doe maar, doe het, prima, akkoord, jazeker, jodo,
    visst, okej, javisst, jada, gjor det, gor det, selvfolgelig, javel, tak, pewnie, jasne,
    dobrze, dobra, zgoda, potwierdzam, oczywiscie, zrob to, tak jest, да, ага, угу, давай,
    конечно, хорошо, ок, окей, подтверждаю, согласен, согласна, сделай это, точно, уверен,
    уверена, так, звісно, добре, авжеж, згоден, згодна, підтверджую, ναι, βεβαια, βεβαιως,
    ενταξει, εννοειται, οκ, σιγουρα, καν' το, evet, tamam, olur, tabii, tabi, elbette,
    onayliyorum, eminim, he, yap, はい, うん, ええ, そうです, いいよ, いいですよ, 了解,
    了解です, ok です, お願いします, はいお願いします, おk, もちろん, やって, 네, 예, 응, 어,
    그래, 그래요, 좋아, 좋아요, 오케이, ㅇㅇ, ㅇㅋ, 넵, 맞아, 확인, 물론, 물론이지, 해줘,
    네해주세요, 是, 是的, 好, 好的, 好啊, 对, 對, 对的, 可以, 行, 确定, 確定, 确认, 確認, 嗯,
    没错, 沒錯, 当然, 當然, 同意, نعم, أجل, ايوه, ايوة, أيوه, اي, طيب, تمام, موافق, موافقة, أكيد,
    بالتأكيد, حسنا, نعم متأكد, متأكد, כן, בטח, בסדר, כמובן, אישור, מאשר, מאשרת, סבבה, בהחלט,
    יאללה, हां, हाँ, जी, जी हां, जी हाँ, ठीक है, ठीक, बिल्कुल, हा, कर दो, पक्का, ओके, co, vang, da,
    u, dong y, dung, duoc, chac chan, dong y di, xac nhan, 👍, ✅, 👌
"""
_NO = """
    no, n, nope, nah, cancel, stop, don't, do not, never mind, nevermind, abort, not now, better
    not, rather not, no way, leave it, forget it, keep it, keep them, please don't, i'm not sure,
    not sure, negative, wait, nein, nee, ne, abbrechen, nicht, lieber nicht, lass es, stopp,
    halt, doch nicht, bloss nicht, auf keinen fall, nix da, non, annule, annuler, surtout pas,
    pas maintenant, laisse, cancelar, cancela, mejor no, dejalo, para, ni hablar, nao, melhor
    nao, deixa, nao faca isso, annulla, meglio di no, lascia stare, ferma, annuleer, annuleren,
    liever niet, laat maar, niet doen, nej, nei, avbryt, annuller, helst inte, nie, anuluj,
    lepiej nie, zostaw, stoj, нет, не, неа, не надо, отмена, отмени, стоп, не нужно, передумал,
    передумала, лучше не надо, ні, не треба, скасуй, відміна, οχι, ακυρο, ακυρωση, μη, αστο,
    hayir, yok, iptal, vazgec, vazgectim, yapma, dur, istemiyorum, いいえ, いや, やめて, だめ,
    ダメ, キャンセル, 結構です, やめます, やめとく, 中止, 아니, 아니요, 아니오, 아뇨, 취소,
    하지마, 하지마세요, 안돼, ㄴㄴ, 됐어, 不, 不是, 不要, 不行, 取消, 不用, 算了, 别, 別, 不了,
    否, لا, كلا, إلغاء, الغاء, لا تفعل, توقف, לא, ביטול, בטל, בטלי, עזוב, עזבי, אל, नहीं, नही, मत
    करो, रद्द, रद्द करो, ना, khong, huy, thoi, dung lai, 👎, ❌, 🚫
"""
# What may stand beside a yes or a no, and says nothing by itself.
_BESIDE = """
    please pls bitte s'il te plait vous por favor per favore alsjeblieft prosze пожалуйста lutfen
    请 請 ください 주세요 من فضلك בבקשה कृपया thanks thank you danke merci gracias obrigado
    grazie nellie nelli do it that delete them forget everything all of go ahead das es alles
    mach loschen vergessen oui si ja yes no nein nope really now
    losch losche wis verwijder efface supprime borra elimina borralo eliminalo borralos eliminalos
    cancella apaga exclui radera slet slett usun skasuj удали удаляй удалить сотри видали
    διαγραψε sil xoa 消して 削除して 削除 删除 刪除 삭제해 삭제해줘 지워 지워줘 احذف امسح
    מחק תמחק हटा मिटा tout todo tudo tutto allt alt wszystko все всё усе
    hepsini 全部 すべて 모두 전부 الكل הכל सब спасибо дякую
    dzieki dziekuje tack takk ありがとう 고마워 谢谢 謝謝 شكرا תודה धन्यवाद
"""
_NUMBERED = re.compile(r"(.*\S)\s*[#(]?\b([0-9]{1,2})[).!]?", re.DOTALL)
_ASKS = re.compile(r"[?？؟;]")  # ";" asks in Greek
_ACCENTED = {"dung": "đúng", "co": "có"}
"""What is a yes only as it is written here: "đừng" is a no, and "co" asks back in Polish."""


def read_assent(text: str) -> bool | None:
    """Whether a message says yes (True) or no (False) and nothing more; None for all others."""
    if len(text) > LONGEST:
        return None
    bare = text.strip().rstrip(_SHADES)
    if bare in _SIGNS:
        return _SIGNS[bare]
    words = read_words(text).split()
    said = _lookup(" ".join(words)) if words else None
    return None if said and _is_doubtful(text, words) else said


def read_numbered_assent(text: str) -> tuple[bool, int | None] | None:
    """The same, with the number of what it answers where one stands behind it ("yes 2")."""
    said, number = text, None
    if found := _NUMBERED.fullmatch(text.strip()):
        said, number = found[1], int(found[2])
    assent = read_assent(said)
    return None if assent is None else (assent, number)


def _is_doubtful(text: str, words: list[str]) -> bool:
    """Whether what looks like a yes asks back, takes it back, or may be another word."""
    written = unicodedata.normalize("NFC", text).casefold()
    mistaken = any(word in words and real not in written for word, real in _ACCENTED.items())
    said = f" {' '.join(words)} ".replace(" forget it all ", " ")
    return mistaken or bool(_ASKS.search(text)) or any(f" {no} " in said for no in _NO_PHRASES)


def _lookup(words: str) -> bool | None:
    if words in _WORDS:
        return _WORDS[words]
    if (joined := words.replace(" ", "")) in _WORDS and not joined.isascii():
        return _WORDS[joined]
    first, *rest = words.split()
    if first in _WORDS and _WORDS.get(" ".join(rest)) is _WORDS[first]:
        return _WORDS[first]
    if first in _WORDS and all(
        word in _BESIDE_WORDS or _WORDS.get(word) is _WORDS[first] for word in rest
    ):
        opposed = any(_WORDS.get(word, _WORDS[first]) is not _WORDS[first] for word in rest)
        return None if opposed else _WORDS[first]
    *rest, last = words.split()
    if len(rest) == 1 and rest[0] in _BESIDE_WORDS and rest[0] not in _WORDS:
        return _WORDS.get(last)
    return None


def _entries(table: str) -> list[str]:
    return [" ".join(entry.split()) for entry in table.split(",")]


_BESIDE_WORDS = frozenset(fold_phrase(_BESIDE).split())
_WORDS = {
    **{read_words(entry).strip(): True for entry in _entries(_YES)},
    **{read_words(entry).strip(): False for entry in _entries(_NO)},
}
_WORDS.pop("", None)
_NO_PHRASES = [words for words, said in _WORDS.items() if not said and " " in words]
_SIGNS = {"👍": True, "✅": True, "👌": True, "👎": False, "❌": False, "🚫": False}
