"""Which addresses of the internet may be reached: those that are everybody's, and no other. Pure.

What is let in is said, not what is kept out: an address that is new and strange is not reached.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_UNICAST = IPv6Network("2000::/3")
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_ISATAP = {0x00005EFE, 0x02005EFE}
_SPECIAL = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",  # a cloud's own address, though it looks like anybody's
            "192.0.0.0/24",
            "192.88.99.0/24",
            "2001::/23",  # Teredo, benchmarks and other protocols
            "2001:db8::/32",
            "3fff::/20",
        ),
    )
)


def is_reachable(address: str) -> bool:
    """Whether it is a public address, and so is any that is wrapped up in it."""
    try:
        found = ip_address(address)
    except ValueError:  # a name, or one with a zone ("fe80::1%eth0")
        return False
    return _is_public(found) if isinstance(found, IPv4Address) else _is_public_v6(found)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    special = any(address.version == one.version and address in one for one in _SPECIAL)
    return address.is_global and not (address.is_multicast or special)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id:
        return False
    wrapped = _wrapped(address)
    if wrapped is not None and not _is_public(wrapped):
        return False
    if address in _MAPPED or address in _NAT64:
        return True
    if address not in _UNICAST:
        return False
    return address in _SIX_TO_FOUR or _is_public(address)


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    """The address of version 4 that a gateway takes out of this one."""
    number = int(address)
    if address in _MAPPED or address in _NAT64 or number >> 32 & 0xFFFFFFFF in _ISATAP:
        return IPv4Address(number & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address(number >> 80 & 0xFFFFFFFF)
    return None
