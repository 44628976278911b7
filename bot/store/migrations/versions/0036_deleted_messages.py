"""Which of what an answer rests on is deleted: a look where little stands, not at each message."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add."""
    op.create_index(
        "ix_message_deleted",
        "message",
        ["channel_id", "seq"],
        postgresql_where=sa.text("deleted"),
    )


def downgrade() -> None:
    op.drop_index("ix_message_deleted", "message")
