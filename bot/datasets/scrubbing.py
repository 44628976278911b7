"""Secrets, e-mail addresses and telephone numbers, taken out of what becomes training data.

Secrets are found by Kingfisher's rules, telephone numbers by Google's library (the extra
`dataset`); what every rule of a library wants to see more of, by patterns of ours.
"""

import re

from bot.config.extras import how_to_install
from bot.domain.errors import SettingsError

SECRET, EMAIL, PHONE = "[secret]", "[e-mail]", "[phone]"

_FEWEST_DIGITS = 6  # of a telephone number
# What follows is no part of it: chats put signs around an address (_bob@example.com_).
_EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}(?:[@＠﹫]|%40)"
    r"(?:[\w-]{1,63}[.．。]){1,8}(?:xn--[a-z0-9-]{1,59}|[^\W\d_]{2,24})",
    re.IGNORECASE,
)
_AT = re.compile("[@＠﹫]|%40")
_PASSWORD_IN_ADDRESS = re.compile(r"(?<=://)[^\s/?#@:]{1,256}:[^\s/?#@]{1,256}(?=@)")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.{0,20000}?"
    r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_NAMED = (
    r"(?:passw(?:or)?d|passphrase|pwd|secret(?:[ _-]?key)?|token|(?:api|access|private)[ _-]?key"
    r"|kennwort|passwort|(?<![^\W_])pw)"
)
_PLAIN = r"[^\s\"'`,;<\[]"
_ASSIGNED = re.compile(
    rf"(?i)((?<![\w-])[\w-]{{0,40}}?{_NAMED}(?:\s(?:is|ist))?[\"']?\s{{0,3}}(?:=|:=?)\s{{0,3}})"
    r"(?:\"[^\"\n]{4,200}\"|'[^'\n]{4,200}'|`[^`\n]{4,200}`|[“„«‘‚][^“”«»‘’\n]{4,200}[“”»‘’]"
    rf"|{_PLAIN}{{6,200}}|(?={_PLAIN}{{0,4}}\d){_PLAIN}{{4,5}})"
)
_GIVEN_TO_PROGRAM = re.compile(
    rf"(?i)((?<!\S)--[\w-]{{0,40}}?{_NAMED}\s{{1,3}})[^\s<\[-]\S{{3,199}}"
)
# Tokens by the letters that they begin with: where only a part of one was pasted, no rule sees it.
_TOKEN = re.compile(
    r"\b(?:xox[abeoprs]-|xapp-\d-|gh[opusr]_|github_pat_|glpat-|sk-(?:proj-|ant-|svcacct-)?"
    r"|hf_|npm_|pypi-|AKIA|ASIA|AIza|ya29\.|eyJ[\w-]{8,}\.eyJ)[\w.~+/=-]{12,}"
)
_RUN = re.compile(r"\S{10,}")
_WORDS_BESIDE = ("passw", "passp", "kennw", "secret", "token", "key", "pwd", "pw:", "pw=")
_LONGEST_WORD = 20
_DIGIT = re.compile(r"\d")


class Scrubber:
    """Finds them with rules that are compiled once."""

    def __init__(self) -> None:
        """Raises SettingsError where the extra is missing."""
        try:
            from kingfisher_sdk import Scanner
            from phonenumbers import PhoneNumberMatcher
        except ImportError as error:
            what = "what takes secrets and telephone numbers out of texts is an extra"
            raise SettingsError(
                name="dataset", reason=f"{what}: {how_to_install('dataset')}"
            ) from error
        self._secrets = Scanner(dedup=False, redact=False)
        self._phones = PhoneNumberMatcher

    def scrub(self, text: str) -> str:
        """The text with what stands for each of them."""
        if _may_hold_a_secret(text):
            text = self._without_secrets(text)
        if _AT.search(text):
            text = _EMAIL.sub(EMAIL, text)
        return self._without_phones(text)

    def may_be_in(self, text: str) -> bool:
        """Whether a text, or a word of one, may be or hold a part of any of them."""
        return bool(_AT.search(text) or _DIGIT.search(text)) or _may_hold_a_secret(text)

    def _without_secrets(self, text: str) -> str:
        data = text.encode()
        spans = [
            (found.location["start_offset"], found.location["end_offset"])
            for found in self._secrets.scan(data)
        ]
        if spans:
            text = _cut_out(data, spans)
        for pattern in (_PRIVATE_KEY, _PASSWORD_IN_ADDRESS, _TOKEN):
            text = pattern.sub(SECRET, text)
        for pattern in (_ASSIGNED, _GIVEN_TO_PROGRAM):
            text = pattern.sub(rf"\1{SECRET}", text)
        return text

    def _without_phones(self, text: str) -> str:
        if len(_DIGIT.findall(text)) < _FEWEST_DIGITS:
            return text
        pieces, end = list[str](), 0
        for found in self._phones(text, None):
            pieces += (text[end : found.start], PHONE)
            end = found.end
        return "".join((*pieces, text[end:]))


def _may_hold_a_secret(text: str) -> bool:
    """Whether a text is worth a closer look: most of what people say is not."""
    lowered = text.lower()
    if any(word in lowered for word in _WORDS_BESIDE):
        return True
    return any(len(one) >= _LONGEST_WORD or _DIGIT.search(one) for one in _RUN.findall(text))


def _cut_out(data: bytes, spans: list[tuple[int, int]]) -> str:
    pieces, end = list[bytes](), 0
    for start, stop in sorted(spans):
        if start >= end:
            pieces += (data[end:start], SECRET.encode())
        end = max(end, stop)
    return b"".join((*pieces, data[end:])).decode("utf-8", "replace")
