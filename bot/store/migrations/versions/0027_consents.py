"""Questions whether a tool may change something."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Only add: a replica of the former version calls nothing that changes something."""
    op.create_table(
        "consent",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("turn_id", BIG, nullable=False),
        sa.Column("call_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("repeats", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("went_on", BIG),
        sa.Column("settled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("call_id", name=op.f("uq_consent_call_id")),
    )
    op.create_index("ix_consent_turn", "consent", ["turn_id"])
    op.create_index("ix_consent_channel", "consent", ["channel_id"])
    op.create_index(
        "ix_consent_went_on",
        "consent",
        ["went_on"],
        postgresql_where=sa.text("went_on IS NOT NULL"),
    )
    op.create_index(
        "ix_consent_unsettled", "consent", ["until"], postgresql_where=sa.text("NOT settled")
    )


def downgrade() -> None:
    op.drop_table("consent")
