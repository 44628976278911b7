"""Who was asked whether they are sure, and of what."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: a replica of the former version takes no yes by text."""
    op.create_table(
        "confirmation",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("channel_id", "person", name=op.f("pk_confirmation")),
    )


def downgrade() -> None:
    op.drop_table("confirmation")
