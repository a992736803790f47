"""The door for operators and scripts: one thin command each, the work is in the rooms behind."""

# ruff: noqa: PLC0415 - a command loads only what it needs, so that every --help takes a tenth of a second
# ruff: noqa: D301 - the mark \b keeps the lines of examples apart, and has to be that character

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import Exit, complain, explained
from bot.core.words import Language

if TYPE_CHECKING:
    from bot.core.viewer import Viewer
    from bot.core.words import Words
    from bot.importing import ImportReport
    from bot.settings import Settings

app = typer.Typer(
    help="Delivery Desk: why did the mail not arrive?",
    epilog="Settings are environment variables; `doctor` shows them, and what is wrong with them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich" if sys.stdout.isatty() else None,  # plain in a pipe
    context_settings={"help_option_names": ["-h", "--help"]},
)


Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
Spoken = Annotated[Language | None, typer.Option("--lang", help="Answer in this language.")]


def main() -> None:
    """Run the command that was typed."""
    logging.getLogger("bot").addHandler(logging.NullHandler())  # what went wrong is in the answers
    try:
        app()
    except Exception as error:
        # The last door: nobody but a developer is served by a traceback.
        if "DELIVERY_DESK_TRACEBACK" in os.environ:
            raise
        complain(f"{type(error).__name__}: {error}\nThis is a defect: DELIVERY_DESK_TRACEBACK=1 shows where.")
        sys.exit(Exit.DEFECT)


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the page; 0: any that is free.")] = 8765,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its database.")] = Path("var/demo"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what was said there before.")] = False,
) -> None:
    """Try the bot in a browser: no Slack workspace, no account.

    \b
    Example:
      python -m bot demo --port 8080 --fresh
    """
    from bot.library import LibraryError
    from bot.playground.demo import run
    from bot.store.engine import StoreError

    with explained(StoreError, LibraryError, OSError):
        asyncio.run(run(port=port, folder=folder, fresh=fresh))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Listen here instead of at HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Listen here, not at PORT.")] = None,
) -> None:
    """Run the bot until it is told to stop (SIGTERM, Ctrl-C).

    \b
    Examples:
      python -m bot serve
      python -m bot serve --host 0.0.0.0 --port 3000
    """
    from slack_sdk.errors import SlackClientError

    from bot.library import LibraryError
    from bot.settings import require_slack
    from bot.store.engine import StoreError
    from bot.web import serve as run

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with explained(StoreError, LibraryError, SlackClientError, OSError):
        settings = _settings_with_dns(host=host, port=port)
        require_slack(settings)
        asyncio.run(run(settings))


@app.command()
def ask(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The question; - reads it from a pipe.")],
    as_: Annotated[
        str, typer.Option("--as", metavar="staff|ACCOUNT|stranger", help="Who is asking.")
    ] = "staff",
    lang: Spoken = None,
    json: Json = False,
) -> None:
    """Ask what became of a mail: the same trip as in Slack.

    TEXT is whatever one would type there: send IDs, addresses, a status,
    pasted headers, or just words.

    \b
    Examples:
      python -m bot ask 1234567890123456789
      python -m bot ask "taro@example.jp に届きません" --as acme
      python -m bot ask - --json < mail.txt | jq .section
    """
    from bot.cli import arguments
    from bot.library import LibraryError
    from bot.store.engine import StoreError

    with explained(StoreError, LibraryError):
        asked, viewer = arguments.question(text), arguments.viewer(as_)
        asyncio.run(_ask(_settings_with_dns(), asked, viewer, lang, as_json=json))


async def _ask(
    settings: Settings, text: str, viewer: Viewer, lang: Language | None, *, as_json: bool
) -> None:
    from bot.app import open_desk
    from bot.cli.terminal import open_console, show_answer, write_json
    from bot.core.answer import to_json

    async with open_desk(settings, trial=settings.knowledge_dir is not None) as desk:
        answer = await desk.answer(text, viewer, language=lang)
    words = desk.words(answer.language)
    if as_json:
        write_json(to_json(answer, words))
    else:
        show_answer(open_console(), answer, words, desk.library.label)


@app.command()
def check(
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS", help="- reads them from a pipe.")],
    resolver: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Ask this DNS server instead of DNS_RESOLVER.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 if mail cannot arrive at one.")
    ] = False,
    lang: Spoken = None,
    json: Json = False,
) -> None:
    """Check recipients: can mail arrive there, as far as the DNS tells?

    \b
    Examples:
      python -m bot check taro@example.jp hanako@example.com
      python -m bot check - --json < addresses.txt | jq -r 'select(.verdict == "fail").input'
    """
    from bot.library import LibraryError

    with explained(LibraryError):
        settings = _settings_with_dns(dns_resolver=resolver)
        failed = asyncio.run(_check(settings, addresses, lang or settings.default_language, as_json=json))
    raise typer.Exit(Exit.LOOK if failed and strict else Exit.OK)


