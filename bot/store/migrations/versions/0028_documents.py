"""Files that were posted, and what was read of them."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
TIME = sa.DateTime(timezone=True)
NOW = sa.text("now()")
TERM = sa.Text(collation="C")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _empty(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    """Only add: a replica of the former version reads no files into these tables."""
    op.create_table(
        "posted_file",
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        _text("external_id"),
        sa.Column("origin", sa.Text(), server_default="post", nullable=False),
        _text("name"),
        _text("media_type"),
        sa.Column("size", BIG, nullable=False),
        _text("alt"),
        _text("address"),
        _text("state"),
        _empty("note"),
        sa.Column("mendable", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("document_id", BIG),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", TIME, server_default=NOW, nullable=False),
        sa.Column("owner", BIG),
        _empty("progress"),
        _empty("author_id"),
        _empty("author_name"),
        sa.Column("at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "seq", "external_id", name=op.f("pk_posted_file")),
    )
    op.create_index(
        "ix_posted_file_due",
        "posted_file",
        ["due_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_posted_file_sound",
        "posted_file",
        ["channel_id"],
        postgresql_where=sa.text("state = 'sound'"),
    )
    op.create_index("ix_posted_file_document", "posted_file", ["channel_id", "document_id"])
    op.create_index("ix_posted_file_external", "posted_file", ["external_id"])
    op.create_table(
        "document",
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        _text("sha256"),
        _text("kind"),
        _text("title"),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("notes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("read_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "id", name=op.f("pk_document")),
        sa.UniqueConstraint("channel_id", "sha256", name=op.f("uq_document_channel_id_sha256")),
    )
    op.create_table(
        "passage",
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("heading"),
        _text("text"),
        sa.Column("first_page", sa.Integer(), nullable=False),
        sa.Column("last_page", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "document_id", "number", name=op.f("pk_passage")),
    )
    op.create_table(
        "passage_posting",
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("term", TERM, nullable=False),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("count", sa.SmallInteger(), nullable=False),
        sa.Column("length", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "channel_id",
            "term",
            "document_id",
            "number",
            name=op.f("pk_passage_posting"),
            postgresql_include=["count", "length"],
        ),
    )
    # The files that an edit left of a message that had not come yet.
    op.add_column("early_edit", sa.Column("files", sa.dialects.postgresql.JSONB()))
    # What a question came with that is not remembered itself: a private one's pictures.
    op.add_column("turn", sa.Column("files", sa.dialects.postgresql.JSONB()))


def downgrade() -> None:
    op.drop_column("turn", "files")
    op.drop_column("early_edit", "files")
    for table in ("passage_posting", "passage", "document", "posted_file"):
        op.drop_table(table)
