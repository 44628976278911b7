"""Answers that were cut short are found by their turns, so that somebody can go on with them."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: a replica of the former version marks none."""
    op.create_index(
        "ix_turn_cut",
        "turn",
        ["channel_id", "error"],
        postgresql_where="state = 'done' AND error IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_index("ix_turn_cut", table_name="turn")
