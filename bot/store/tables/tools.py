"""Tools of a channel, their calls, and what people let happen."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import BIG, NOW, TIME


class ToolSwitchRow(SQLModel, table=True):
    """Whether a tool is on in a channel, and how it described itself when it was switched on."""

    __tablename__ = "tool_switch"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    tool: str = Field(sa_type=sa.Text, primary_key=True)
    enabled: bool
    described: str = Field(sa_type=sa.Text)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))


class ToolCallRow(SQLModel, table=True):
    """A call of a tool by a turn. Its words are kept until the turn has ended."""

    __tablename__ = "tool_call"
    __table_args__ = (
        sa.Index(
            "uq_tool_call_place",
            "turn_id",
            "round",
            "position",
            unique=True,
            postgresql_where=sa.text("NOT retired"),
        ),
        sa.Index("ix_tool_call_channel", "channel_id", "planned_at"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    turn_id: int = Field(sa_type=BIG)
    channel_id: int = Field(sa_type=BIG)
    round: int
    position: int
    tool: str = Field(sa_type=sa.Text)
    changes: bool
    state: str = Field(sa_type=sa.Text)
    """planned, waiting, running, done, failed, refused or unknown."""
    hash: str = Field(sa_type=sa.Text)
    key: str = Field(sa_type=sa.Text)
    call: str | None = Field(None, sa_type=sa.Text)
    said: str | None = Field(None, sa_type=sa.Text)
    usage: str | None = Field(None, sa_type=sa.Text)
    result: str | None = Field(None, sa_type=sa.Text)
    rests_on: list[int] | None = Field(None, sa_type=sa.ARRAY(BIG))
    retired: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    """Of an attempt before the person asked for another answer."""
    planned_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    ended_at: datetime | None = Field(None, sa_type=TIME)


class ConsentRow(SQLModel, table=True):
    """A question whether a tool may change something, about the row of a call."""

    __tablename__ = "consent"
    __table_args__ = (
        sa.UniqueConstraint("call_id"),
        sa.Index("ix_consent_turn", "turn_id"),
        sa.Index("ix_consent_channel", "channel_id"),
        sa.Index("ix_consent_went_on", "went_on", postgresql_where="went_on IS NOT NULL"),
        sa.Index("ix_consent_unsettled", "until", postgresql_where="NOT settled"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    channel_id: int = Field(sa_type=BIG)
    turn_id: int = Field(sa_type=BIG)
    """The turn whose answer asks."""
    call_id: int = Field(sa_type=BIG)
    number: int
    tool: str = Field(sa_type=sa.Text)
    hash: str = Field(sa_type=sa.Text)
    """Of the call and of all that its tool says of itself."""
    person: str = Field(sa_type=sa.Text)
    """A fingerprint of who asked."""
    again: bool
    repeats: bool
    """Just this was done in the channel within a day before."""
    state: str = Field(sa_type=sa.Text)
    """open, allowed, denied or expired."""
    decided_by: str | None = Field(None, sa_type=sa.Text)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    until: datetime = Field(sa_type=TIME)
    ended_at: datetime | None = Field(None, sa_type=TIME)
    went_on: int | None = Field(None, sa_type=BIG)
    """The turn that goes on with what was decided."""
    settled: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    """Nothing follows from it any more, and no words are kept for it."""


class SearchedAddressRow(SQLModel, table=True):
    """An address that a search has returned in a channel, as a hash: it may be opened there."""

    __tablename__ = "searched_address"
    __table_args__ = (sa.Index("ix_searched_address_at", "at"),)

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    hash: str = Field(sa_type=sa.Text, primary_key=True)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
