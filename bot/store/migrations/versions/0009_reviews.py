"""Up to when deletions and edits that nobody heard of were looked for in each channel."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel", sa.Column("reviewed_until", sa.DateTime(timezone=True), nullable=True))
    # What was heard was taken over as it came: only since then may some have been missed.
    op.execute("UPDATE channel SET reviewed_until = read_until")


def downgrade() -> None:
    op.drop_column("channel", "reviewed_until")
