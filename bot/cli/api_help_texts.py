"""The help of the commands for the API; as in help_texts, no docstrings."""

KEYS = """
    Keys of the API, by person.

    \b
    For example:
      nellie keys add --person slack:T024BE7LD/U024BE7LH --expires 90d
      nellie keys add --person build --team backend --models 'gpt-*,auto'
      nellie keys list
      nellie keys revoke nellie-Ab3dE6gH
"""

KEYS_ADD = """
    Make a key, and print it this once.

    The last line of standard output is the key alone; only its hash is kept. A person of a
    platform is named as platform:workspace/id: they may read through it what they may read
    there, and it ends when they leave. Anybody else may be called as you like.

    \b
    For example:
      KEY=$(nellie keys add --person ana --expires 30d | tail -n 1)
"""

KEYS_LIST = """
    List keys: whose, for which models, until when.
"""

KEYS_REVOKE = """
    End a key, by how it begins, or all keys of a person.

    \b
    For example:
      nellie keys revoke nellie-Ab3dE6gH
      nellie keys revoke --person slack:T024BE7LD/U024BE7LH
"""

CALLS = """
    List the calls of the API, the newest last.

    \b
    For example:
      nellie calls --since 2h --status failed
      nellie calls --person ana --model gpt-6-luna --json
      nellie calls --follow
"""

CALLS_SHOW = """
    Show one call, and its content if that is kept.

    Content is kept where NELLIE_API_LOG=content says so.
"""
