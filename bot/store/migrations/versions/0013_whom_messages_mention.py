"""A message keeps whom it mentions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: what a replica of the former version stores beside this one mentions nobody."""
    op.add_column(
        "message",
        sa.Column("mentions", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"),
    )
    op.create_index(
        "ix_message_mentions",
        "message",
        ["channel_id", "seq"],
        postgresql_where="mentions <> '{}'",
    )


def downgrade() -> None:
    op.drop_index("ix_message_mentions", "message")
    op.drop_column("message", "mentions")
