"""Where the window of an answer began: what of it the answer rests on is looked for when needed."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only add: a replica of the former version forgets such an answer by what was found for it."""
    op.add_column("message", sa.Column("shown_from", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("message", "shown_from")
