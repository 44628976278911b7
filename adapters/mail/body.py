"""What somebody wrote in a mail: without quotes, signatures and markup; pure."""

import re
from email.message import Message as Mail

from bot.text.html_text import to_text
from bot.text.mail_parts import decoded, file_name, texts

_QUOTE = re.compile(r"\s{0,3}>")
_SIGNATURE = re.compile(r"-- ?|_{20,}|-{40,}")
_FORWARDED = re.compile(
    r"-{2,}\s*(?:Original Message|Ursprüngliche Nachricht|Mensaje original|Message d'origine"
    r"|Messaggio originale|Mensagem original|Исходное сообщение|原始邮件)\s*-{2,}",
    re.IGNORECASE,
)
_FOOTER = re.compile(r"_{30,}\s*\Z|-{30,}\s*\Z")


def written(mail: Mail) -> str:
    """The text that its author wrote, plain if there is such a part."""
    plain = [part for part in texts(mail) if part.get_content_type() == "text/plain"]
    if plain:
        return own_words("\n".join(map(decoded, plain)))
    return own_words("\n".join(to_text(decoded(part)) for part in texts(mail)))


def files(mail: Mail) -> list[str]:
    """The names of what is attached."""
    return [name for part in mail.walk() if (name := file_name(part))]


def own_words(text: str) -> str:
    """Without what is quoted, who it is quoted from, and the signature."""
    kept: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if _SIGNATURE.fullmatch(line) or _FORWARDED.fullmatch(line.strip()):
            break
        if _QUOTE.match(line):
            _drop_attribution(kept)
        else:
            kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _drop_attribution(kept: list[str]) -> None:
    """The line or two before a quote that say whose it is: "On Friday, Ana wrote:"."""
    at = len(kept)
    while at and not kept[at - 1].strip():
        at -= 1
    if not at or not kept[at - 1].rstrip().endswith(":"):
        return
    begun = at - 1
    if begun and re.match(r"\s*(?:On|Am|Le|El|Il|Em|Op|Den)\s", kept[begun - 1]):
        begun -= 1
    if re.search(r"\d|wrote|schrieb|écrit|escribió|scritto|escreveu|schreef|skrev", kept[at - 1]):
        del kept[begun:]
