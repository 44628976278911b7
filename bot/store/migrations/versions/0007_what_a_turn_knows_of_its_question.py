"""What a turn knows of its question: whether it is private, who asked, whom it mentions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add columns: a replica of the former version goes on beside this one."""
    op.add_column(
        "turn", sa.Column("private", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "turn", sa.Column("remembered", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    for name in ("asker_id", "asker_name"):
        op.add_column("turn", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "turn",
        sa.Column("mentions", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"),
    )
    op.execute("UPDATE turn SET remembered = false WHERE question IS NOT NULL")


def downgrade() -> None:
    for column in ("mentions", "asker_name", "asker_id", "remembered", "private"):
        op.drop_column("turn", column)
