"""The output of `nellie doctor`, and its exit code."""

import json
from dataclasses import asdict

import typer

from bot.cli.runner import run
from bot.doctor.examination import examine
from bot.domain.ports import Finding
from bot.text.sanitize import clean


def check_everything(*, as_json: bool) -> int:
    """Print every finding; returns the exit code, 1 when something is wrong."""
    wrong = False

    async def print_findings() -> None:
        nonlocal wrong
        async for finding in examine():
            wrong = wrong or finding.state == "wrong"
            typer.echo(json.dumps(asdict(finding)) if as_json else format_finding(finding))

    # With a log level of its own, since wrong settings are a finding here.
    code = run(print_findings(), level="error")
    return code or int(wrong)


def format_finding(finding: Finding) -> str:
    """A finding for people, on one line or two."""
    line = f"{finding.state:5}  {finding.name}: {clean(finding.what)}"
    return f"{line}\n       -> {clean(finding.mend)}" if finding.mend else line
