"""The bytes of files that were brought at the page, until they are read."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: a replica of the former version puts off what it would have to read there."""
    op.create_table(
        "upload_piece",
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "number", name=op.f("pk_upload_piece")),
    )
    op.create_index("ix_upload_piece_person", "upload_piece", ["platform", "person_id"])
    op.create_index("ix_upload_piece_at", "upload_piece", ["at"])


def downgrade() -> None:
    op.drop_table("upload_piece")
