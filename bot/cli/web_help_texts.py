"""The help of the commands for the page; as in help_texts, no docstrings."""

WEB = """
    Talk with her and look at what she remembers, in a browser.

    Serves the page at this machine alone until Ctrl-C, and opens a browser, signed in, where
    there is one. What is shown is what `nellie chat` has filled: your channels at this machine.
    With `nellie run`, set NELLIE_WEB instead; people then say /web to her for a link.

    \b
    For example:
      nellie web
      nellie web --port 9000 --no-browser
      nellie web link --as slack:T024BE7LD/U024BE7LH
"""

LINK = """
    Print a link that signs a person in, once, within ten minutes.

    For who operates her. The last line of standard output is the link alone. A person of a
    platform is named as platform:workspace/id, and sees what they could read there; anybody else
    sits at this machine. It leads to the page that `nellie run` serves at NELLIE_WEB,
    or else to the one of a running `nellie web`.

    \b
    For example:
      nellie web link
      nellie web link --as discord:112233445566778899/998877665544332211
"""
