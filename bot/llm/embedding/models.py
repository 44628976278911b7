"""What is known of embedding models, by their names; pure.

Their cards say what is to stand before a question and before what is searched, how many tokens
they read, and whether the beginning of a vector is a vector too (Matryoshka). Names are found as
people write them: intfloat/multilingual-e5-large, nomic-embed-text:latest,
text-embedding-nomic-embed-text-v1.5, hf.co/Qwen/Qwen3-Embedding-0.6B-GGUF:Q8_0.
"""

import re
from dataclasses import dataclass, replace
from functools import cache

TASK = "Given a question, retrieve messages of a conversation that answer it"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """How one family of embedding models wants its texts."""

    query: str = ""
    """What stands before a question."""
    passage: str = ""
    """What stands before a text that is searched."""
    tokens: int = 0
    """How many of one text it reads; 0 is unknown."""
    can_be_cut: bool = False
    """Whether the beginning of a vector, made as long again, is a vector too."""


_INSTRUCT = f"Instruct: {TASK}\nQuery: "
_SEARCHING = "Represent this sentence for searching relevant passages: "
_NOMIC = KnownModel(query="search_query: ", passage="search_document: ")
_E5 = KnownModel(query="query: ", passage="passage: ")

# The first that is found in the name counts: a family's exceptions stand before it.
_FAMILIES: dict[str, KnownModel] = {
    r"text-embedding-3-(?:small|large)": KnownModel(tokens=8191, can_be_cut=True),
    r"text-embedding-ada-002": KnownModel(tokens=8191),
    r"qwen3-(?:vl-)?embedding": KnownModel(
        query=f"Instruct: {TASK}\nQuery:", tokens=32_000, can_be_cut=True
    ),
    r"embedding-?gemma": KnownModel(
        query="task: search result | query: ",
        passage="title: none | text: ",
        tokens=2048,
        can_be_cut=True,
    ),
    r"e5-mistral|e5\S*-instruct": KnownModel(query=_INSTRUCT, tokens=512),
    r"nv-embedqa|nv-embed-qa|nemoretriever|nemotron-embed": replace(_E5, tokens=512),
    r"\be5\b|multilingual-e5|e5-(?:small|base|large)": replace(_E5, tokens=512),
    r"bge-m3|bge-reranker": KnownModel(tokens=8192),
    r"bge-(?:multilingual-gemma2|en-icl)": KnownModel(
        query=f"<instruct>{TASK}\n<query>", tokens=8192
    ),
    r"bge-\S*-zh": KnownModel(query="为这个句子生成表示以用于检索相关文章：", tokens=512),
    r"bge-(?:small|base|large|micro)": KnownModel(query=_SEARCHING, tokens=512),
    r"nomic-embed-code": KnownModel(
        query="Represent this query for searching relevant code: ", tokens=8192
    ),
    r"nomic-embed-text-v2|nomic-embed-text-?v2-moe": replace(_NOMIC, tokens=512, can_be_cut=True),
    r"nomic-embed-text-v1(?!\.5)": replace(_NOMIC, tokens=2048),
    r"nomic-embed|modernbert-embed": replace(_NOMIC, tokens=2048, can_be_cut=True),
    r"mxbai-embed-de": replace(_E5, tokens=512, can_be_cut=True),
    r"mxbai-embed-xsmall": KnownModel(query=_SEARCHING, tokens=4096, can_be_cut=True),
    r"mxbai-embed|mxbai-\S*-embed": KnownModel(query=_SEARCHING, tokens=512, can_be_cut=True),
    r"uae-(?:large|small)": KnownModel(query=_SEARCHING, tokens=512),
    r"arctic-embed-?(?:\S*-v2|2)": KnownModel(query="query: ", tokens=8192, can_be_cut=True),
    r"arctic-embed-m-long": KnownModel(query=_SEARCHING, tokens=2048),
    r"arctic-embed\S*-v1\.5": KnownModel(query=_SEARCHING, tokens=512, can_be_cut=True),
    r"arctic-embed": KnownModel(query=_SEARCHING, tokens=512),
    r"gte-qwen|sfr-embedding|linq-embed|nv-embed|llama-embed|kalm-embedding|stella\S*-en": (
        KnownModel(query=_INSTRUCT, tokens=8192)
    ),
    r"gte-(?:multilingual|modernbert)|gte-\S*-v1\.5": KnownModel(tokens=8192, can_be_cut=True),
    r"gte-(?:small|base|large|tiny)": KnownModel(tokens=512),
    r"jina-embeddings?-v5": KnownModel(
        query="Query: ", passage="Document: ", tokens=8192, can_be_cut=True
    ),
    r"jina-embeddings?-v4": KnownModel(
        query="Query: ", passage="Passage: ", tokens=8192, can_be_cut=True
    ),
    r"jina-embeddings?-v3": KnownModel(
        query="Represent the query for retrieving evidence documents: ",
        passage="Represent the document for retrieval: ",
        tokens=8192,
        can_be_cut=True,
    ),
    r"jina-embeddings?": KnownModel(tokens=8192),
    r"ruri-v3": KnownModel(query="検索クエリ: ", passage="検索文書: ", tokens=8192),
    r"ruri-": KnownModel(query="クエリ: ", passage="文章: ", tokens=512),
    r"frida|rosberta": replace(_NOMIC, tokens=512),
    r"gemini-embedding-(?:exp|001)": KnownModel(tokens=2048, can_be_cut=True),
    r"gemini-embedding": KnownModel(
        query="task: search result | query: ",
        passage="title: none | text: ",
        tokens=8192,
        can_be_cut=True,
    ),
    r"text-embedding-00[45]|text-multilingual-embedding": KnownModel(tokens=2048, can_be_cut=True),
    r"voyage-(?:3-large|3\.5|4|code-3)": KnownModel(tokens=32_000, can_be_cut=True),
    r"voyage-": KnownModel(tokens=16_000),
    r"codestral-embed": KnownModel(tokens=8192, can_be_cut=True),
    r"mistral-embed": KnownModel(tokens=8192),
    r"embed-v4|embed-v-4": KnownModel(tokens=100_000, can_be_cut=True),
    r"embed-(?:english|multilingual)": KnownModel(tokens=512),
    r"all-minilm|paraphrase-\S*minilm|multi-qa-minilm": KnownModel(tokens=256),
    r"all-mpnet|multi-qa-mpnet|paraphrase-\S*mpnet|granite-embedding\S*(?:30m|125m|107m|278m)": (
        KnownModel(tokens=512)
    ),
}
_UNKNOWN = KnownModel()


@cache
def find_model(name: str) -> KnownModel:
    """What is known of a model; nothing of one whose name says nothing."""
    plain = name.lower().replace("_", "-").replace(" ", "-")
    return next(
        (known for pattern, known in _FAMILIES.items() if re.search(pattern, plain)), _UNKNOWN
    )
