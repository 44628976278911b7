"""The language models: OpenAI and its kin, TGI, and one that needs no model at all."""
