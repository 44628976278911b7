"""The app manifest, which says to Slack what Nellie hears and may do."""

from pathlib import Path
from urllib.parse import quote_plus

NEW_APP = "https://api.slack.com/apps?new_app=1"


def read_manifest() -> str:
    """The manifest, as YAML; it lies beside this file, in a clone and in a package."""
    return Path(__file__).with_name("manifest.yaml").read_text(encoding="utf-8")


def link_to_new_app() -> str:
    """Slack's page for a new app, with the manifest filled in, without its comments."""
    lines = (line.partition(" #")[0].rstrip() for line in read_manifest().splitlines())
    bare = "\n".join(line for line in lines if line and not line.startswith("#"))
    return f"{NEW_APP}&manifest_yaml={quote_plus(bare)}"
