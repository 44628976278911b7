"""What a request must be like before anything is done for it: its host and its origin."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from adapters.web.settings import URL, WebSettings

_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*", re.ASCII)  # of one machine: no //, and no \ anywhere
READING = ("GET", "HEAD")


class WrongHost(web.HTTPMisdirectedRequest):
    """It was meant for a machine of another name: DNS rebinding, or a setting that is missing."""


class WrongOrigin(web.HTTPForbidden):
    """Another site's page sent it."""


def check_host(headers: Mapping[str, str], settings: WebSettings) -> None:
    """Raises WrongHost.

    What names an address went to that address. A name may have been pointed here by anybody.
    """
    found = _HOST.fullmatch(headers.get("Host", ""))
    name = found["name"].strip("[]").lower() if found else ""
    if name not in settings.names and not _is_address(name):
        raise WrongHost(reason=f"The page does not go by this name: set {URL}.")


def check_origin(method: str, headers: Mapping[str, str], settings: WebSettings) -> None:
    """Raises WrongOrigin for what would change something, and was not sent by our own page.

    Browsers say so twice; on plain http to another machine, once (Origin).
    """
    if method in READING:
        return
    site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
    if site is not None and site != "same-origin":
        raise WrongOrigin(reason="Another site sent this.")
    if origin is None and site is None:
        raise WrongOrigin(reason="It is not said which page sent this.")
    if origin is not None and not _is_own(origin, headers.get("Host", ""), settings):
        raise WrongOrigin(reason="Another site sent this.")


def check_reader(headers: Mapping[str, str], settings: WebSettings) -> None:
    """Raises WrongOrigin for events that our own page did not ask for.

    On plain http, browsers say neither; then the page that asks is told as where it came from.
    """
    site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
    if site is None and origin is None:
        parts = urlsplit(headers.get("Referer", ""))
        origin = f"{parts.scheme}://{parts.netloc}"
    own = origin is None or _is_own(origin, headers.get("Host", ""), settings)
    if site not in (None, "same-origin") or not own:
        raise WrongOrigin(reason="Another site asked for this.")


def may_be_squeezed(headers: Mapping[str, str]) -> bool:
    """Not what another site lets a browser open: how short it gets would tell what is in it."""
    return headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")


def local_path(text: str) -> str:
    """Where to go back to: a path of ours, or else the beginning."""
    return text if _PATH.fullmatch(text) else "/"


def _is_own(origin: str, host: str, settings: WebSettings) -> bool:
    if settings.url and origin.lower() == settings.url.lower():
        return True
    return origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")


def _is_address(name: str) -> bool:
    try:
        return bool(ip_address(name))
    except ValueError:
        return False
