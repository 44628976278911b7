"""Models, tools and limits as they are configured, for admins: no secret is among it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.config.descriptions import as_written, describe_settings
from bot.config.groups.limits import LimitSettings
from bot.config.settings import Settings, variable_of
from bot.domain.page import (
    AllTools,
    Limits,
    OfferedTool,
    ReadableChannel,
    ShownLimit,
    ShownModel,
    ShownQuota,
    ToolServer,
    Visitor,
)
from bot.domain.prices import Price
from bot.limits.call_queue import CallQueue
from bot.limits.quotas import Quotas
from bot.limits.reservations import Quota
from bot.llm.registry import ModelRegistry
from bot.page.arranging import to_tool
from bot.page.reading import Reading
from bot.page.signing import require_admin
from bot.store.page_operating import PageOperating
from bot.text.fingerprints import fingerprint
from bot.tools.tools import Tools

NO_CHANNEL = 0  # whose tools are all that there are, each off


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """Reads the configuration, and how it goes."""

    reading: Reading
    settings: Settings
    registry: ModelRegistry
    all_tools: Tools
    quotas: Quotas
    call_queue: CallQueue
    store: PageOperating

    async def models(self, visitor: Visitor) -> Sequence[ShownModel]:
        """Those that may answer; those of general use first, in their order."""
        require_admin(visitor)
        chosen = await self._chosen(visitor)
        names = dict.fromkeys((*self.settings.model, *self.settings.choices, *chosen))
        return [self._to_model(name, chosen.get(name, ())) for name in names]

    async def tools(self, visitor: Visitor) -> AllTools:
        """What can be called at all, and where it is on."""
        require_admin(visitor)
        mine = await self._mine(visitor)
        on = defaultdict(list)
        for channel_id, tool in await self.store.tools_on(mine):
            on[tool].append(mine[channel_id])
        shown = [to_tool(one) for one in await self.all_tools.registry.known(NO_CHANNEL)]
        servers = self.all_tools.servers.servers if self.all_tools.servers else ()
        return AllTools(
            tools=[
                OfferedTool(
                    name=one.name,
                    says=one.says,
                    server=one.server,
                    missing=one.missing,
                    changes=one.changes,
                    channels=on[one.name],
                )
                for one in shown
            ],
            servers=[
                ToolServer(name=one.entry.name, problem=one.problem, tools=len(one.listing.by_name))
                for one in servers
            ],
        )

    async def limits(self, visitor: Visitor) -> Limits:
        """What is set, and what is used of it."""
        require_admin(visitor)
        payer = fingerprint(visitor.platform, visitor.person_id)
        quotas = await self.quotas.read_quotas(NO_CHANNEL, payer, visitor.workspace)
        return Limits(
            limits=list(self._limits()),
            quotas=[_to_quota(one) for one in quotas if not one.name.startswith("channel")],
            waiting=self.call_queue.waiting,
        )

    def _to_model(self, name: str, channels: Sequence[ReadableChannel]) -> ShownModel:
        found = self.registry.find(name)
        model, breakers = found or (None, None)
        general, price = self.settings.model, self.settings.price_of.get(name)
        return ShownModel(
            name=name,
            place=general.index(name) + 1 if name in general else None,
            choosable=name in self.settings.choices,
            sees=self.settings.sees(name),
            calls_tools=bool(getattr(model, "calls_tools", False)),
            spared=bool(breakers and breakers.answers.is_open),
            price=_written(price) if price else "",
            channels=channels,
        )

    async def _chosen(self, visitor: Visitor) -> Mapping[str, Sequence[ReadableChannel]]:
        """By model, the channels that chose it."""
        mine = await self._mine(visitor)
        chosen = defaultdict(list)
        for channel_id, model in (await self.store.models(mine)).items():
            chosen[model].append(mine[channel_id])
        return dict(chosen)

    async def _mine(self, visitor: Visitor) -> Mapping[int, ReadableChannel]:
        return {one.id: one for one in (await self.reading.channels(visitor)).channels}

    def _limits(self) -> Iterator[ShownLimit]:
        fields = LimitSettings.model_fields
        names = {variable_of(name, field): name for name, field in fields.items()}
        for one in describe_settings():
            if one.name in names:
                value = getattr(self.settings, names[one.name])
                yield ShownLimit(
                    variable=one.name, says=one.line, value=as_written(value) if value else ""
                )


def _written(price: Price) -> str:
    return "/".join(f"{part:g}" for part in price)


def _to_quota(quota: Quota) -> ShownQuota:
    return ShownQuota(
        whose=quota.whose,
        most=str(quota),
        left=quota.left,
        share=min(1.0, quota.used / quota.limit),
    )
