"""The mention with which a message calls Nellie: it is no part of what is asked."""

import re

# A colon or comma belongs to the call where it cannot belong to what follows: ":tada:", "::1".
# Those of full width, and the commas of Chinese and Arabic, always do.
_AFTER = r"(?:[,：，、،]|:(?![:\w+-]+:)|\s+[,:](?=\s|$))?\s*"


def without_call(text: str, mention: str) -> str:
    """The text without the mention (a regular expression) that it begins with.

    Unchanged where it does not begin with one, or where nothing else is said.
    """
    rest = re.sub(rf"^\s*(?:{mention}){_AFTER}", "", text)
    return rest if rest.strip() else text
