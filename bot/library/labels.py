"""The statuses and sending methods as the screen, its exports and people word them: knowledge/labels.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from bot.core.delivery import Method, Status
from bot.core.question import Phrase, fold
from bot.library.shelfmark import Defects, read_toml

_Name = TypeVar("_Name", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Labels:
    """*verbatim* as on the screen; *statuses* and *methods* by folded text; *phrases* of people."""

    verbatim: Mapping[Status, str]
    statuses: Mapping[str, Status]
    methods: Mapping[str, Method]
    phrases: tuple[Phrase, ...]


def read_labels(file: Path, defects: Defects) -> Labels:
    """Read *file*: per name a ``label``, its ``synonyms``, and ``values`` that stand in files only."""
    entries = read_toml(file, defects)
    statuses = _entries(entries, Status, file, defects)
    methods = _entries(entries, Method, file, defects)
    return Labels(
        verbatim={status: entry["label"] for status, entry in statuses.items()},
        statuses=_by_text(statuses, file, defects),
        methods=_by_text(methods, file, defects),
        phrases=(*_phrases(statuses), *_phrases(methods)),
    )


def _entries(
    entries: Mapping[str, Any], names: type[_Name], file: Path, defects: Defects
) -> dict[_Name, dict[str, Any]]:
    kind = names.__name__.lower()
    given = entries.get(kind, {})
    for name in given.keys() - set(names):
        defects.add(file, f"[{kind}.{name}]: there is no such {kind}; the names are {', '.join(names)}")
    for name in names:
        if not given.get(name, {}).get("label"):
            defects.add(file, f"[{kind}.{name}] has no label; give it as on the screen")
    return {name: given[name] for name in names if given.get(name, {}).get("label")}


def _by_text(entries: Mapping[_Name, dict[str, Any]], file: Path, defects: Defects) -> dict[str, _Name]:
    found: dict[str, _Name] = {}
    for name, entry in entries.items():
        for text in [name.value, *_said(entry), *entry.get("values", [])]:
            other = found.setdefault(fold(text), name)
            if other is not name:
                defects.add(file, f"{text!r} stands for {other} and for {name}; take it out of one")
    return found


def _phrases(entries: Mapping[_Name, dict[str, Any]]) -> Iterable[Phrase]:
    for name, entry in entries.items():
        for text in _said(entry):
            yield Phrase(fold(text), f"{type(name).__name__.lower()}:{name}")


def _said(entry: Mapping[str, Any]) -> list[str]:
    return [entry["label"], *entry.get("synonyms", [])]
