"""What the examination finds of the platforms: their own checks, and when one was last heard."""

from collections.abc import AsyncIterator
from dataclasses import replace

from bot.config import plugins
from bot.config.environment import Environment
from bot.domain.errors import NellieError, PluginError
from bot.domain.ports import Adapter, Finding
from bot.store.database import Database
from bot.store.diagnostics import last_heard

NONE = "no platform is configured: `nellie chat` and `nellie import` work"
TO_ADD_ONE = "`nellie slack setup` and `nellie discord setup` add one"


async def examine_platforms(
    environ: Environment, database: Database | None
) -> AsyncIterator[Finding]:
    """Every finding of every platform that is configured, or that is configured wrongly."""
    found = False
    for name in plugins.names("adapter"):
        try:
            adapter: Adapter | None = plugins.load("adapter", name).configured(environ)
        except NellieError as error:
            found = True
            yield Finding(name, "wrong", str(error), _to_configure_it(error))
            continue
        if adapter:
            found = True
            async for finding in _examine_platform(adapter, database):
                yield replace(finding, name=f"{name}, {finding.name}")
    if not found:
        yield Finding("platforms", "note", NONE, TO_ADD_ONE)


def _to_configure_it(error: NellieError) -> str:
    if isinstance(error, PluginError):
        return "update the package that brings it, or uninstall it"
    return "correct it in the environment or in .env; `nellie settings` says where it comes from"


async def _examine_platform(adapter: Adapter, database: Database | None) -> AsyncIterator[Finding]:
    well = True
    async for finding in adapter.checks():
        well = well and finding.state != "wrong"
        yield finding
    if not (well and database and adapter.hears):
        return
    at = await last_heard(database, adapter.name)
    if at:
        yield Finding("last heard", "ok", f"{at:%Y-%m-%d %H:%M} UTC")
    else:
        mend = "with `nellie run` running, mention Nellie in a channel; then look again"
        yield Finding("last heard", "note", "nothing yet", mend)
