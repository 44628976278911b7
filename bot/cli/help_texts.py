"""The help of every command, shown by --help.

These are no docstrings: `python -OO` removes those.
"""

NELLIE = """
    Nellie, a teammate who remembers the channel.

    \b
      nellie chat                               talk with her here
      nellie import FILE                        bring a channel's history in
      nellie chat -c ubuntu                     and ask her about it
      NELLIE_MODEL=openai/NAME nellie chat      let a language model answer

    Settings are read from the environment and from a file .env in the current folder;
    `nellie settings` lists them all.
"""

CHAT = """
    Talk with Nellie in a channel of yours.

    Piped input works too: one line in, one answer out. Without a model configured she quotes
    what was said; set NELLIE_MODEL to let one answer. A channel of Slack or Discord is only
    looked into: what you ask is answered here, and nothing is posted or remembered there.

    A name that is not known yet begins a new channel. When it looks like a slip of one that is
    known, you are asked; in a pipe, --new is needed then.

    \b
    For example:
      nellie chat --channel kitchen --as ana
      echo "where is the backup disk?" | nellie chat -c kitchen
"""

CHANNELS = """
    List what is remembered where.

    The first column is the name that every other command takes. A channel of Slack or Discord
    can also be named as people call it, where only one is called so: -c '#general'.

    \b
    For example:
      nellie channels
      nellie channels --json
"""

IMPORT = """
    Bring real history in.

    Format and channels are found from what is in the file, packed or not. Channels
    of Slack and Discord become the ones that Nellie hears live; others are yours.
    See what would come in with --dry-run.

    \b
      Slack     the export's .zip of the workspace
      Discord   DiscordChatExporter, with --format Json
      Telegram  result.json of Telegram Desktop (Export chat history, as JSON)
      WhatsApp  the .zip or .txt of Export chat
      IRC       logs of irssi, WeeChat, ZNC, mIRC, irclogs.ubuntu.com and others
      Mattermost, Zulip   the bulk export; the export of an organization
      Teams     messages as JSON, from Microsoft Graph or a personal export
      Mail      mbox, such as a mailing list's archive
      Nellie    what `nellie export` wrote

    Importing the same again adds nothing, so that an import that was broken off can
    be repeated. A line that cannot be read is reported, and the rest is imported:
    then the exit code is 3. It is 1 when nothing came in.

    \b
    For example:
      nellie import export.zip --dry-run
      nellie import export.zip -c general -c random
      nellie import '2005-06-27-#ubuntu.txt'
"""

EXPORT = """
    Write all that is remembered of a channel, as JSON lines.

    `nellie import` reads them again, here or elsewhere.

    \b
    For example:
      nellie export --channel ubuntu --output ubuntu.jsonl
"""

COMPACT = """
    Summarize now what would be summarized later.

    Without a channel, all of them. The messages themselves stay.

    \b
    For example:
      nellie compact --channel ubuntu
      nellie compact --rebuild
"""

RUN = """
    Serve every configured platform until SIGTERM.

    \b
    For example:
      nellie run
"""

DOCTOR = """
    Check everything, and say what to do where something is wrong.

    Settings, database, models, Slack and Discord. Nothing is changed. The exit code is 1 when
    something is wrong.

    \b
    For example:
      nellie doctor
      docker compose exec nellie nellie doctor
"""

BACKUP = """
    Write all memory into one file, also while Nellie runs.

    The file is pg_dump's, and only you can read it. It works with the embedded Postgres and with
    one at DATABASE_URL.

    \b
    For example:
      nellie backup
      nellie backup memory.dump --force
"""

RESTORE = """
    Put a backup in the place of all that is remembered.

    Shows first how much there is in both, and asks. It happens whole or not at all.

    \b
    For example:
      nellie restore memory.dump
      DATABASE_URL=postgresql://nellie@db/nellie nellie restore memory.dump
"""

SETTINGS = """
    List every setting with its default, or explain one.

    What is printed is a file .env in which nothing is set; --write makes it, for your eyes only.
    Keys, tokens and passwords are never printed.

    \b
    For example:
      nellie settings
      nellie settings NELLIE_MODEL
      nellie settings --write
"""

MIGRATE = """
    Bring the database up to date.

    Every other command does this by itself.

    \b
    For example:
      DATABASE_URL=postgresql://nellie:secret@db/nellie nellie migrate
"""

VERSION = "Print the version."

TURNS = """
    Show the answers that are owed, and those that failed for good.

    \b
    For example:
      nellie turns
      nellie turns retry 4711
      nellie turns retry --all-failed
"""

RETRY = """
    Let a running replica answer a failed turn once more.

    Its answer takes the place of what is posted.

    \b
    For example:
      nellie turns retry 4711
"""

FORGET = """
    Erase somebody, or a channel's memory.

    \b
    For example:
      nellie forget person U024BE7LH
      nellie forget channel kitchen
"""

FORGET_PERSON = """
    Erase a person everywhere, or in one channel.

    That is all that they said, what rests on it, and their id wherever else it stands.

    Shows first how much that is, and asks. Nothing of it, nor anything else that they said
    before, comes in by an import or by reading history. What stays is that somebody has opted
    out, and a fingerprint of the id with the time, in every channel that this is about.

    \b
    For example:
      nellie forget person U024BE7LH
      nellie forget person U024BE7LH --channel slack:T024BE7LD/C024BE91L --yes
"""

FORGET_CHANNEL = """
    Forget a channel, also one of a platform.

    The same as /memory forget all in it: messages, what rests on them, and who was there.

    Shows first how much that is and since when, and asks. Nothing that was said there before
    comes in later, by an import or by reading history.

    \b
    For example:
      nellie forget channel kitchen
      nellie forget channel slack:T024BE7LD/C024BE91L --yes
"""
