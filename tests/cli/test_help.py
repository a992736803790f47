from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import ROOT, Program

COMMANDS = ("demo", "serve", "ask", "check", "import", "migrate", "doctor")


@pytest.mark.parametrize("command", COMMANDS)
async def test_every_command_explains_itself_by_example(program: Program, command: str) -> None:
    ran = await program(command, "--help")

    assert ran.status == 0
    assert f"python -m bot {command}" in ran.text.partition("Example")[2]


async def test_help_names_every_command_and_has_no_colours_in_a_pipe(program: Program) -> None:
    ran = await program("--help")

    assert ran.status == 0
    assert all(f"  {command} " in ran.text for command in COMMANDS)
    assert "\x1b" not in ran.text


def test_help_loads_nothing_that_is_slow_to_load() -> None:
    slow = (
        "{'aiohttp', 'alembic', 'dns', 'jinja2', 'pydantic', 'rich', 'slack_bolt', 'slack_sdk', 'sqlalchemy'}"
    )
    code = f"import sys, bot.cli.commands; print(sorted({slow} & sys.modules.keys()))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert loaded.stdout == "[]\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("unheard-of",),
        ("ask",),
        ("ask", "x", "--lang", "fr"),
        ("check",),
        ("serve", "--port", "70000"),
        ("import",),
    ],
)
async def test_what_cannot_be_meant_is_a_usage_error_without_a_traceback(
    program: Program, arguments: tuple[str, ...]
) -> None:
    ran = await program(*arguments)

    assert ran.status == 2
    assert "Usage:" in ran.text + ran.err
    assert "Traceback" not in ran.err
