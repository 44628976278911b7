"""Whose question a call of a model was for, and what was asked and spent lately, found fast."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("usage", sa.Column("author_id", sa.Text(), nullable=True))
    op.create_index("ix_usage_day", "usage", ["at"])
    op.create_index("ix_turn_created", "turn", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_turn_created", "turn")
    op.drop_index("ix_usage_day", "usage")
    op.drop_column("usage", "author_id")
