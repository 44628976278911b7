"""When messages were edited, and what edits took away from answers that are being made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: a replica of the former version takes edits as they come."""
    op.add_column("message", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("turn", sa.Column("taken_away", JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("turn", "taken_away")
    op.drop_column("message", "edited_at")
