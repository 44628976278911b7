"""What was asked and used, and what is held for calls under way."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import BIG, NOW, TIME


class UsageRow(SQLModel, table=True):
    """One row per call of a model."""

    __tablename__ = "usage"
    __table_args__ = (
        sa.Index("ix_usage_channel", "channel_id", "at"),
        sa.Index("ix_usage_day", "at"),
        sa.Index("ix_usage_payer", "at", postgresql_where="payer IS NOT NULL"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    channel_id: int = Field(sa_type=BIG)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    purpose: str = Field(sa_type=sa.Text)
    turn_id: int | None = Field(None, sa_type=BIG)
    author_id: str | None = Field(None, sa_type=sa.Text)
    payer: str | None = Field(None, sa_type=sa.Text)
    attempt: int = 1
    model: str = Field(sa_type=sa.Text)
    input: int
    cached: int | None = None
    output: int
    estimated: bool = False
    cache_write: int | None = None


class AskedRow(SQLModel, table=True):
    """A question or a /catchup, for rate limits: by whom, as a fingerprint, for an hour."""

    __tablename__ = "asked"
    __table_args__ = (sa.UniqueConstraint("turn_id"),)

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    turn_id: int | None = Field(None, sa_type=BIG)
    channel_id: int = Field(sa_type=BIG)
    payer: str = Field(sa_type=sa.Text)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    again_at: datetime | None = Field(None, sa_type=TIME)


class ReservationRow(SQLModel, table=True):
    """What a call under way may use of today's quotas; void once its lease is over."""

    __tablename__ = "reservation"
    __table_args__ = (sa.UniqueConstraint("turn_id"), sa.UniqueConstraint("call_id"))

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    turn_id: int | None = Field(None, sa_type=BIG)
    call_id: int | None = Field(None, sa_type=BIG)
    channel_id: int | None = Field(None, sa_type=BIG)
    payer: str | None = Field(None, sa_type=sa.Text)
    team: str | None = Field(None, sa_type=sa.Text)
    tokens: int = Field(sa_type=BIG)
    cost: float = Field(sa_type=sa.Double)
    until: datetime = Field(sa_type=TIME)
