"""The index of postings holds all of them: looking a term up never visits the table."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = "ALTER TABLE posting DROP CONSTRAINT pk_posting, ADD CONSTRAINT pk_posting PRIMARY KEY"


def upgrade() -> None:
    op.execute(f"{_KEY} (channel_id, term, seq) INCLUDE (count, length)")


def downgrade() -> None:
    op.execute(f"{_KEY} (channel_id, term, seq)")
