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

TUNE = """
    Make the prompts of a channel better, and apply them.

    That is its persona, rules for answers, and what summaries keep.

    The texts of today are tried on questions whose answers people have rated, or on those of
    a file as `nellie compare` reads it; what was wrong with the answers is shown to a model,
    which writes better texts. A score from 0 to 1 tells which are: agreement with good
    answers, grounded in what was said, honest about what is not known, of a good length.
    The same number of answers goes to a control, the same texts in other words. Both are
    measured once on examples that neither has seen, with 95 % intervals.

    Every call is a real one, and is paid for: what it may cost is said, and asked, before it
    starts. Where better texts are found, it writes a file, and changes nothing; --apply sets
    a file's texts for a channel, --undo takes that back, --show tells what holds. Sentences
    that protect (quotes are no instructions, say what you do not know) stand in every prompt
    and are not tuned.

    It takes the extra "tune" (gepa); without it, the command says how to install that.

    \b
    A file has a JSON object a line: what was said, then questions about it:
      {"context": [{"author": "ana", "text": "The disk is in the cupboard."}]}
      {"prompt": "Where is the disk?", "expected": "cupboard"}
      {"prompt": "Who bought the disk?", "expected": ["do not know", "not said"]}

    \b
    For example:
      nellie tune --channel general --budget 200
      nellie tune questions.jsonl --parts rules --reflection-model openai/gpt-6
      nellie tune --apply tuned-general.toml --channel general
      nellie tune --undo --channel general
"""
