"""Vectors of passages, beside those of messages: each half from one half of its text.

What is read of a document never changes: a vector goes only with its document, by a trigger.
"""

from typing import ClassVar

from bot.store.embeddings import Embeddings
from bot.store.sql_files import Statements, load


class PassageEmbeddings(Embeddings):
    """The same for passages, by their keys (bot.store.passage_search.key_of)."""

    sql: ClassVar[Statements] = load("passage_embeddings")
    tables = (
        "create_extension",
        "create_embedding",
        "create_index_of_codes",
        "create_embedded",
        "create_function",
        "create_trigger",
    )
    packed = False
