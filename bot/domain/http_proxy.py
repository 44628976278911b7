"""The proxy of this machine's environment, for libraries that do not look there by themselves."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.domain.errors import SettingsError


def find_proxy(url: str) -> str | None:
    """The proxy for an address: HTTPS_PROXY or HTTP_PROXY, else ALL_PROXY, unless NO_PROXY has it.

    Raises SettingsError for a SOCKS proxy.
    """
    address, proxies = urlsplit(url), getproxies()
    scheme = address.scheme if address.scheme in proxies else "all"
    proxy = proxies.get(scheme)
    if not proxy or proxy_bypass(address.hostname or ""):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if not proxy.startswith(("http://", "https://")):
        reason = f"{address.hostname} can be reached through an HTTP proxy, not through this one"
        raise SettingsError(name=f"{scheme.upper()}_PROXY", reason=reason)
    return proxy
