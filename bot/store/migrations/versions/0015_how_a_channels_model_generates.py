"""How a channel's model generates: temperature and the like, as they were written."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: a replica of the former version answers with what is general."""
    op.add_column("channel", sa.Column("generation", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("channel", "generation")
