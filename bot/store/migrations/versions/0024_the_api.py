"""Keys of the API, its calls, what they used today, and what calls under way may use."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
TIME = sa.DateTime(timezone=True)
NOW = sa.text("now()")
WORDS = sa.ARRAY(sa.Text())


def upgrade() -> None:
    """Only add: a replica of the former version reserves nothing, and what it uses still counts."""
    _add_keys()
    _add_calls()
    op.create_table(
        "api_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("tokens", BIG, nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("day", "payer", "team", name=op.f("pk_api_day")),
    )
    op.create_table(
        "reservation",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("turn_id", BIG),
        sa.Column("call_id", BIG),
        sa.Column("channel_id", BIG),
        sa.Column("payer", sa.Text()),
        sa.Column("team", sa.Text()),
        sa.Column("tokens", BIG, nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
        sa.UniqueConstraint("turn_id", name=op.f("uq_reservation_turn_id")),
        sa.UniqueConstraint("call_id", name=op.f("uq_reservation_call_id")),
    )


def _add_keys() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("models", WORDS, nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("expires_at", TIME),
        sa.Column("last_used_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_key_hash")),
    )
    op.create_index("ix_api_key_person", "api_key", ["platform", "person_id"])


def _add_calls() -> None:
    op.create_table(
        "api_call",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("at", TIME, server_default=NOW, nullable=False),
        sa.Column("key_id", BIG),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("stream", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text()),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("saved", sa.Text(), server_default="", nullable=False),
        sa.Column("input", sa.Integer()),
        sa.Column("cached", sa.Integer()),
        sa.Column("cache_write", sa.Integer()),
        sa.Column("output", sa.Integer()),
        sa.Column("estimated", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("cost", sa.Double()),
        sa.Column("first_token_ms", sa.Integer()),
        sa.Column("total_ms", sa.Integer()),
        sa.Column("request", sa.Text()),
        sa.Column("answer", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_call")),
    )
    for name, columns, where in (
        ("ix_api_call_open", ["id"], "status IS NULL"),
        ("ix_api_call_person", ["platform", "person_id", "at"], None),
        ("ix_api_call_at", ["at"], None),
        ("ix_api_call_kept", ["at"], "request IS NOT NULL"),
    ):
        op.create_index(name, "api_call", columns, postgresql_where=where and sa.text(where))


def downgrade() -> None:
    for table in ("reservation", "api_day", "api_call", "api_key"):
        op.drop_table(table)
