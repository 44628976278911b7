"""Who asked and who pays, as a fingerprint and for a time: limits hold without memory."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: a replica of the former version goes on beside this one."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "asked",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("turn_id", sa.BigInteger(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("at", time, nullable=False, server_default=sa.text("now()")),
        sa.Column("again_at", time, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_asked"),
        sa.UniqueConstraint("turn_id", name="uq_asked_turn_id"),
    )
    op.add_column("usage", sa.Column("payer", sa.Text(), nullable=True))
    op.create_index(
        "ix_usage_payer", "usage", ["at"], postgresql_where=sa.text("payer IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_usage_payer", "usage")
    op.drop_column("usage", "payer")
    op.drop_table("asked")
