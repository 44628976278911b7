"""Edits that came before their message, for the replica that stores it."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: a replica of the former version keeps its own in memory."""
    op.create_table(
        "early_edit",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "external_id", name="pk_early_edit"),
    )


def downgrade() -> None:
    op.drop_table("early_edit")
