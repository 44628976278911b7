"""The help of the commands about models; as in help_texts, no docstrings."""

MODELS = """
    List the models that can be named in NELLIE_MODEL.

    Every provider is asked that this machine has a key or an address for; with context windows
    where the provider tells them. `nellie doctor` tries those that are in use.

    \b
    For example:
      OLLAMA_HOST=127.0.0.1:11434 NELLIE_MODEL=ollama/llama3.2 nellie models
"""

COMPARE = """
    Put the same prompts to several models, and compare them.

    Time to first token, tokens a second, cost (by NELLIE_PRICES), length, and agreement
    with expected answers where there are any, each with its 95 % interval. Every call is
    a real one, and is paid for. Without a file, the prompts are questions about the talk
    of a team, which come with Nellie.

    \b
    A file has one prompt a line, or a JSON object a line:
      {"prompt": "What is 7 times 8?", "expected": ["56", "fifty-six"]}
      {"messages": [{"role": "user", "content": "Hi"}], "expected": "hello"}

    \b
    For example:
      nellie compare --model ollama/llama3.2 --model openai/gpt-6-luna
      nellie compare prompts.jsonl --picture models.svg
      nellie compare --rated --limit 50 --answers answers.jsonl
"""
