"""Keys of programs, and their calls."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import BIG, NOW, TIME


class ApiKeyRow(SQLModel, table=True):
    """A key of the API: whose it is and what it may ask for. Of the key itself only a hash."""

    __tablename__ = "api_key"
    __table_args__ = (
        sa.UniqueConstraint("hash"),
        sa.Index("ix_api_key_person", "platform", "person_id"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    hash: str = Field(sa_type=sa.Text)
    prefix: str = Field(sa_type=sa.Text)
    platform: str = Field(sa_type=sa.Text)
    workspace: str = Field(sa_type=sa.Text)
    person_id: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    team: str = Field(sa_type=sa.Text)
    models: list[str] = Field(sa_type=ARRAY(sa.Text))
    trusted: bool = False
    created_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    expires_at: datetime | None = Field(None, sa_type=TIME)
    last_used_at: datetime | None = Field(None, sa_type=TIME)
    revoked_at: datetime | None = Field(None, sa_type=TIME)


class ApiCallRow(SQLModel, table=True):
    """One call of the API. Without a status it is under way."""

    __tablename__ = "api_call"
    __table_args__ = (
        sa.Index("ix_api_call_open", "id", postgresql_where="status IS NULL"),
        sa.Index("ix_api_call_person", "platform", "person_id", "at"),
        sa.Index("ix_api_call_at", "at"),
        sa.Index("ix_api_call_kept", "at", postgresql_where="request IS NOT NULL"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    key_id: int | None = Field(None, sa_type=BIG)
    platform: str = Field(sa_type=sa.Text)
    person_id: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    team: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)
    asked: str = Field(sa_type=sa.Text)
    model: str = Field(sa_type=sa.Text)
    stream: bool
    status: str | None = Field(None, sa_type=sa.Text)
    error: str = Field("", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    saved: str = Field("", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    input: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    output: int | None = None
    estimated: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    cost: float | None = Field(None, sa_type=sa.Double)
    first_token_ms: int | None = None
    total_ms: int | None = None
    request: str | None = Field(None, sa_type=sa.Text)
    answer: str | None = Field(None, sa_type=sa.Text)


class ApiDayRow(SQLModel, table=True):
    """What calls of the API used in a day, by who pays: for quotas, until the day is over."""

    __tablename__ = "api_day"

    day: date = Field(sa_type=sa.Date, primary_key=True)
    payer: str = Field(sa_type=sa.Text, primary_key=True)
    team: str = Field(sa_type=sa.Text, primary_key=True)
    tokens: int = Field(sa_type=BIG)
    cost: float = Field(sa_type=sa.Double)
