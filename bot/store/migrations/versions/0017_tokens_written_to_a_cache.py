"""Input tokens that a model server put into its cache: some ask more for these."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: a replica of the former version leaves it empty."""
    op.add_column("usage", sa.Column("cache_write", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("usage", "cache_write")
