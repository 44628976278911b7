"""The walk through a setup: ask for a token, let the platform check it, keep it, go on."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from adapters.kit.setup import terminal
from adapters.kit.setup.env_file import EnvFile
from bot.domain.errors import NellieError
from bot.domain.findings import Finding

ENV_FILE = Path(".env")
INTERRUPTED = 130  # the exit code of work that was broken off, as shells know it
SKIP = ("s", "skip")
_UNSEEN = re.compile("\x1b\\[20[01]~|[\u200b-\u200f\u2060\ufeff\x00-\x08]")
"""Marks of a paste, and characters without a width that web pages bring along."""
_AROUND = " \t\u00a0'\"`\u2018\u2019\u201c\u201d<>,;"


@dataclass(frozen=True)
class Secret:
    """A token that is asked for."""

    name: str
    """The variable that keeps it."""
    called: str
    """What the platform calls it."""
    where: str
    """Where it is found."""
    fault: Callable[[str], str]
    """What is wrong with it by its looks; "" where nothing is."""
    check: Callable[[str], AsyncIterator[Finding]]
    """What the doctor finds with it."""
    decisive: str
    """The finding that says whether it is accepted."""


class Stopped(NellieError):
    """The setup cannot go on. Details: reason."""

    text = "{reason}"


class Wizard:
    """One run of a setup. Everything that is accepted is in .env at once."""

    def __init__(self, command: str, environ: Mapping[str, str]) -> None:
        """`command` is what starts it, such as "nellie slack setup"."""
        self.command = command
        self._environ = environ
        self._env_file = EnvFile(ENV_FILE, command)
        self._kept: list[str] = []

    def run(self, walk: Callable[["Wizard"], None], tokens: str) -> int:
        """Walk through it; returns the exit code. Whoever stops is told how to go on."""
        if not terminal.is_terminal():
            what = f"`{self.command}` asks questions, and there is no terminal to answer them at."
            mend = f"Put {tokens} into .env by hand; `nellie doctor` checks what is there."
            sys.stderr.write(f"nellie: {what} {mend}\n")
            return 1
        try:
            self._env_file.check()
            walk(self)
        except NellieError as error:
            terminal.say(f"\n{error}")
            return 1
        except (KeyboardInterrupt, EOFError, asyncio.CancelledError):
            kept = f"{' and '.join(self._kept)} stays in .env. " if self._kept else ""
            terminal.say(f"\n\nStopped. {kept}`{self.command}` goes on from here.")
            return INTERRUPTED
        return 0

    def has(self, secret: Secret) -> bool:
        """Whether there is one already, accepted or not."""
        return bool(self._environ.get(secret.name, "").strip())

    def obtain(self, secret: Secret) -> str:
        """The token, once the platform accepts it. Raises Stopped where .env does not decide."""
        token = self._environ.get(secret.name, "").strip()
        if token:
            terminal.say(f"\n{secret.name} is set already. Checking it:")
            fault = secret.fault(token)
            if fault:
                terminal.say(f"It is not right: {fault}.")
            elif self._is_accepted(secret, token):
                return token
            self._require_in_file(secret)
        return self._ask_for(secret, "" if not token or fault else token)

    def _ask_for(self, secret: Secret, token: str) -> str:
        """Ask until it is accepted; `token` is one that was refused, and can be tried again."""
        while True:
            again = " (Enter alone: check the same one again)" if token else ""
            terminal.say("")
            given = terminal.ask_secret(f"Paste the {secret.called}, from {secret.where}{again}:")
            if not (given := unwrapped(given, secret.name) or token):
                terminal.say("Nothing arrived. Ctrl-C stops; what is done stays.")
                continue
            if given != token:
                terminal.say(f"{len(given)} characters. Checking them:")
            if fault := secret.fault(given):
                terminal.say(f"That is not it: {fault}.")
                continue
            token = given
            if self._is_accepted(secret, token):
                return token

    def _is_accepted(self, secret: Secret, token: str) -> bool:
        """Whether the platform takes it; what else is wrong can be mended while this waits."""
        while True:
            findings = collect(secret.check(token))
            states = {finding.name: finding.state for finding in findings}
            if states.get(secret.decisive) != "ok":
                return False
            self._keep(secret, token)
            if "wrong" not in states.values():
                return True
            terminal.say("")
            answer = terminal.ask("Mend that, then press Enter: I look again. Or type skip:")
            if answer.lower() in SKIP:
                return True

    def _keep(self, secret: Secret, token: str) -> None:
        if secret.name in self._kept or self._environ.get(secret.name, "").strip() == token:
            return
        self._env_file.write(secret.name, token)
        self._kept.append(secret.name)
        terminal.say(f"{secret.name} is in {ENV_FILE.resolve()}, which only you can read.")

    def _require_in_file(self, secret: Secret) -> None:
        """What the environment sets counts before .env: a new line there would change nothing."""
        for name in (secret.name, f"{secret.name}_FILE"):
            if os.environ.get(name):
                reason = f"The environment sets {name}, which counts before .env: mend it there"
                raise Stopped(reason=f"{reason} (or unset it), then start `{self.command}` again.")

    def finish(self, mention: str) -> None:
        """Offer to start Nellie, and say what to say first."""
        if not self._environ.get("NELLIE_MODEL"):
            terminal.say(
                "\nWithout a language model Nellie quotes; NELLIE_MODEL in .env names one."
            )
        if not terminal.agrees("Start Nellie now? It runs until Ctrl-C."):
            terminal.say(f"\n`nellie run` starts Nellie in this folder. {mention}")
            return
        terminal.say(f"\n{mention}\n")
        start_nellie()


def collect(findings: AsyncIterator[Finding]) -> list[Finding]:
    """Say each finding as it comes, and return them all."""

    async def say_all() -> list[Finding]:
        found = []
        async with aclosing(findings) as coming:  # type: ignore[type-var]  # they are generators
            async for finding in coming:
                terminal.say(_line_of(finding))
                found.append(finding)
        return found

    return asyncio.run(say_all())


def start_nellie() -> NoReturn:
    """Become `nellie run`, started the way this was."""
    sys.stdout.flush()
    arguments = sys.orig_argv[: len(sys.orig_argv) - len(sys.argv[1:])]
    os.execv(sys.executable, [sys.executable, *arguments[1:], "run"])  # noqa: S606  # our own program


def _line_of(finding: Finding) -> str:
    line = f"  {finding.state}: {finding.name}: {finding.what}"
    return f"{line}\n    -> {finding.mend}" if finding.mend else line


def unwrapped(given: str, name: str) -> str:
    """What was pasted, without what people and programs put around it."""
    given = _UNSEEN.sub("", given)
    for around in ("export ", f"{name}=", f"{name}:", "Bearer ", "Bot "):
        given = given.strip(_AROUND).removeprefix(around)
    return given.strip(_AROUND)
