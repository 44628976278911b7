"""Files that were posted or brought, and what was read of them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import BIG, NOW, TERM, TIME


class PostedFileRow(SQLModel, table=True):
    """A file of a message (or an operator's, or a link), and how far reading it is.

    The table is the queue of what is to be read, too.
    """

    __tablename__ = "posted_file"
    __table_args__ = (
        sa.Index("ix_posted_file_due", "due_at", postgresql_where="state = 'waiting'"),
        sa.Index("ix_posted_file_sound", "channel_id", postgresql_where="state = 'sound'"),
        sa.Index("ix_posted_file_document", "channel_id", "document_id"),
        sa.Index("ix_posted_file_external", "external_id"),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    seq: int = Field(sa_type=BIG, primary_key=True)
    """Of its message; 0 where no message brought it."""
    external_id: str = Field(sa_type=sa.Text, primary_key=True)
    """The platform's id; of a link its address, of the operator's its path."""
    origin: str = Field("post", sa_column=sa.Column(sa.Text, server_default="post", nullable=False))
    name: str = Field(sa_type=sa.Text)
    media_type: str = Field("", sa_type=sa.Text)
    size: int = Field(0, sa_type=BIG)
    alt: str = Field("", sa_type=sa.Text)
    address: str = Field("", sa_type=sa.Text)
    state: str = Field("waiting", sa_type=sa.Text)
    """waiting, read, unreadable, forgotten; or picture, sound, video, which are never read."""
    note: str = Field("", sa_column=sa.Column(sa.Text, server_default="", nullable=False))
    """Why it is unreadable."""
    mendable: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    """It may be read when somebody has given a right that is missing."""
    document_id: int | None = Field(None, sa_type=BIG)
    attempts: int = Field(0, sa_column_kwargs={"server_default": "0"})
    due_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    """When it is to be read; while somebody reads it, when their lease is over."""
    owner: int | None = Field(None, sa_type=BIG)
    progress: str = Field("", sa_column=sa.Column(sa.Text, server_default="", nullable=False))
    author_id: str = Field("", sa_column=sa.Column(sa.Text, server_default="", nullable=False))
    author_name: str = Field("", sa_column=sa.Column(sa.Text, server_default="", nullable=False))
    """Who added it, where no message says so."""
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))


class DocumentRow(SQLModel, table=True):
    """What was read of a file, by its content: one row however often it was posted in a channel."""

    __tablename__ = "document"
    __table_args__ = (sa.UniqueConstraint("channel_id", "sha256"),)

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    sha256: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)
    title: str = Field(sa_type=sa.Text)
    pages: int
    passages: int
    tokens: int
    notes: list[str] = Field(sa_type=ARRAY(sa.Text))
    read_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )


class PassageRow(SQLModel, table=True):
    """A part of a document."""

    __tablename__ = "passage"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    document_id: int = Field(sa_type=BIG, primary_key=True)
    number: int = Field(primary_key=True)
    heading: str = Field(sa_type=sa.Text)
    text: str = Field(sa_type=sa.Text)
    first_page: int
    last_page: int
    tokens: int


class PassagePostingRow(SQLModel, table=True):
    """The lexical index of documents: which passage holds which term."""

    __tablename__ = "passage_posting"
    __table_args__ = (
        sa.PrimaryKeyConstraint(
            "channel_id", "term", "document_id", "number", postgresql_include=["count", "length"]
        ),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    term: str = Field(sa_type=TERM, primary_key=True)
    document_id: int = Field(sa_type=BIG, primary_key=True)
    number: int = Field(primary_key=True)
    count: int = Field(sa_type=sa.SmallInteger)
    length: int = Field(sa_type=sa.SmallInteger)


class UploadPieceRow(SQLModel, table=True):
    """A piece of a file that was brought at the page, until the file is read."""

    __tablename__ = "upload_piece"
    __table_args__ = (
        sa.Index("ix_upload_piece_person", "platform", "person_id"),
        sa.Index("ix_upload_piece_at", "at"),
    )

    file_id: str = Field(sa_type=sa.Text, primary_key=True)
    number: int = Field(primary_key=True)
    """From 1."""
    channel_id: int = Field(sa_type=BIG)
    platform: str = Field(sa_type=sa.Text)
    person_id: str = Field(sa_type=sa.Text)
    """Who brought it."""
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    data: bytes = Field(sa_type=sa.LargeBinary)
