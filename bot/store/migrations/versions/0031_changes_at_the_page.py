"""What is changed at the page: where, whether it came to its end, and each form once."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: what a replica of the former version notes has ended, in no channel."""
    op.add_column("audit", sa.Column("channel_id", sa.BigInteger(), nullable=True))
    op.add_column("audit", sa.Column("once", sa.Text(), nullable=True))
    op.add_column(
        "audit", sa.Column("ended", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.create_index("uq_audit_once", "audit", ["once"], unique=True)
    op.create_index("ix_audit_action", "audit", ["action", "id"])


def downgrade() -> None:
    op.drop_index("ix_audit_action", "audit")
    op.drop_index("uq_audit_once", "audit")
    for column in ("ended", "once", "channel_id"):
        op.drop_column("audit", column)
