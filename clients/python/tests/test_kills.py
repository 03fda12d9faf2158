"""An application that is killed at each step and started again: each bill has one invoice, and its link is stored."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from application import SCHEMA
from stack import LIMIT_S, Stack

Bill = Callable[..., dict[str, Any]]
APPLICATION = Path(__file__).with_name("application.py")


def run(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(APPLICATION), *arguments]
    return subprocess.run(
        command, env=stack.environment(), capture_output=True, text=True, timeout=LIMIT_S, check=False
    )


class Bills:
    """Three bills in a database. The application dies at the second one."""

    def __init__(self, stack: Stack, bill: Bill, file: Path) -> None:
        self._stack = stack
        self._file = str(file)
        bills = [bill(amount=100000 + number) for number in range(3)]
        self._names = [one["external_id"] for one in bills]
        self._database = sqlite3.connect(self._file)
        with self._database:
            self._database.execute(SCHEMA)
            rows = [(one["external_id"], one["amount"]) for one in bills]
            self._database.executemany("INSERT INTO bills (external_id, amount) VALUES (?, ?)", rows)

    def dies(self, kind: str, work: str, point: str) -> None:
        killed = run(self._stack, self._file, kind, work, point, self._names[1])
        assert killed.returncode == -signal.SIGKILL, f"it did not die at {point}\n{killed.stderr}"

    def runs(self, kind: str, work: str) -> None:
        done = run(self._stack, self._file, kind, work)
        assert done.returncode == 0, done.stderr

    def assert_one_invoice_and_its_link(self) -> None:
        made = {name: [one["invoice_url"] for one in self._stack.invoices(name)] for name in self._names}
        stored = {name: [link] for name, link in self._database.execute("SELECT external_id, link FROM bills")}
        assert stored == made
        assert all(len(links) == 1 for links in made.values())


@pytest.fixture
def bills(stack: Stack, bill: Bill, tmp_path: Path) -> Bills:
    return Bills(stack, bill, tmp_path / "billing.db")


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("point", ["before_xadd", "after_xadd", "while_waiting", "before_commit"])
def test_killed_while_it_waits_for_a_link_each_bill_has_one(bills: Bills, point: str, kind: str) -> None:
    bills.dies(kind, "create", point)
    bills.runs(kind, "create")
    bills.assert_one_invoice_and_its_link()


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("point", ["in_save", "before_xack", "after_xack"])
def test_killed_while_it_writes_links_back_no_link_is_missed(stack: Stack, bills: Bills, point: str, kind: str) -> None:
    bills.runs(kind, "enqueue")
    bills.dies(kind, "collect", point)
    # Nothing is submitted again: what was not acknowledged must come again.
    bills.runs(kind, "collect")
    bills.assert_one_invoice_and_its_link()
    with stack.connection() as connection:
        found: Any = connection.xpending("antre:{default}:ended", "billing")
        assert found["pending"] == 0
