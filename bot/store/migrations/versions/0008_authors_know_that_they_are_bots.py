"""Authors know that they are bots."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add a column: a replica of the former version goes on beside this one."""
    op.add_column(
        "message", sa.Column("bot", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("message", "bot")
