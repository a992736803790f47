from __future__ import annotations

import signal

from tests.cli.conftest import Program


async def test_the_demo_prints_the_address_of_its_page_and_ends_at_ctrl_c(program: Program) -> None:
    process = await program.start("demo", "--port", "0", "--folder", "demo")
    assert process.stdout
    printed = await process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, complaints = await process.communicate()

    assert b"http://127.0.0.1:" in printed
    assert b"Traceback" not in complaints
    assert process.returncode in {0, 130}
