"""Rules on arrival: their labels of messages, whom they tell, and what is still to be told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
TIME = sa.DateTime(timezone=True)
NOW = sa.text("now()")


def upgrade() -> None:
    """Only add: a replica of the former version knows no rules."""
    op.create_table(
        "rule",
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("labels", ARRAY(sa.Text()), nullable=False),
        sa.Column("label_set", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("since", TIME, server_default=NOW, nullable=False),
        sa.Column("cursor", BIG, nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("today", sa.Integer(), server_default="0", nullable=False),
        sa.Column("passed", BIG, server_default="0", nullable=False),
        sa.Column("due_at", TIME, server_default=NOW, nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("trouble", sa.Text(), server_default="", nullable=False),
        sa.Column("recap", sa.Text(), nullable=True),
        sa.Column("recap_at", TIME, nullable=True),
        sa.Column("recap_since", TIME, nullable=True),
        sa.PrimaryKeyConstraint("channel_id", "id", name=op.f("pk_rule")),
        sa.UniqueConstraint("channel_id", "name", name=op.f("uq_rule_channel_id_name")),
    )
    op.create_index("ix_rule_due", "rule", ["due_at"], postgresql_where=sa.text("enabled"))
    op.create_index(
        "ix_rule_recap", "rule", ["recap_at"], postgresql_where=sa.text("recap_at IS NOT NULL")
    )
    op.create_table(
        "rule_ping",
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("rule_id", BIG, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("target_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "rule_id", "label", name=op.f("pk_rule_ping")),
    )
    op.create_table(
        "rule_label",
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("rule_id", BIG, nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("confidence", sa.REAL(), nullable=False),
        sa.Column("at", TIME, server_default=NOW, nullable=False),
        sa.Column("tell_id", BIG, nullable=True),
        sa.PrimaryKeyConstraint("channel_id", "seq", "rule_id", name=op.f("pk_rule_label")),
    )
    op.create_index("ix_rule_label_at", "rule_label", ["channel_id", "rule_id", "at"])
    op.create_index(
        "ix_rule_label_tell",
        "rule_label",
        ["tell_id"],
        postgresql_where=sa.text("tell_id IS NOT NULL"),
    )
    op.create_table(
        "rule_tell",
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("rule_id", BIG, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("summed", sa.Boolean(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("posted_at", TIME, nullable=True),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "id", name=op.f("pk_rule_tell")),
    )
    op.create_index(
        "ix_rule_tell_due", "rule_tell", ["at"], postgresql_where=sa.text("posted_at IS NULL")
    )
    op.create_index("ix_rule_tell_rule", "rule_tell", ["channel_id", "rule_id", "created_at"])


def downgrade() -> None:
    for table in ("rule_tell", "rule_label", "rule_ping", "rule"):
        op.drop_table(table)
