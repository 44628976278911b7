"""What was said, and the words by which it is found."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import BIG, TERM, TIME


class MessageRow(SQLModel, table=True):
    """One thing said. A deleted one keeps its row, empty, so that it cannot come back."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "external_id"),
        sa.Index(
            "ix_message_thread", "channel_id", "thread", "seq", postgresql_where="thread <> ''"
        ),
        sa.Index(
            "ix_message_answers", "channel_id", "seq", postgresql_where="rests_on IS NOT NULL"
        ),
        sa.Index("ix_message_author", "channel_id", "author_id", "seq"),
        sa.Index("ix_message_said", "channel_id", "said_at"),
        sa.Index("ix_message_late", "channel_id", "said_at", "seq", postgresql_where="late"),
        sa.Index("ix_message_mentions", "channel_id", "seq", postgresql_where="mentions <> '{}'"),
        sa.Index("ix_message_deleted", "channel_id", "seq", postgresql_where="deleted"),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    seq: int = Field(sa_type=BIG, primary_key=True)
    external_id: str = Field(sa_type=sa.Text)
    author_id: str = Field(sa_type=sa.Text)
    author_name: str = Field(sa_type=sa.Text)
    nellie: bool = False
    bot: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    text: str = Field(sa_type=sa.Text)
    said_at: datetime = Field(sa_type=TIME)
    thread: str = Field("", sa_type=sa.Text)
    reply_to: str = Field("", sa_type=sa.Text)
    link: str = Field("", sa_type=sa.Text)
    addressed: bool = False
    mentions: list[str] = Field(
        sa_column=sa.Column(ARRAY(sa.Text), server_default="{}", nullable=False)
    )
    tokens: int
    deleted: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    rests_on: list[int] | None = Field(None, sa_type=ARRAY(BIG))
    shown_from: int | None = Field(None, sa_type=BIG)
    late: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    edited_at: datetime | None = Field(None, sa_type=TIME)


class EarlyEditRow(SQLModel, table=True):
    """What a message says that is not stored yet: its edit came before it."""

    __tablename__ = "early_edit"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    external_id: str = Field(sa_type=sa.Text, primary_key=True)
    text: str = Field(sa_type=sa.Text)
    at: datetime | None = Field(None, sa_type=TIME)
    files: list[dict[str, Any]] | None = Field(None, sa_type=JSONB)
    """Those that it has since then; None where they are as they were."""
    until: datetime = Field(sa_type=TIME)


class PostingRow(SQLModel, table=True):
    """The lexical index: which message holds which term, how often, and how long it is."""

    __tablename__ = "posting"
    # With all its columns in the key's index, looking a term up never visits the table.
    __table_args__ = (
        sa.PrimaryKeyConstraint(
            "channel_id", "term", "seq", postgresql_include=["count", "length"]
        ),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    term: str = Field(sa_type=TERM, primary_key=True)
    seq: int = Field(sa_type=BIG, primary_key=True)
    count: int = Field(sa_type=sa.SmallInteger)
    length: int = Field(sa_type=sa.SmallInteger)
