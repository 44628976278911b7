"""What the page in a browser may ask: who looks, what they may see, and what it was made from."""

from bot.domain.page.contents import AskedTurn as AskedTurn
from bot.domain.page.contents import Audited as Audited
from bot.domain.page.contents import Day as Day
from bot.domain.page.contents import Examined as Examined
from bot.domain.page.contents import Memory as Memory
from bot.domain.page.contents import ModelCall as ModelCall
from bot.domain.page.contents import Numbers as Numbers
from bot.domain.page.contents import ReadableChannel as ReadableChannel
from bot.domain.page.contents import ReadableChannels as ReadableChannels
from bot.domain.page.contents import SessionInfo as SessionInfo
from bot.domain.page.contents import Timeline as Timeline
from bot.domain.page.contents import ToolUse as ToolUse
from bot.domain.page.contents import Turns as Turns
from bot.domain.page.contents import Used as Used
from bot.domain.page.contents import Why as Why
from bot.domain.page.ports import Page as Page
from bot.domain.page.visitors import SIGN_IN as SIGN_IN
from bot.domain.page.visitors import TERMINAL as TERMINAL
from bot.domain.page.visitors import LinkSpent as LinkSpent
from bot.domain.page.visitors import NotThere as NotThere
from bot.domain.page.visitors import OfferedLink as OfferedLink
from bot.domain.page.visitors import TooManyTries as TooManyTries
from bot.domain.page.visitors import Visitor as Visitor
