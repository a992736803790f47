"""How a command ends: with a status that scripts can tell apart, and a sentence where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum


class Exit(IntEnum):
    """What scripts can tell apart; docs/command-line.md promises it."""

    OK = 0
    LOOK = 1  # done, and there is something to look at
    USAGE = 2  # the command line or the settings are wrong
    CANNOT = 3  # the database, the network or a file is not to be had
    DEFECT = 70  # ours (EX_SOFTWARE of sysexits.h)


@contextmanager
def explained(*cannot: type[Exception]) -> Iterator[None]:
    """End with a sentence and an exit status where an operator can help: no traceback."""
    from bot.settings import SettingsError  # noqa: PLC0415 - --help has no use for it

    try:
        yield
    except SettingsError as error:
        complain(str(error))
        raise SystemExit(Exit.USAGE) from error
    except BrokenPipeError:
        raise  # whoever read our output has seen enough; typer ends us quietly
    except cannot as error:
        complain(str(error))
        raise SystemExit(Exit.CANNOT) from error


def complain(sentences: str) -> None:
    """Print *sentences* where errors go."""
    from bot.cli.terminal import open_console  # noqa: PLC0415 - the same

    open_console(stderr=True).print(sentences, style="red")
