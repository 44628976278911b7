"""Who is signed in at the page, and what was changed there."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import BIG, NOW, TIME


class PageLinkRow(SQLModel, table=True):
    """A link that signs a person in at the page, once. Of its secret only a hash."""

    __tablename__ = "page_link"
    __table_args__ = (sa.Index("ix_page_link_person", "platform", "person_id"),)

    hash: str = Field(sa_type=sa.Text, primary_key=True)
    platform: str = Field(sa_type=sa.Text)
    workspace: str = Field(sa_type=sa.Text)
    person_id: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    at_once: bool
    until: datetime = Field(sa_type=TIME)


class PageSessionRow(SQLModel, table=True):
    """A browser that is signed in at the page. Of its cookie only a hash."""

    __tablename__ = "page_session"
    __table_args__ = (
        sa.UniqueConstraint("hash"),
        sa.Index("ix_page_session_person", "platform", "person_id"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    hash: str = Field(sa_type=sa.Text)
    platform: str = Field(sa_type=sa.Text)
    workspace: str = Field(sa_type=sa.Text)
    person_id: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    created_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    seen_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )


class AuditRow(SQLModel, table=True):
    """Something that somebody changed at the page."""

    __tablename__ = "audit"
    __table_args__ = (
        sa.Index("ix_audit_person", "platform", "person_id", "id"),
        sa.Index("uq_audit_once", "once", unique=True),
        sa.Index("ix_audit_action", "action", "id"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    platform: str = Field(sa_type=sa.Text)
    workspace: str = Field(sa_type=sa.Text)
    person_id: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    action: str = Field(sa_type=sa.Text)
    what: str = Field(sa_type=sa.Text)
    channel_id: int | None = Field(None, sa_type=BIG)
    once: str | None = Field(None, sa_type=sa.Text)
    """By chance, of the form that asked for it."""
    ended: bool | None = Field(
        None, sa_column=sa.Column(sa.Boolean, server_default=sa.true(), nullable=False)
    )
