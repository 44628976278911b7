"""What messages are labelled by as they arrive, and what comes of it."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import BIG, NOW, TIME


class RuleRow(SQLModel, table=True):
    """What messages of a channel are labelled by as they arrive, and how far that has come."""

    __tablename__ = "rule"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "name"),
        sa.Index("ix_rule_due", "due_at", postgresql_where="enabled"),
        sa.Index("ix_rule_recap", "recap_at", postgresql_where="recap_at IS NOT NULL"),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    name: str = Field(sa_type=sa.Text)
    labels: list[str] = Field(sa_type=ARRAY(sa.Text))
    label_set: str = Field(sa_type=sa.Text)
    """The set of the channel's that it takes its labels from; empty where they are its own."""
    enabled: bool = Field(True, sa_column_kwargs={"server_default": sa.true()})
    since: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    """What was said before is not labelled."""
    cursor: int = Field(sa_type=BIG)
    """Up to which message it has come."""
    most: int
    """Messages a day."""
    day: date | None = None
    """Of `today`."""
    today: int = Field(0, sa_column_kwargs={"server_default": "0"})
    passed: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    """Messages that waited for too long, and were not labelled."""
    due_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    failures: int = Field(0, sa_column_kwargs={"server_default": "0"})
    trouble: str = Field("", sa_column=sa.Column(sa.Text, server_default="", nullable=False))
    """Why it waits, in words of ours."""
    recap: str | None = Field(None, sa_type=sa.Text)
    recap_at: datetime | None = Field(None, sa_type=TIME)
    recap_since: datetime | None = Field(None, sa_type=TIME)


class RulePingRow(SQLModel, table=True):
    """Whom a rule tells of a label."""

    __tablename__ = "rule_ping"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    rule_id: int = Field(sa_type=BIG, primary_key=True)
    label: str = Field(sa_type=sa.Text, primary_key=True)
    kind: str = Field(sa_type=sa.Text)
    target_id: str = Field(sa_type=sa.Text)
    target_name: str = Field(sa_type=sa.Text)


class RuleLabelRow(SQLModel, table=True):
    """What a rule made of a message, once; it goes with the message."""

    __tablename__ = "rule_label"
    __table_args__ = (
        sa.Index("ix_rule_label_at", "channel_id", "rule_id", "at"),
        sa.Index("ix_rule_label_tell", "tell_id", postgresql_where="tell_id IS NOT NULL"),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    seq: int = Field(sa_type=BIG, primary_key=True)
    rule_id: int = Field(sa_type=BIG, primary_key=True)
    label: str | None = Field(None, sa_type=sa.Text)
    """None where the model abstained."""
    confidence: float = Field(sa_type=sa.REAL)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    tell_id: int | None = Field(None, sa_type=BIG)


class RuleTellRow(SQLModel, table=True):
    """What a rule owes somebody: one message, or all that were too many for one hour."""

    __tablename__ = "rule_tell"
    __table_args__ = (
        sa.Index("ix_rule_tell_due", "at", postgresql_where="posted_at IS NULL"),
        sa.Index("ix_rule_tell_rule", "channel_id", "rule_id", "created_at"),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    rule_id: int = Field(sa_type=BIG)
    label: str = Field(sa_type=sa.Text)
    summed: bool
    at: datetime = Field(sa_type=TIME)
    created_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    posted_at: datetime | None = Field(None, sa_type=TIME)
    attempt: int = Field(0, sa_column_kwargs={"server_default": "0"})
