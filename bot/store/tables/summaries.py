"""What compaction made of old messages."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import BIG, NOW, TIME


class SegmentRow(SQLModel, table=True):
    """The summary of a block of messages: written once, hidden when a source of it changes."""

    __tablename__ = "segment"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    first_seq: int = Field(sa_type=BIG, primary_key=True)
    last_seq: int = Field(sa_type=BIG)
    statements: list[dict[str, Any]] = Field(sa_type=JSONB)
    participants: list[str] = Field(sa_type=ARRAY(sa.Text))
    began: datetime = Field(sa_type=TIME)
    ended: datetime = Field(sa_type=TIME)
    tokens: int
    dirty: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    seqs: list[int] | None = Field(None, sa_type=ARRAY(BIG))


class DigestRow(SQLModel, table=True):
    """The channel's summary of its segments; hidden while a segment below it is dirty."""

    __tablename__ = "digest"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    text: str = Field(sa_type=sa.Text)
    first_seq: int = Field(sa_type=BIG)
    last_seq: int = Field(sa_type=BIG)
    dirty: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})


class LedgerRow(SQLModel, table=True):
    """One line per compaction: what was summarized, when, by which model, at what cost."""

    __tablename__ = "ledger"
    __table_args__ = (sa.Index("ix_ledger_channel", "channel_id", "id"),)

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    channel_id: int = Field(sa_type=BIG)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    first_seq: int = Field(sa_type=BIG)
    last_seq: int = Field(sa_type=BIG)
    messages: int
    tokens_before: int
    tokens_after: int
    model: str = Field(sa_type=sa.Text)
    input_tokens: int
    output_tokens: int
    rebuilt: bool = False
    flagged: int = Field(0, sa_column_kwargs={"server_default": "0"})
