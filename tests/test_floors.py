"""Who may import whom: the table of ARCHITECTURE.md, kept true."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "bot").rglob("*.py"))

# The order inside core: each may import those before it.
CORE = (
    "account", "address", "smtp", "finding", "words", "post", "delivery", "section", "case", "viewer",
    "question", "diagnosis", "answer",
)  # fmt: skip

FLOOR_1 = {"checks", "sources", "store", "library"}
FLOOR_2 = ("background", "desk", "courier", "escalation", "accounts", "feedback")
MAY: dict[str, set[str]] = {
    "core": {"core"},
    "settings": {"core"},
    "checks": {"core"},
    "sources": {"core"},
    "store": {"core"},
    "library": {"core"},
    "desk": {"core", "checks", "library", "store"},
    "background": set(),
    "courier": {"background", "core", "store"},
    "accounts": {"core", "store"},
    "feedback": {"core", "store"},
    "escalation": {"core", "store", "desk"},
    "slack": {"core", *FLOOR_2},
}
TOP = {"app", "running", "web", "importing", "playground", "cli", "__main__"}

# One home per package; floor 4 opens what others use.
HOMES: dict[str, set[str]] = {
    "jinja2": {"library", "playground"},
    "markupsafe": {"playground"},
    "markdown_it": {"library"},
    "dns": {"checks", "playground"},
    "email_validator": {"checks"},
    "idna": {"checks"},
    "sqlalchemy": {"store", *FLOOR_2, "app", "importing", "cli"},
    "alembic": {"store"},
    "aiosqlite": {"store"},
    "asyncpg": {"store"},
    "slack_bolt": {"slack", "running", "web"},
    "slack_sdk": {"slack", "running", "cli"},
    "cachetools": {"slack"},
    "aiohttp": {"web", "running", "playground", "cli", "slack"},
    "pydantic": {"settings", "playground", "cli"},
    "pydantic_settings": {"settings"},
    "platformdirs": {"settings", "cli"},
    "typer": {"cli"},
    "rich": {"cli"},
}


def room_of(file: Path) -> str:
    return file.relative_to(ROOT / "bot").parts[0].removesuffix(".py")


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "bot")


def rooms_imported(file: Path) -> set[str]:
    return {name.split(".")[1] for name in imports(file) if name.startswith("bot.")}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_import_runs_back_up(file: Path) -> None:
    room = room_of(file)
    allowed = MAY.get(room, set(MAY) | TOP) | {room}

    assert room in MAY or room in TOP | {"__init__"}, (
        f"{room} has no floor: give it one here and in ARCHITECTURE.md"
    )
    assert rooms_imported(file) <= allowed


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_package_has_one_home(file: Path) -> None:
    installed = {name.split(".")[0] for name in imports(file)} - set(sys.stdlib_module_names) - {"bot"}
    homeless = {name for name in installed if room_of(file) not in HOMES.get(name, set())}

    assert homeless == set()


@pytest.mark.parametrize("file", sorted((ROOT / "bot/core").glob("*.py")), ids=lambda file: file.stem)
def test_the_core_is_pure(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    awaits = [node for node in ast.walk(tree) if isinstance(node, ast.Await | ast.AsyncFunctionDef)]
    clocks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today", "time"}
    ]

    assert awaits == []
    assert clocks == []


@pytest.mark.parametrize("name", CORE)
def test_core_imports_only_its_own_lower_files(name: str) -> None:
    lower = set(CORE[: CORE.index(name)])
    imported = {
        module.split(".")[2]
        for module in imports(ROOT / f"bot/core/{name}.py")
        if module.startswith("bot.core.")
    }

    assert imported <= lower


def test_every_file_of_the_core_has_its_place_in_the_order() -> None:
    assert {file.stem for file in (ROOT / "bot/core").glob("*.py")} - {"__init__"} == set(CORE)
