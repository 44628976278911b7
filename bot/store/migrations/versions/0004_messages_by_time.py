"""Messages are found by the time at which they were said."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_message_said", "message", ["channel_id", "said_at"])


def downgrade() -> None:
    op.drop_index("ix_message_said", "message")
