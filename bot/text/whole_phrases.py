"""Whether words stand in a text, with nothing around them that would make them others."""

import re


def stands_whole(text: str, words: str, before: str, after: str) -> bool:
    """Whether the words stand there between two places that these patterns match.

    A pattern made of the words themselves would be compiled for each of them: that takes far longer
    than to look, and 3 MB for the last ones.
    """
    begins, ends = re.compile(before), re.compile(after)
    start = text.find(words)
    while start >= 0:
        if begins.match(text, start) and ends.match(text, start + len(words)):
            return True
        start = text.find(words, start + 1)
    return False
