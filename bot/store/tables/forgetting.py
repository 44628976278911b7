"""What is not remembered, and since when."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import BIG, NOW, TIME


class RemovalRow(SQLModel, table=True):
    """A channel that Nellie was shown out of or that is gone; or a thread that was deleted."""

    __tablename__ = "removal"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    thread: str = Field("", sa_type=sa.Text, primary_key=True)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    forgotten: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})


class OptOutRow(SQLModel, table=True):
    """A person of whom nothing is remembered in this channel."""

    __tablename__ = "optout"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    author_id: str = Field(sa_type=sa.Text, primary_key=True)


class ForgettingRow(SQLModel, table=True):
    """Up to when nothing that a person said here is read in: a fingerprint; '' means everybody."""

    __tablename__ = "forgetting"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    person: str = Field(sa_type=sa.Text, primary_key=True)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
