"""The file that lists MCP servers, in the form that other programs read too; no library needed."""

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MOST_BYTES = 1_000_000
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VARIABLE = re.compile(r"\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerEntry:
    """A server as the operator lists it. Its arguments, environment and headers may be secret."""

    name: str
    command: str = ""
    """The program to start; empty where the server has an address."""
    args: tuple[str, ...] = field(default=(), repr=False)
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str | None = None
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    reads: tuple[str, ...] = ()
    """Patterns of the tools that only read, as the operator says; all others change something."""
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """What was written for variables: it is in no log."""

    @property
    def program(self) -> str:
        """The command with the home folder filled in."""
        return os.path.expanduser(self.command)

    @property
    def where(self) -> str:
        """Where it is, without what may be secret."""
        if self.command:
            return self.command
        address = urlsplit(self.url)
        return f"{address.scheme}://{address.hostname}{f':{address.port}' if address.port else ''}"


@dataclass(frozen=True, slots=True)
class Listed:
    """What stands in the file: servers, and what is wrong with it, a sentence each."""

    servers: tuple[ServerEntry, ...] = ()
    problems: tuple[str, ...] = ()


class _Wrong(Exception):
    """What is wrong with one entry."""


def read_file(path: str, environ: Mapping[str, str] | None = None) -> Listed:
    """The servers of a file, with `${VARIABLE}` filled in from the environment.

    What is wrong with one entry costs no other.
    """
    problems: list[str] = []
    try:
        listed = _parse(Path(os.path.expanduser(path)), problems)
    except _Wrong as error:
        return Listed(problems=(str(error),))
    servers: list[ServerEntry] = []
    for name, entry in listed:
        try:
            server = _to_server(name, entry, os.environ if environ is None else environ)
        except _Wrong as error:
            problems.append(f"The MCP server {name!r} is left out: {error}.")
            continue
        if server is None:
            continue
        twin = next((one for one in servers if to_word(one.name) == to_word(name)), None)
        if twin:
            problems.append(
                f"The MCP server {name!r} is left out: {twin.name!r} stands before it and has the"
                " same name, as far as models can tell. Give one of them another name."
            )
            continue
        servers.append(server)
    return Listed(tuple(servers), tuple(problems))


def to_word(name: str) -> str:
    """A name as it begins the names of its tools."""
    return re.sub(r"[^a-zA-Z0-9]+", "_", name).strip("_").lower()[:24] or "server"


def _parse(path: Path, problems: list[str]) -> list[tuple[str, Any]]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _Wrong(f"NELLIE_MCP: {path} is too large to be a list of servers (over 1 MB).")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise _Wrong(f"NELLIE_MCP: there is no file {path}. No MCP server is used.") from None
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise _Wrong(f"NELLIE_MCP: {path} cannot be read ({reason}).") from None
    try:
        found = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        place = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise _Wrong(f"NELLIE_MCP: {path} is no JSON{place}. No MCP server is used.") from None
    if isinstance(found, _Pairs) and "mcpServers" in found.repeated:
        problems.append(f'"mcpServers" stands twice in {path}: the first one is used.')
    servers = found.get("mcpServers") if isinstance(found, _Pairs) else None
    if not isinstance(servers, _Pairs):
        raise _Wrong(
            f'NELLIE_MCP: {path} lists no servers. Write {{"mcpServers": {{"NAME": {{"command":'
            ' "PROGRAM"}}}, or "url" in place of "command".'
        )
    problems += [
        f"The MCP server {name!r} stands twice in {path}: the first one is used."
        for name in sorted(servers.repeated)
    ]
    return list(servers.items())


class _Pairs(dict[str, Any]):
    """An object of JSON that remembers which of its names stand twice; the first of them counts."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(reversed(pairs))
        names = [name for name, _ in pairs]
        ordered = {name: self[name] for name in names}
        self.clear()
        self.update(ordered)
        self.repeated = {name for name, times in Counter(names).items() if times > 1}


def _to_server(name: str, entry: Any, environ: Mapping[str, str]) -> ServerEntry | None:
    if not isinstance(entry, dict):
        raise _Wrong("what stands there is no object")
    if entry.get("disabled") is True or entry.get("enabled") is False:
        return None
    fill = _Filling(environ)
    command, url = (
        fill.text(entry, "command"),
        fill.text(entry, "url") or fill.text(entry, "serverUrl"),
    )
    if bool(command) is bool(url):
        raise _Wrong('it needs either "command" or "url"')
    if str(entry.get("type", "")).lower() == "sse":
        raise _Wrong('"type": "sse" is a transport of former times; ask for its "http" address')
    server = ServerEntry(
        name=name,
        command=command,
        args=tuple(fill.texts(entry, "args")),
        env=dict(fill.pairs(entry, "env")),
        cwd=fill.text(entry, "cwd") or None,
        url=url,
        headers=dict(fill.pairs(entry, "headers")),
        reads=tuple(fill.texts(entry, "reads")),
        secrets=frozenset(fill.secrets),
    )
    _check(server)
    return server


def _check(server: ServerEntry) -> None:
    for name, value in server.headers.items():
        if not _HEADER.fullmatch(name) or not (value.isascii() and value.isprintable()):
            raise _Wrong(f'in its "headers", {name!r} is nothing that can be sent')
    if server.url:
        try:
            address = urlsplit(server.url)
            known = address.scheme in ("http", "https") and address.hostname and address.port != 0
        except ValueError:
            known = False
        if not known:
            raise _Wrong('its "url" is no address of http or https')
        return
    if server.cwd and not Path(server.cwd).is_dir():
        raise _Wrong(f'there is no folder {server.cwd} (its "cwd")')
    if not _find_command(server):
        raise _Wrong(f"the command {server.command!r} is not installed here")


def _find_command(server: ServerEntry) -> str | None:
    folders = server.env.get("PATH") or os.environ.get("PATH")
    if os.path.dirname(server.command):
        return shutil.which(os.path.join(server.cwd or "", server.program))
    return shutil.which(server.command, path=folders)


class _Filling:
    """Reads the fields of an entry, and fills in variables."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.secrets: set[str] = set()

    def text(self, entry: dict[str, Any], name: str) -> str:
        value = entry.get(name, "")
        if not isinstance(value, str):
            raise _Wrong(f'its "{name}" is no text')
        return self._filled(value).strip()

    def texts(self, entry: dict[str, Any], name: str) -> Iterator[str]:
        value = entry.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise _Wrong(f'its "{name}" is no list of texts')
        return map(self._filled, value)

    def pairs(self, entry: dict[str, Any], name: str) -> Iterator[tuple[str, str]]:
        value = entry.get(name) or {}
        if not isinstance(value, dict):
            raise _Wrong(f'its "{name}" is no object')
        for key, one in value.items():
            if not isinstance(one, str | int | float) or "\0" in f"{key}{one}" or "\n" in f"{key}":
                raise _Wrong(f'in its "{name}", {key!r} is no text')
            filled = self._filled(str(one))
            self.secrets.add(filled)
            yield key, filled

    def _filled(self, text: str) -> str:
        def fill(found: re.Match[str]) -> str:
            name, otherwise = found.groups()
            value = self._environ.get(name) or otherwise
            if value is None:
                raise _Wrong(f"the variable {name} that it names is not set")
            self.secrets.add(value)
            return value

        return _VARIABLE.sub(fill, text)
