"""The help of the commands for documents; as in help_texts, no docstrings."""

DOCS = """
    Files and folders that a channel knows.

    Your own are added; what people post in the channel is read by itself.

    \b
    For example:
      nellie docs add contracts/ --channel '#legal'
      nellie docs list --channel '#legal'
      nellie docs forget terms.pdf --channel '#legal'
"""

ADD = """
    Read a file or a folder into a channel's memory.

    The same again reads only what is new or has changed, and takes out what is not
    there any more: it can be repeated whenever the folder changes, or when it was
    broken off. What it does is shown first with --dry-run. Links, hidden files and
    pictures are left out. Read here are files of this machine; nothing is copied.

    A file that cannot be read is reported, and the rest is read: then the exit code
    is 3. It is 1 when nothing was read.
"""

LIST = """
    List the documents of a channel, the newest first.
"""

FORGET = """
    Forget a document, and every answer that rests on it; asks first.

    The next `nellie docs add` of a folder that holds the file reads it again.
"""
