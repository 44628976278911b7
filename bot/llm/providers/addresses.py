"""Addresses of model servers, as people write them."""

import httpx2

from bot.domain.errors import SettingsError


def parse_url(setting: str, value: str) -> httpx2.URL:
    """The address of a server, its path ending in "/". Raises SettingsError where it is none."""
    try:
        url = httpx2.URL(value)
        url = url.copy_with(path=url.path.rstrip("/") + "/", fragment=None)
    except httpx2.InvalidURL:
        url = httpx2.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError(name=setting, reason="it must begin with http:// or https://")
    return url
