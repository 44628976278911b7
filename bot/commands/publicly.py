"""A leading --public, by which a command's answer is for everybody; pure."""

import re

_PUBLIC = re.compile(r"\s*(?:--|[—–]-?)public(?=\s|\Z)", re.IGNORECASE)  # phones make a dash of --


def take_public(arguments: str) -> tuple[bool, str]:
    """Whether a command begins so, and what else it was given."""
    found = _PUBLIC.match(arguments)
    return (True, arguments[found.end() :].strip()) if found else (False, arguments.strip())
