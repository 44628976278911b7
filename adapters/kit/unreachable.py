"""Why a platform cannot be reached, in words, and what to do about it."""

import socket
import ssl

import aiohttp


def explain(error: Exception, to_reach_it: str) -> tuple[str, str]:
    """What is in the way, and what mends it; `to_reach_it` is the mend where nothing is known."""
    match error:
        case aiohttp.ClientHttpProxyError(status=407):
            what = "the proxy asks for a name and a password"
            return what, "put them into the proxy's address: http://NAME:PASSWORD@HOST:PORT"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy refuses, with status {error.status}", to_reach_it
        case aiohttp.ClientProxyConnectionError():
            what = f"the proxy {error.host}:{error.port} does not answer"
            return what, "start the proxy, or correct HTTPS_PROXY"
        case ssl.SSLError() | ssl.CertificateError() | aiohttp.ClientSSLError():
            what = "its certificate is none that this machine trusts"
            mend = "look at this machine's clock; where a proxy opens TLS, name its certificate"
            return what, f"{mend} in SSL_CERT_FILE"
        case aiohttp.ClientConnectorError():
            return _explain_connection(error, to_reach_it)
    return "silence" if isinstance(error, TimeoutError) else type(error).__name__, to_reach_it


def _explain_connection(error: aiohttp.ClientConnectorError, to_reach_it: str) -> tuple[str, str]:
    if isinstance(error.os_error, socket.gaierror):
        what = f"this machine finds no address for {error.host}"
        return what, f"look at this machine's network and DNS; {to_reach_it}"
    if isinstance(error.os_error, ConnectionRefusedError):
        return f"{error.host}:{error.port} refuses the connection", to_reach_it
    return error.os_error.strerror or type(error).__name__, to_reach_it
