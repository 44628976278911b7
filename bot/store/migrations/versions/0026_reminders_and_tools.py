"""Reminders, which tools are on in a channel, and which addresses a search returned there."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
TIME = sa.DateTime(timezone=True)
NOW = sa.text("now()")


def upgrade() -> None:
    """Only add: a replica of the former version has no tools, and posts what a reminder says."""
    op.create_table(
        "reminder",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("person", "slot", name=op.f("uq_reminder_person_slot")),
        sa.UniqueConstraint("key", name=op.f("uq_reminder_key")),
    )
    op.create_index("ix_reminder_at", "reminder", ["at"])
    op.create_index("ix_reminder_channel", "reminder", ["channel_id", "person_id"])
    op.create_table(
        "tool_switch",
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("described", sa.Text(), nullable=False),
        sa.Column("at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "tool", name=op.f("pk_tool_switch")),
    )
    op.create_table(
        "searched_address",
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "hash", name=op.f("pk_searched_address")),
    )
    op.create_index("ix_searched_address_at", "searched_address", ["at"])
    op.add_column(
        "channel", sa.Column("uses_tools", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("channel", "uses_tools")
    for table in ("searched_address", "tool_switch", "reminder"):
        op.drop_table(table)
