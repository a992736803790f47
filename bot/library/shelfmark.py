"""Where in knowledge/ something stands, and all that is wrong there."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Defects:
    """Gathers what is wrong below *folder*, so that whoever mends it is told of everything at once."""

    folder: Path
    lines: list[str] = field(default_factory=list)

    def add(self, file: Path, what: str, *, line: int | None = None) -> None:
        """Note that *what* is wrong in *file*; *what* ends with the cure."""
        shown = file.relative_to(self.folder.parent).as_posix()
        entry = f"{shown}:{line}: {what}" if line else f"{shown}: {what}"
        if entry not in self.lines:
            self.lines.append(entry)

    def __bool__(self) -> bool:
        return bool(self.lines)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def read_text(file: Path, defects: Defects) -> str:
    """Return the text of *file*, or an empty one and a defect."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        defects.add(file, f"cannot be read ({error.strerror}); every language has the same files")
    except UnicodeDecodeError as error:
        defects.add(file, f"byte {error.start} is not UTF-8; save it as UTF-8")
    return ""


def read_toml(file: Path, defects: Defects) -> dict[str, Any]:
    """Return what the TOML *file* holds, or nothing and a defect."""
    return parse_toml(read_text(file, defects), file, defects)


def parse_toml(text: str, file: Path, defects: Defects, *, above: int = 0) -> dict[str, Any]:
    """Parse *text*, which has *above* lines of *file* before it."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1  # "at end of document"
        defects.add(file, f"not TOML: {error}", line=line + above)
    return {}


def line_of(text: str, needle: str) -> int | None:
    """Return the number of the first line of *text* with *needle* in it."""
    at = text.find(needle)
    return text.count("\n", 0, at) + 1 if needle and at >= 0 else None
