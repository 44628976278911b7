"""How far a file may go in what reading it takes."""

from dataclasses import dataclass

MB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """For one file. A file that goes beyond some is read in part, with a note."""

    bytes: int = 50 * MB
    """Of the file: more than nearly all that people post, and a tenth of the memory."""
    unpacked: int = 200 * MB
    """Bytes of all that comes out of packed files: of real ones with 5 million characters too."""
    entries: int = 10_000
    """Files in a zip; an Office file has some hundred."""
    pages: int = 2_000
    """Also slides and sheets: the longest manuals have as many."""
    characters: int = 5_000_000
    """About 2,000 pages: some 4,000 passages in the index."""
    inner_files: int = 200
    """Read in a zip or an e-mail; each is a document of its own to whoever packed it."""
    seconds: float = 120.0
    """On the clock; a little before, what is read so far is given out."""
    computing: int = 90
    """Seconds of processor time: a reader that hangs ends before others have waited long."""
    memory: int = 512 * MB
    """Of the process, with its libraries: the largest real files took half of it."""
