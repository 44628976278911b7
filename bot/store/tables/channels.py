"""Channels, and what each has of its own."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import BIG, NOW, TIME


class ChannelRow(SQLModel, table=True):
    """A channel, the counter of its messages, and how far its window is compacted."""

    __tablename__ = "channel"
    __table_args__ = (
        sa.UniqueConstraint("platform", "workspace", "external_id"),
        # The row changes with every message: room on the page keeps that cheap.
        {"postgresql_with": {"fillfactor": 50}},
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    platform: str = Field(sa_type=sa.Text)
    workspace: str = Field(sa_type=sa.Text)
    external_id: str = Field(sa_type=sa.Text)
    name: str = Field("", sa_type=sa.Text)
    direct: bool = False
    introduced: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    seq: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    watermark: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    epoch: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    window_tokens: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    late_tokens: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    window_after: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=sa.text("'-infinity'"), nullable=False)
    )
    window_after_seq: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    window_watermark: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    forgotten: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    last_at: datetime | None = Field(None, sa_type=TIME)
    compact_after: datetime | None = Field(None, sa_type=TIME)
    read_until: datetime | None = Field(None, sa_type=TIME)
    reviewed_until: datetime | None = Field(None, sa_type=TIME)
    failures: int = Field(0, sa_column_kwargs={"server_default": "0"})
    persona: str | None = Field(None, sa_type=sa.Text)
    model: str | None = Field(None, sa_type=sa.Text)
    generation: str | None = Field(None, sa_type=sa.Text)
    answer_style: str | None = Field(None, sa_type=sa.Text)
    summary_wanted: str | None = Field(None, sa_type=sa.Text)
    uses_tools: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    retention: int | None = None


class TunedPromptRow(SQLModel, table=True):
    """Prompts that an operator has applied to a channel: by part, the new texts and the former.

    A text is null where the general one holds.
    """

    __tablename__ = "tuned_prompt"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    number: int = Field(primary_key=True)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    applied: dict[str, Any] = Field(sa_type=JSONB)
    former: dict[str, Any] = Field(sa_type=JSONB)


class LabelSetRow(SQLModel, table=True):
    """Labels that a channel keeps under a name."""

    __tablename__ = "label_set"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    name: str = Field(sa_type=sa.Text, primary_key=True)
    labels: list[str] = Field(sa_type=ARRAY(sa.Text))


class LabelExampleRow(SQLModel, table=True):
    """A text that somebody has sorted into a label of such a set."""

    __tablename__ = "label_example"
    __table_args__ = (sa.UniqueConstraint("channel_id", "name", "hash"),)

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    channel_id: int = Field(sa_type=BIG)
    name: str = Field(sa_type=sa.Text)
    """Of the set."""
    label: str = Field(sa_type=sa.Text)
    text: str = Field(sa_type=sa.Text)
    hash: str = Field(sa_type=sa.Text)
    """Of the text, however it is written: no text has two labels."""
    author_id: str = Field(sa_type=sa.Text)
    """Whose words they are."""
    added_by: str = Field(sa_type=sa.Text)
    seq: int | None = Field(None, sa_type=BIG)
    """The message that it was; with that it is forgotten, and with an edit."""
