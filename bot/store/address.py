"""DATABASE_URL as clouds hand it out -> what SQLAlchemy and asyncpg take."""

import re
import ssl
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from bot.domain.errors import SettingsError

_TIMEOUTS = {"timeout": 5, "command_timeout": 60}  # seconds: to connect, and of one statement
_SEVERAL_HOSTS = re.compile(r"^([^/]*//(?:[^@/]*@)?)([^/?]*,[^/?]*)(.*)$", re.DOTALL)
# What psql's library reads and asyncpg does not: it encrypts and checks without them.
_LEFT_OUT = (
    "channel_binding",
    "gssencmode",
    "sslcompression",
    "sslsni",
    "requirepeer",
    "pgbouncer",
)
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_SESSIONS = ("any", "primary", "standby", "read-write", "read-only", "prefer-standby")
_CHOICES = {"sslmode": _SSL_MODES, "target_session_attrs": _SESSIONS}


def address(url: str) -> str:
    """The address as SQLAlchemy wants it: people write postgres:// and postgresql://."""
    return _parse(url).render_as_string(hide_password=False)


def whereabouts(url: str) -> str:
    """Where the database is and what it is called, without who asks and with which password."""
    parsed = _parse(url)
    hosts = parsed.query.get("host") or parsed.host or "localhost"
    listed = hosts if isinstance(hosts, str) else ",".join(hosts)
    port = f":{parsed.port}" if parsed.port and not parsed.query.get("host") else ""
    return f"{listed}{port}/{parsed.database or ''}"


def split_address(url: str) -> tuple[URL, dict[str, Any]]:
    """The address without its parameters, and those as asyncpg takes them. Raises SettingsError.

    asyncpg reads parameters of psql's names in an address of its own ("dsn"); what it does not
    know it hands to the server, which names it when it does not know it either.
    """
    parsed = _parse(url)
    query = {name: _last(value) for name, value in parsed.query.items() if name != "host"}
    for name in _LEFT_OUT:
        query.pop(name, None)
    if "ssl" in query:  # asyncpg's own name for it
        query.setdefault("sslmode", query.pop("ssl"))
    _check(query)
    arguments: dict[str, Any] = dict(_TIMEOUTS)
    if seconds := query.pop("connect_timeout", ""):
        arguments["timeout"] = max(1, int(seconds)) if seconds != "0" else None
    if query.get("sslrootcert") == "system":  # what the machine trusts; asyncpg looks for a file
        del query["sslrootcert"]
        query.pop("sslmode", None)
        arguments["ssl"] = ssl.create_default_context()
    if query:
        arguments["dsn"] = f"postgresql:///?{urlencode(query)}"
    hosts = parsed.query.get("host")
    return parsed.set(query={"host": hosts} if hosts else {}), arguments


def _parse(url: str) -> URL:
    if several := _SEVERAL_HOSTS.match(url):
        beginning, hosts, rest = several.groups()
        listed = urlencode([("host", host) for host in hosts.split(",")])
        url = f"{beginning}{rest}{'&' if '?' in rest else '?'}{listed}"
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise SettingsError(
            name="DATABASE_URL", reason="not an address like postgresql://user:password@host/name"
        ) from None
    if parsed.drivername.partition("+")[0] not in {"postgres", "postgresql"}:
        raise SettingsError(
            name="DATABASE_URL", reason=f"only postgresql:// works, not {parsed.drivername}://"
        )
    return parsed.set(drivername="postgresql+asyncpg")


def _check(query: Mapping[str, str]) -> None:
    for name, choices in _CHOICES.items():
        if query.get(name, choices[0]) not in choices:
            reason = f"{name} is one of {', '.join(choices)}"
            raise SettingsError(name="DATABASE_URL", reason=reason)
    seconds = query.get("connect_timeout", "")
    if seconds and not (seconds.isascii() and seconds.isdecimal()):
        reason = "connect_timeout is a number of seconds"
        raise SettingsError(name="DATABASE_URL", reason=reason)


def _last(value: str | Iterable[str]) -> str:
    return value if isinstance(value, str) else list(value)[-1]
