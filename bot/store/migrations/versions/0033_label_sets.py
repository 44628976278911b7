"""Labels that a channel keeps, and examples of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: a replica of the former version knows nothing of it."""
    op.create_table(
        "label_set",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("labels", ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "name", name=op.f("pk_label_set")),
    )
    op.create_table(
        "label_example",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_example")),
        sa.UniqueConstraint(
            "channel_id", "name", "hash", name=op.f("uq_label_example_channel_id_name_hash")
        ),
    )


def downgrade() -> None:
    op.drop_table("label_example")
    op.drop_table("label_set")
