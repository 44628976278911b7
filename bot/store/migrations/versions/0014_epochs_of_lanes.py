"""A lane's epochs come from a sequence: a person's lane is made anew, and would begin again."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add. Far above what a replica of the former version counts up to by itself."""
    op.execute("CREATE SEQUENCE lane_epoch START 1000000000000")


def downgrade() -> None:
    op.execute("DROP SEQUENCE lane_epoch")
