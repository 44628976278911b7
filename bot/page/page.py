"""The page of one replica, room by room."""

from dataclasses import dataclass

from bot.page.administering import Administering
from bot.page.archiving import Archiving
from bot.page.arranging import Arranging
from bot.page.asked import Asking
from bot.page.changing import Changing
from bot.page.chatting import Chatting
from bot.page.examining import Examining
from bot.page.memory import Remembering
from bot.page.numbers import Counting
from bot.page.operating import Operating
from bot.page.signing import SigningIn
from bot.page.uploading import Uploading


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPage:
    """What is shown to whom (bot.domain.page.Page)."""

    signing: SigningIn
    counting: Counting
    remembering: Remembering
    asking: Asking
    arranging: Arranging
    changing: Changing
    uploading: Uploading
    archiving: Archiving
    administering: Administering
    operating: Operating
    chatting: Chatting
    examining: Examining
