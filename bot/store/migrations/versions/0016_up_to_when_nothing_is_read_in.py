"""Up to when nothing is read in of who was forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: a replica of the former version reads in what it did before."""
    op.create_table(
        "forgetting",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("channel_id", "person", name=op.f("pk_forgetting")),
    )


def downgrade() -> None:
    op.drop_table("forgetting")
