"""Who is signed in at the page, links that sign in, and what was changed there."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
TIME = sa.DateTime(timezone=True)
NOW = sa.text("now()")
PERSON = ("platform", "workspace", "person_id", "name")


def upgrade() -> None:
    """Only add: a replica of the former version has no page."""
    op.create_table(
        "page_link",
        sa.Column("hash", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in PERSON),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_page_link")),
    )
    op.create_index("ix_page_link_person", "page_link", ["platform", "person_id"])
    op.create_table(
        "page_session",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in PERSON),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("seen_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_session")),
        sa.UniqueConstraint("hash", name=op.f("uq_page_session_hash")),
    )
    op.create_index("ix_page_session_person", "page_session", ["platform", "person_id"])
    op.create_table(
        "audit",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("at", TIME, server_default=NOW, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in PERSON),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_person", "audit", ["platform", "person_id", "id"])


def downgrade() -> None:
    for table in ("audit", "page_session", "page_link"):
        op.drop_table(table)
