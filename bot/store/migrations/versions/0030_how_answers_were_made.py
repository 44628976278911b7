"""How each answer was made: the prompt's parts, what was recalled with its scores, and times."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
TIME = sa.DateTime(timezone=True)
NOW = sa.text("now()")


def upgrade() -> None:
    """Only add: a replica of the former version keeps nothing of how it made an answer."""
    op.create_table(
        "answer_trace",
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("turn_id", BIG, nullable=False),
        sa.Column("at", TIME, server_default=NOW, nullable=False),
        sa.Column("waited_ms", sa.Integer(), nullable=False),
        sa.Column("first_text_ms", sa.Integer(), nullable=True),
        sa.Column("whole_ms", sa.Integer(), nullable=False),
        sa.Column("stages", JSONB(), nullable=False),
        sa.Column("parts", JSONB(), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.Column("window_from", BIG, nullable=True),
        sa.Column("window_messages", sa.Integer(), nullable=False),
        sa.Column("digest", BIG, nullable=True),
        sa.Column("recalled", ARRAY(BIG), nullable=True),
        sa.Column("by_words", ARRAY(sa.REAL()), nullable=True),
        sa.Column("by_meaning", ARRAY(sa.REAL()), nullable=True),
        sa.Column("by_conversation", ARRAY(sa.REAL()), nullable=True),
        sa.Column("in_window", sa.Integer(), nullable=False),
        sa.Column("documents", ARRAY(BIG), nullable=True),
        sa.Column("passages", ARRAY(sa.Integer()), nullable=True),
        sa.Column("pages", ARRAY(sa.Integer()), nullable=True),
        sa.Column("passage_scores", ARRAY(sa.REAL()), nullable=True),
        sa.PrimaryKeyConstraint("channel_id", "turn_id", name=op.f("pk_answer_trace")),
    )
    op.create_index(
        "ix_answer_trace_at",
        "answer_trace",
        ["at"],
        postgresql_include=["channel_id", "first_text_ms"],
    )


def downgrade() -> None:
    op.drop_table("answer_trace")
