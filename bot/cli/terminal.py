"""What the commands print: coloured on a terminal, plain in a pipe, as JSON lines for scripts."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from bot.core.answer import Answer, Heading, Items, Line, Part, finding_sentence, source_name
from bot.core.delivery import Delivery, Status
from bot.core.finding import Finding, Verdict
from bot.core.words import Language, Words

if TYPE_CHECKING:
    from bot.cli.checking import Checked
    from bot.cli.doctor import Line as Health
    from bot.importing import FileReport, ImportReport

_COLOURS = {
    Status.REJECTED: "bold red",
    Status.SUPPRESSED: "bold magenta",
    Status.PENDING: "bold yellow",
    Status.SENT: "bold green",
    Verdict.OK: "green",
    Verdict.WARN: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.UNKNOWN: "magenta",
}
_HEALTH_COLOURS = {"ok": "green", "warning": "yellow", "problem": "bold red"}
_BAD_ROWS = 5  # shown; all of them are in the rejects file
# What a terminal would obey, or what turns the reading direction, and what splits a line of JSON into two.
_COMMANDING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
# json.dumps has escaped the rest of them; a lone surrogate is no character at all and becomes "?".
_ESCAPED_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def open_console(*, stderr: bool = False) -> Console:
    """Return where people read; NO_COLOR and pipes are respected, foreign text is never markup."""
    stream = sys.stderr if stderr else sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")  # of a terminal that is not UTF-8
    return Console(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=not stream.isatty())


def harmless(text: str) -> str:
    """Return *text* without anything that a terminal would obey; line breaks stay."""
    return _COMMANDING.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """Return foreign *text* on one line, harmless."""
    return harmless(" ".join(text.split()))


def write_json(value: object) -> None:
    """Write *value* as one line of UTF-8, whatever the locale, at once."""
    text = _ESCAPED_IN_JSON.sub(_escape, json.dumps(value, ensure_ascii=False))
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def _escape(character: re.Match[str]) -> str:
    return f"\\u{ord(character[0]):04x}"


def show_answer(console: Console, answer: Answer, words: Words, label: Callable[[Status], str]) -> None:
    """Print *answer* in the order in which Slack shows it, first the delivery that the page is about."""
    # Rich breaks lines at spaces; Japanese may be broken anywhere, which the terminal itself does better.
    console.soft_wrap = console.soft_wrap or words.language is Language.JA
    console.print(Text(harmless(answer.page.title), style="bold"))
    for delivery in sorted(answer.deliveries, key=lambda delivery: delivery is not answer.delivery):
        console.print()
        _print_lines(console, _delivery(delivery, answer, words, label))
    _print_section(console, _notes(answer, words))
    _print_section(console, _parts(answer.page.parts))
    _print_section(console, _findings(answer, words))
    _print_section(console, _steps(answer, words))


def findings_for_scripts() -> Callable[[Checked], None]:
    """Return what prints the result of one check as a line of JSON."""
    return lambda checked: write_json(checked.to_json())


def findings_for_people(words: Words) -> Callable[[Checked], None]:
    """Return what prints the result of one check in *words*."""
    console = open_console()
    console.soft_wrap = True  # one line for each finding

    def show(checked: Checked) -> None:
        console.print(Text(one_line(checked.written), style="bold"))
        _print_lines(console, (finding_line(finding, words) for finding in checked.findings))

    return show


@contextmanager
def progress_bar(*, silent: bool) -> Iterator[Callable[[int, int], None]]:
    """Give what is told of bytes done and bytes in all; shown on a terminal only, beside what is printed."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn  # noqa: PLC0415 - slow

    console = open_console(stderr=True)
    if silent or not console.is_terminal:
        yield lambda done, total: None
        return
    with Progress(BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show_report(report: ImportReport, *, quiet: bool) -> None:
    """Print what an import did; when *quiet*, only what went wrong."""
    console = open_console()
    if not quiet:
        for file in report.files if len(report.files) > 1 else ():
            console.print(f"{one_line(str(file.path))}: {_counts(file)}")
        console.print(f"{len(report.files)} file(s): {_counts(report)}")
    for row in report.bad_rows[:_BAD_ROWS]:
        console.print(Text(f"  {one_line(str(row))}", style="yellow"))
    if report.rejected > _BAD_ROWS:
        console.print(f"  … and {report.rejected - _BAD_ROWS:,} more")
    for path in report.rejects_files:
        console.print(f"rejected rows, with their reasons: {one_line(str(path))}")


def _counts(report: FileReport | ImportReport) -> str:
    return (
        f"{report.rows:,} rows, {report.imported:,} imported ({report.changed:,} new or changed), "
        f"{report.rejected:,} rejected"
    )


def report_json(report: ImportReport) -> dict[str, object]:
    """Return the shape that `import --json` promises (docs/command-line.md)."""
    return {
        "files": len(report.files),
        "rows": report.rows,
        "imported": report.imported,
        "changed": report.changed,
        "rejected": report.rejected,
        "rejects_files": [str(path) for path in report.rejects_files],
        "bad_rows": [{"file": row.file, "line": row.line, "reason": row.reason} for row in report.bad_rows],
        "by_file": [_file_json(file) for file in report.files],
    }


def _file_json(file: FileReport) -> dict[str, object]:
    return {
        "file": str(file.path),
        "rows": file.rows,
        "imported": file.imported,
        "changed": file.changed,
        "rejected": file.rejected,
    }


def show_health(line: Health) -> None:
    """Print one line of the doctor's examination, with what to do below it."""
    console = open_console()
    first, *more = harmless(line.said).splitlines() or [""]
    mark = Text(f"{line.health:<8}", style=_HEALTH_COLOURS[line.health])
    console.print(mark.append(f" {line.topic:<10}", style="bold").append(first, style="not bold"))
    for also in [*more, *([f"→ {line.cure}"] if line.cure else [])]:
        console.print(f"{'':<19}{one_line(also)}")


def finding_line(finding: Finding, words: Words) -> Text:
    """Return what one check found, its verdict first."""
    verdict = Text(words.say(f"verdict.{finding.verdict}"), style=_COLOURS[finding.verdict])
    return Text("  ").append_text(verdict).append(f"  {one_line(finding_sentence(finding, words))}")


def _delivery(
    delivery: Delivery, answer: Answer, words: Words, label: Callable[[Status], str]
) -> Iterator[Text]:
    verbatim, gloss = label(delivery.status), words.say(f"status.{delivery.status}")
    yield Text.assemble(
        (verbatim, _COLOURS[delivery.status]),
        f" ({gloss})" if gloss != verbatim else "",
        "  ",
        (one_line(delivery.recipient), "bold"),
    )
    yield Text(f"  {' · '.join(map(one_line, _details(delivery, answer, words)))}")
    if answer.evidence and delivery.reply:
        yield Text(f"  {one_line(words.say('answer.reply', reply=delivery.reply))}", style="dim")


def _details(delivery: Delivery, answer: Answer, words: Words) -> Iterator[str]:
    yield words.say("answer.send-id", send_id=delivery.send_id)
    if delivery.since:
        yield words.say("answer.since-label") + words.moment(delivery.since)
    if delivery.method:
        yield words.say(f"method.{delivery.method}")
    if delivery.document:
        yield delivery.document
    if answer.evidence:
        yield delivery.account
    yield source_name(delivery, words, evidence=answer.evidence)


def _notes(answer: Answer, words: Words) -> Iterator[Text]:
    if answer.missing and answer.deliveries:
        yield Text(one_line(words.say("answer.missing", missing=list(answer.missing))))
    if answer.left_out:
        yield Text(words.say("answer.left-out", number=answer.left_out))


def _parts(parts: Iterable[Part]) -> Iterator[Text]:
    for number, part in enumerate(parts):
        if number and not isinstance(part, Items):
            yield Text()
        if isinstance(part, Items):
            yield from _items(part)
        else:
            yield _line(part.line, style="bold" if isinstance(part, Heading) else "")


def _items(items: Items) -> Iterator[Text]:
    for number, line in enumerate(items.lines, start=1):
        mark = f"{number}." if items.numbered else "-"
        yield Text(f"  {mark} ").append_text(_line(line))


def _line(line: Line, *, style: str = "") -> Text:
    spans = ((harmless(span.text), "bold" if span.bold else "cyan" if span.code else "") for span in line)
    return Text.assemble(*spans, style=style)


def _findings(answer: Answer, words: Words) -> Iterator[Text]:
    if answer.findings:
        yield Text(words.say("answer.findings"), style="bold")
    for finding in answer.findings:
        yield finding_line(finding, words)


def _steps(answer: Answer, words: Words) -> Iterator[Text]:
    if answer.steps:
        yield Text(words.say("answer.next"), style="bold")
    for number, step in enumerate(answer.steps, start=1):
        who, what = words.say(f"who.{step.who}"), words.say(f"next.{step.what}")
        yield Text.assemble(f"  {number}. ", (f"{who}: ", "bold"), what)


def _print_section(console: Console, lines: Iterable[Text]) -> None:
    """Print *lines* behind an empty one, or nothing at all."""
    shown = list(lines)
    if shown:
        console.print()
        _print_lines(console, shown)


def _print_lines(console: Console, lines: Iterable[Text]) -> None:
    for line in lines:
        console.print(line)
