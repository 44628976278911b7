"""What comes by the clock."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import BIG, TIME


class ScheduleRow(SQLModel, table=True):
    """When a channel's digest is next posted, and from when on it tells."""

    __tablename__ = "schedule"
    __table_args__ = (sa.Index("ix_schedule_next", "next_at"),)

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    rhythm: str = Field(sa_type=sa.Text)
    next_at: datetime = Field(sa_type=TIME)
    since: datetime = Field(sa_type=TIME)


class ReminderRow(SQLModel, table=True):
    """A message that a person wants to have at a time; it goes once it is posted."""

    __tablename__ = "reminder"
    __table_args__ = (
        # So many at once as there are slots, however many ask for one at the same time.
        sa.UniqueConstraint("person", "slot"),
        sa.UniqueConstraint("key"),
        sa.Index("ix_reminder_at", "at"),
        sa.Index("ix_reminder_channel", "channel_id", "person_id"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    channel_id: int = Field(sa_type=BIG)
    person_id: str = Field(sa_type=sa.Text)
    person_name: str = Field(sa_type=sa.Text)
    person: str = Field(sa_type=sa.Text)
    slot: int = Field(sa_type=sa.SmallInteger)
    key: str | None = Field(None, sa_type=sa.Text)
    text: str = Field(sa_type=sa.Text)
    at: datetime = Field(sa_type=TIME)
    due_at: datetime = Field(sa_type=TIME)
    zone: str = Field(sa_type=sa.Text)
    thread: str = Field(sa_type=sa.Text)
    private: bool
