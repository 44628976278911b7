"""How much room asyncio makes for each read of a socket: for what comes, not for what might."""

from asyncio import selector_events, sslproto

ROOM = 64 * 1024  # bytes: what comes is seldom larger, and what is takes one read more


def make_less_room() -> None:
    """From now on, for every connection.

    Of the 256 kB that asyncio asks for, a read of a few hundred bytes gives the rest back. Another
    such read soon finds no hole of that size any more between what stays: the heap grew by 3 MB
    with every ten thousand messages, whose pages were touched anew. A TLS connection has such a
    buffer of its own for as long as it lives.
    """
    # Python's own, if under no public name: where it goes, reads are as large as they were.
    plain = getattr(selector_events, "_SelectorSocketTransport", None)
    for reader in (plain, getattr(sslproto, "SSLProtocol", None)):
        if getattr(reader, "max_size", 0) > ROOM:
            setattr(reader, "max_size", ROOM)  # noqa: B010  # types know of no such attribute