async def _check(settings: Settings, addresses: list[str], lang: Language, *, as_json: bool) -> bool:
    """Print what is found about each address; return whether mail cannot arrive at one of them."""
    from bot.checks.resolver import open_resolver
    from bot.cli import arguments
    from bot.cli.checking import check_all
    from bot.cli.terminal import findings_for_people, findings_for_scripts
    from bot.core.finding import Verdict

    show = findings_for_scripts() if as_json else findings_for_people(_words(settings, lang))
    failed = False
    async for checked in check_all(arguments.each(addresses), open_resolver(settings.dns_resolver)):
        failed |= checked.verdict is Verdict.FAIL
        show(checked)
    return failed


def _words(settings: Settings, lang: Language) -> Words:
    from bot.library import KNOWLEDGE, Library

    return Library.open(settings.knowledge_dir or KNOWLEDGE).words(lang)


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="CSV or JSONL.")],
    rejects: Annotated[
        Path | None, typer.Option(metavar="DIR", help="For bad rows; default: beside each file.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, bad rows only.")] = False,
    json: Json = False,
) -> None:
    """Load the send history; doing it again changes nothing.

    UTF-8 or CP932; the English column names or those of the export.
    Bad rows are written to a rejects file with their reasons, the good
    ones go in, and the exit status is 1.

    \b
    Examples:
      python -m bot import history.csv
      python -m bot import 2026-*.jsonl --rejects rejected/
    """
    from bot.cli.terminal import report_json, show_report, write_json
    from bot.library import LibraryError
    from bot.sources.send_history import SourceError
    from bot.store.engine import StoreError

    with explained(StoreError, LibraryError, SourceError):
        report = asyncio.run(_import(_settings(), files, rejects, silent=quiet or json))
    if json:
        write_json(report_json(report))
    else:
        show_report(report, quiet=quiet)
    raise typer.Exit(Exit.LOOK if report.rejected else Exit.OK)


async def _import(
    settings: Settings, files: list[Path], rejects: Path | None, *, silent: bool
) -> ImportReport:
    from bot.app import open_store
    from bot.cli.terminal import progress_bar
    from bot.importing import import_files
    from bot.library import KNOWLEDGE, Library

    library = Library.open(settings.knowledge_dir or KNOWLEDGE)
    async with open_store(settings) as engine:
        with progress_bar(silent=silent) as progress:
            return await import_files(
                engine, files, library.labels, library.methods, rejects_dir=rejects, progress=progress
            )


@app.command()
def migrate() -> None:
    """Create the tables in PostgreSQL, or bring them up to date.

    The embedded SQLite database is migrated by whatever command opens it.

    \b
    Example:
      DATABASE_URL=postgresql://desk@db/desk python -m bot migrate
    """
    from bot.store.engine import StoreError

    with explained(StoreError):
        typer.echo(asyncio.run(_migrate(_settings())))


async def _migrate(settings: Settings) -> str:
    from bot.store.engine import open_engine, shown
    from bot.store.migrate import State, state
    from bot.store.migrate import migrate as bring_up_to_date

    engine = open_engine(settings.database_url)
    try:
        before = await state(engine)
        await bring_up_to_date(engine)
    finally:
        await engine.dispose()
    did = {State.EMPTY: "created the tables", State.CURRENT: "nothing to do"}
    return f"{shown(engine.url)}: {did.get(before, 'brought the tables up to date')}"


@app.command()
def doctor(json: Json = False) -> None:
    """Examine settings, database, DNS and Slack; say what to do.

    Nothing is changed, and no secret is shown.  The exit status is 1 when
    there is a problem.

    \b
    Examples:
      python -m bot doctor
      python -m bot doctor --json | jq 'select(.health != "ok")'
    """
    with explained():
        healthy = asyncio.run(_doctor(_settings(), as_json=json))
    raise typer.Exit(Exit.OK if healthy else Exit.LOOK)


async def _doctor(settings: Settings, *, as_json: bool) -> bool:
    from bot.cli.doctor import Health, examine
    from bot.cli.terminal import show_health, write_json

    healthy = True
    async for line in examine(settings):
        healthy &= line.health is not Health.PROBLEM
        if as_json:
            write_json(line.to_json())
        else:
            show_health(line)
    return healthy


def _settings(**given: object) -> Settings:
    """Read the settings, with what was *given* on the command line in their place."""
    from bot.settings import load

    return load().model_copy(update={name: value for name, value in given.items() if value is not None})


def _settings_with_dns(**given: object) -> Settings:
    """Read the settings; raise SettingsError when their resolver is none, before anything is opened."""
    from bot.checks.resolver import open_resolver
    from bot.settings import SettingsError

    settings = _settings(**given)
    try:
        open_resolver(settings.dns_resolver)
    except ValueError as error:
        raise SettingsError(f"DNS_RESOLVER: {error}") from error
    return settings
