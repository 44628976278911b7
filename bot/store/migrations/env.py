"""Alembic's entry: runs on the connection that bot.store.database hands it."""

from alembic import context
from sqlmodel import SQLModel

from bot.store import tables

_ = tables  # importing them fills the metadata
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
