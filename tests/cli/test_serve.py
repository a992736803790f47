from __future__ import annotations

import signal
import socket

from bot.playground.standin import StandIn
from tests.cli.conftest import Program
from tests.cli.test_doctor import connected


async def test_serve_names_everything_that_is_missing(program: Program) -> None:
    ran = await program("serve")

    assert ran.status == 2
    for variable in ("SLACK_BOT_TOKEN", "SLACK_SUPPORT_CHANNEL", "SLACK_SIGNING_SECRET"):
        assert variable in ran.err
    assert "Traceback" not in ran.err


async def test_serve_ends_in_order_when_it_is_told_to(program: Program) -> None:
    async with StandIn() as slack:
        process = await program.start("serve", "--port", "0", env=connected(slack))
        assert process.stderr
        while b"listening on" not in (line := await process.stderr.readline()):
            assert line, "it ended by itself"
        process.send_signal(signal.SIGTERM)
        rest = await process.stderr.read()
        status = await process.wait()

    assert status == 0
    assert b"Traceback" not in rest


async def test_a_port_that_is_taken_is_one_sentence(program: Program) -> None:
    async with StandIn() as slack:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            ran = await program("serve", "--port", port, env=connected(slack))

    assert ran.status == 3
    assert port in ran.err
    assert "Traceback" not in ran.err
