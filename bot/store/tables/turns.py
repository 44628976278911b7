"""Answers that are owed or were given, their order, and what people think of them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import BIG, NOW, TIME


class TurnRow(SQLModel, table=True):
    """An answer that is owed, or was given."""

    __tablename__ = "turn"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "trigger_seq"),
        sa.Index(
            "ix_turn_open",
            "channel_id",
            "lane",
            "trigger_seq",
            postgresql_where="state IN ('waiting', 'running')",
        ),
        sa.Index("ix_turn_created", "created_at"),
        sa.Index("ix_turn_lane", "channel_id", "lane", "created_at"),
        sa.Index(
            "ix_turn_cut",
            "channel_id",
            "error",
            postgresql_where="state = 'done' AND error IS NOT NULL",
        ),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    channel_id: int = Field(sa_type=BIG)
    lane: str = Field(sa_type=sa.Text)
    trigger_seq: int = Field(sa_type=BIG)
    question: str | None = Field(None, sa_type=sa.Text)
    private: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    remembered: bool = Field(True, sa_column_kwargs={"server_default": sa.true()})
    asker_id: str = Field("", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    asker_name: str = Field("", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    mentions: list[str] = Field(
        sa_column=sa.Column(ARRAY(sa.Text), server_default="{}", nullable=False)
    )
    state: str = Field("waiting", sa_type=sa.Text)
    attempts: int = Field(0, sa_column_kwargs={"server_default": "0"})
    posted: list[str] = Field(
        sa_column=sa.Column(ARRAY(sa.Text), server_default="{}", nullable=False)
    )
    text: str | None = Field(None, sa_type=sa.Text)
    reply: str | None = Field(None, sa_type=sa.Text)
    error: str | None = Field(None, sa_type=sa.Text)
    created_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    finished_at: datetime | None = Field(None, sa_type=TIME)
    taken_away: list[dict[str, Any]] | None = Field(None, sa_type=JSONB)
    files: list[dict[str, Any]] | None = Field(None, sa_type=JSONB)
    """What its question came with, where that is not remembered itself."""


class LaneRow(SQLModel, table=True):
    """The order of turns in one conversation, and which replica works on it until when."""

    __tablename__ = "lane"
    __table_args__ = (
        sa.Index("ix_lane_owner", "owner", postgresql_where="owner IS NOT NULL"),
        {"postgresql_with": {"fillfactor": 50}},
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    lane: str = Field(sa_type=sa.Text, primary_key=True)
    owner: int | None = Field(None, sa_type=BIG)
    epoch: int = Field(sa_type=BIG)
    until: datetime = Field(sa_type=TIME)


class AnswerTraceRow(SQLModel, table=True):
    """How an answer was made, the last time that it was: numbers alone."""

    __tablename__ = "answer_trace"
    __table_args__ = (
        sa.Index("ix_answer_trace_at", "at", postgresql_include=["channel_id", "first_text_ms"]),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    turn_id: int = Field(sa_type=BIG, primary_key=True)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    waited_ms: int
    first_text_ms: int | None = None
    whole_ms: int
    stages: dict[str, int] = Field(sa_type=JSONB)
    parts: dict[str, int] = Field(sa_type=JSONB)
    budget: int
    window_from: int | None = Field(None, sa_type=BIG)
    window_messages: int
    digest: int | None = Field(None, sa_type=BIG)
    recalled: list[int] | None = Field(None, sa_type=ARRAY(BIG))
    """None where its question is not remembered, or not any more; so are those below it."""
    by_words: list[float] | None = Field(None, sa_type=ARRAY(sa.REAL))
    by_meaning: list[float] | None = Field(None, sa_type=ARRAY(sa.REAL))
    by_conversation: list[float] | None = Field(None, sa_type=ARRAY(sa.REAL))
    in_window: int
    documents: list[int] | None = Field(None, sa_type=ARRAY(BIG))
    passages: list[int] | None = Field(None, sa_type=ARRAY(sa.Integer))
    pages: list[int] | None = Field(None, sa_type=ARRAY(sa.Integer))
    passage_scores: list[float] | None = Field(None, sa_type=ARRAY(sa.REAL))


class RatingRow(SQLModel, table=True):
    """What a person thinks of an answer."""

    __tablename__ = "rating"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    turn_id: int = Field(sa_type=BIG, primary_key=True)
    author_id: str = Field(sa_type=sa.Text, primary_key=True)
    good: bool
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))


class ConfirmationRow(SQLModel, table=True):
    """A command that asked a person whether they are sure; who that is, a fingerprint tells."""

    __tablename__ = "confirmation"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    person: str = Field(sa_type=sa.Text, primary_key=True)
    command: str = Field(sa_type=sa.Text)
    seq: int = Field(sa_type=BIG)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    thread: str = Field("", sa_column=sa.Column(sa.Text, server_default="", nullable=False))
