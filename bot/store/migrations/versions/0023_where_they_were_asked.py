"""In which thread somebody was asked whether they are sure."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: what a replica of the former version asks belongs to no thread."""
    op.add_column("confirmation", sa.Column("thread", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("confirmation", "thread")
