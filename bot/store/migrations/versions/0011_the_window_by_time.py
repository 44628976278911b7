"""A window begins at a moment, not at a number: what comes in late takes its place by its time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Everything up to the watermark is summarized: the window begins after the newest of that.
BEGIN_WINDOWS = """
    UPDATE channel SET window_after = newest.said_at, window_after_seq = newest.seq,
                       window_watermark = watermark
    FROM (
        SELECT c.id AS channel_id, m.said_at, m.seq FROM channel c CROSS JOIN LATERAL (
            SELECT said_at, seq FROM message WHERE channel_id = c.id AND seq <= c.watermark
            ORDER BY said_at DESC, seq DESC LIMIT 1
        ) m WHERE c.watermark > 0
    ) newest WHERE id = newest.channel_id
"""

MARK_LATE = """
    UPDATE message m SET late = true FROM channel c
    WHERE c.watermark > 0 AND m.channel_id = c.id AND m.seq > c.watermark AND NOT m.deleted
    AND (m.said_at, m.seq) <= (c.window_after, c.window_after_seq)
"""

COUNT = """
    UPDATE channel SET late_tokens = late.tokens, window_tokens = window_tokens - late.tokens
    FROM (SELECT channel_id, sum(tokens) AS tokens FROM message WHERE late GROUP BY channel_id) late
    WHERE id = late.channel_id
"""


def upgrade() -> None:
    """Only add: a replica of the former version goes on by numbers beside this one."""
    op.add_column(
        "message", sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index(
        "ix_message_late", "message", ["channel_id", "said_at", "seq"], postgresql_where="late"
    )
    op.add_column(
        "channel",
        sa.Column(
            "window_after",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("'-infinity'"),
        ),
    )
    for name in ("window_after_seq", "window_watermark", "late_tokens"):
        op.add_column(
            "channel", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        )
    op.add_column("segment", sa.Column("seqs", postgresql.ARRAY(sa.BigInteger()), nullable=True))
    for statement in (BEGIN_WINDOWS, MARK_LATE, COUNT):
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "UPDATE channel SET window_tokens = window_tokens + late_tokens WHERE late_tokens > 0"
    )
    op.drop_column("segment", "seqs")
    for name in ("late_tokens", "window_watermark", "window_after_seq", "window_after"):
        op.drop_column("channel", name)
    op.drop_index("ix_message_late", table_name="message")
    op.drop_column("message", "late")
