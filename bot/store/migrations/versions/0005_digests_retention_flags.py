"""When digests are posted, how long messages are kept, and what summaries made up."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "schedule",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_schedule")),
    )
    op.create_index("ix_schedule_next", "schedule", ["next_at"])
    op.add_column("channel", sa.Column("retention", sa.Integer(), nullable=True))
    op.add_column(
        "channel", sa.Column("failures", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("ledger", sa.Column("flagged", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("ledger", "flagged")
    op.drop_column("channel", "failures")
    op.drop_column("channel", "retention")
    op.drop_index("ix_schedule_next", table_name="schedule")
    op.drop_table("schedule")
