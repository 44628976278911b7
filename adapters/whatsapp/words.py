"""What WhatsApp itself writes in the place of what somebody said, in its languages; pure."""

import re

_MEDIA = re.compile(
    r"<[^<>/=]{0,12}(?:m[eéè]di[ae]|medien|m[íi]dia|multim[eé]di|медиа|медіа|מדיה|وسائط|मीडिया"
    r"|メディア|미디어|媒体|媒體|mediatied|mediefil|πολυμέσ|médiá|phương tiện|สื่อ)[^<>/=]{0,40}>",
    re.IGNORECASE,
)
_OMITTED = re.compile(
    r"(?:image|photo|video|audio|sticker|gif|document|contact card|video note|voice message"
    r"|bild|foto|imagen|imagem|immagine|vid[eé]o|vídeo|afbeelding|kuva|изображение|видео|аудио|стикер"
    r"|документ|画像|写真|動画|ビデオ|사진|동영상|图片|图像|视频|圖片|影片|صورة|فيديو)"
    r"[\s-]{0,2}(?:omitted|weggelassen|ausgelassen|omitid[oa]|omis[e]?|absente?|ocultad[oa]|omess[oa]"
    r"|non incluso|weggelaten|jätettiin pois|опущен[оа]?|отсутствует|省略|생략됨|忽略|已略去|已忽略"
    r"|لم يتم إدراجها|محذوفة)",
    re.IGNORECASE,
)
_ATTACHED = re.compile(r"<[^<>:]{3,20}: ?(?P<name>[^<>]+\.\w{2,5})>")
_ATTACHED_BEHIND = re.compile(
    r"(?P<name>[^\n]{1,150}\.\w{2,5}) \((?:file attached|datei angeh[äa]ngt|archivo adjunto"
    r"|fichier joint|file allegato|arquivo anexado|ficheiro anexado|bestand bijgevoegd"
    r"|файл добавлен|dosya ekli|dosya eklendi|plik dołączony|plik załączony|fil vedhæftet"
    r"|bifogad fil|tiedosto liitetty|添付ファイル|파일 첨부됨|文件附件|附件|الملف مرفق)\)",
    re.IGNORECASE,
)
_OWN_NAME = re.compile(
    r"(?P<name>(?:IMG|VID|PTT|AUD|STK|DOC)-\d{8}-WA\d{1,6}\.\w{2,5}) \([^()\n]{3,40}\)"
)
_PAGES = re.compile(r"(?P<name>[^\n]{1,150}\.\w{2,5}) • .*", re.DOTALL)
_EDITED = re.compile(
    r"\s*<[^<>\n]{0,40}(?:edited|bearbeitet|edit[óao]|modifi|bewerkt|измен|edytowan|düzenlen"
    r"|redigeret|redigerad|muokattu|編集|편집|编辑|編輯|تعديل)[^<>\n]{0,20}>\s*\Z",
    re.IGNORECASE,
)
_DELETED = frozenset(
    {
        *("this message was deleted", "you deleted this message", "message deleted", "null"),
        *("diese nachricht wurde gelöscht", "du hast diese nachricht gelöscht"),
        *("se eliminó este mensaje", "eliminaste este mensaje", "este mensaje fue eliminado"),
        *("ce message a été supprimé", "vous avez supprimé ce message"),
        *("questo messaggio è stato eliminato", "hai eliminato questo messaggio"),
        *("esta mensagem foi apagada", "mensagem apagada", "você apagou esta mensagem"),
        *("apagou esta mensagem", "dit bericht is verwijderd", "je hebt dit bericht verwijderd"),
        *("данное сообщение удалено", "сообщение удалено", "вы удалили данное сообщение"),
        *("это сообщение удалено", "ta wiadomość została usunięta", "usunięto tę wiadomość"),
        *("bu mesaj silindi", "bu mesajı sildiniz", "このメッセージは削除されました"),
        *("メッセージを削除しました", "삭제된 메시지입니다", "메시지를 삭제했습니다"),
        *("此消息已被删除", "您已删除这条消息", "此訊息已刪除", "تم حذف هذه الرسالة"),
        *("pesan ini dihapus", "pesan ini telah dihapus", "anda menghapus pesan ini"),
        *("यह मैसेज मिटा दिया गया था", "waiting for this message", "denna meddelandet raderades"),
        *("detta meddelande raderades", "denne besked blev slettet", "tämä viesti poistettiin"),
    }
)
MARK = "\u200e"  # before what the app itself wrote, on iPhones


def what_is_missing(text: str) -> str:
    """The kind of what stands in the place of a message; empty for what somebody said."""
    seen = text.strip(f"{MARK}\u200f \n")
    if _MEDIA.fullmatch(seen) or (_OMITTED.fullmatch(seen) and text.lstrip(" ").startswith(MARK)):
        return "media that is not in the export"
    return "deleted" if seen.rstrip(".").strip().casefold() in _DELETED else ""


def is_notice(text: str) -> bool:
    """Whether the app wrote it, in somebody's name: that it is encrypted, say."""
    return text.startswith(MARK) and not attached(text)[0]


def attached(text: str) -> tuple[str, str]:
    """The name of an attached file, and what was written below it; empty where there is none."""
    plain = text.replace(MARK, "").strip()
    first, _, rest = plain.partition("\n")
    for shape in (_ATTACHED, _ATTACHED_BEHIND, _OWN_NAME):
        if found := shape.fullmatch(first):
            return found["name"], rest.strip()
    if text.startswith(MARK) or MARK in text:
        if (found := _PAGES.fullmatch(plain)) and _OMITTED.search(plain):
            return found["name"], ""
        if found := _ATTACHED.search(plain):
            return found["name"], (plain[: found.start()] + plain[found.end() :]).strip()
    return "", plain


def without_edit_note(text: str) -> str:
    """A text without the app's note that it was edited."""
    return _EDITED.sub("", text)
