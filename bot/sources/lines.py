"""The lines of a file of unknown encoding, in constant memory, with their numbers; a line can be put back."""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Iterator
from functools import partial
from io import TextIOWrapper
from pathlib import Path

LONGEST = 1 << 20  # characters in a line; what is longer is no row of any export
_CHUNK = 1 << 20  # bytes
# What becomes of a byte that cannot be decoded; the last four are bytes that CP932 has not, to Python.
_BROKEN = re.compile("[\udc80-\udcff\uf8f0-\uf8f3]")
_FOREIGN = re.compile("[^\x00-\x7f\udc80-\udcff]")


class Lines(Iterator[str]):
    """The lines of a file, each with its end.

    *taken* are the lines since `begin`, the first of which is line *first* of the file.
    """

    def __init__(self, path: Path) -> None:
        self._raw = path.open("rb")
        self.encoding, self._whole = encoding_of(path)
        # A byte that is broken in this encoding spoils its row, not the file.
        self._text = TextIOWrapper(self._raw, self.encoding, errors="surrogateescape", newline="")
        self._next = partial(self._text.readline, LONGEST)
        self._back: deque[str] = deque()
        self._number = 0
        self.taken: list[str] = []

    @property
    def first(self) -> int:
        """The number of the first of the taken lines, from 1."""
        return self._number - len(self.taken) + 1

    @property
    def position(self) -> int:
        """How many bytes of the file have been read, its read-ahead included."""
        return 0 if self._raw.closed else self._raw.tell()

    def begin(self) -> None:
        """Begin a new row: forget what was taken."""
        self.taken = []

    def put_back(self, lines: int) -> None:
        """Give the last *lines* of the taken ones again."""
        for _ in range(lines):
            self._back.appendleft(self.taken.pop())
        self._number -= lines

    def problem(self) -> str | None:
        """Say what keeps the taken lines from being a row, whatever stands in them."""
        for line in self.taken:
            if len(line) >= LONGEST:
                return f"the line is longer than {LONGEST:,} characters"
            if "\x00" in line:
                return "there is a NUL byte in it: the file is damaged, or not a text"
            if not self._whole and _BROKEN.search(line):
                return f"it has bytes that are broken both as UTF-8 and as CP932 (read as {self.encoding})"
        return None

    def close(self) -> None:
        """Close the file."""
        self._text.close()

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._next()
        if not line:
            raise StopIteration
        self._number += 1
        self.taken.append(line)
        if len(line) >= LONGEST:
            self._pass_over_the_rest(line)
        return line

    def _pass_over_the_rest(self, line: str) -> None:
        while line and line[-1] not in "\r\n":
            line = self._next()


def encoding_of(path: Path) -> tuple[str, bool]:
    """Tell how the file at *path* is encoded, UTF-8 or as Excel writes it in Japan, and whether all of it is.

    Raise OSError.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", False  # what Excel calls Unicode text
    if _is_utf8(path):
        return "utf-8-sig", True
    if start.startswith(codecs.BOM_UTF8) or _mostly_utf8(path):
        return "utf-8-sig", False
    return "cp932", False


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path):
            if not chunk.isascii() or decoder.getstate()[0]:
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(path: Path) -> bool:
    """Tell whether more characters beyond ASCII are UTF-8 than are not: of CP932 text hardly any is."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    decoded = broken = 0
    for chunk in _chunks(path):
        text = decoder.decode(chunk)
        decoded += len(_FOREIGN.findall(text))
        broken += len(_BROKEN.findall(text))
    return decoded > broken


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(partial(file.read, _CHUNK), b"")
