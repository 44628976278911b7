"""Channels with words of their own for how they want answers and summaries, as tuned."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: a replica of the former version asks every channel in the general words."""
    op.add_column("channel", sa.Column("answer_style", sa.Text(), nullable=True))
    op.add_column("channel", sa.Column("summary_wanted", sa.Text(), nullable=True))
    op.create_table(
        "tuned_prompt",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("applied", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("former", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "number", name=op.f("pk_tuned_prompt")),
    )


def downgrade() -> None:
    op.drop_table("tuned_prompt")
    op.drop_column("channel", "summary_wanted")
    op.drop_column("channel", "answer_style")
