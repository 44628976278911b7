"""How many were before a question in its lane: a day of the lane, not all of its channel."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add."""
    op.create_index("ix_turn_lane", "turn", ["channel_id", "lane", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_turn_lane", "turn")
