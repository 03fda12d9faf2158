"""A small billing application with its bills in SQLite, as a process that is killed and started again.

    python application.py DATABASE KIND WORK [POINT EXTERNAL_ID]

KIND is `sync` or `async`. WORK is `create` (writes links back, then waits for the link of each open bill), `enqueue`
(submits the open bills without waiting) or `collect` (writes links back until each bill has its own). At POINT of the
bill EXTERNAL_ID it kills itself with SIGKILL: nothing is closed or rolled back in an orderly way.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from typing import Any

import antre
from antre import aio, alinks, client, links
from antre.steps import Ask, Hand

SCHEMA = """
CREATE TABLE IF NOT EXISTS bills (
    external_id TEXT PRIMARY KEY, amount INTEGER NOT NULL, link TEXT, error TEXT, entry TEXT NOT NULL DEFAULT ''
)
"""


class Application:
    def __init__(self, database: str, kind: str) -> None:
        self.database = sqlite3.connect(database)
        self.database.execute(SCHEMA)
        self.kind = kind

    def run_create(self) -> None:
        self.write_back()
        for external_id, amount in self.open_bills():
            answer = self.create({"external_id": external_id, "amount": amount})
            self.database.execute(
                "UPDATE bills SET link = ? WHERE external_id = ?", (answer["invoice_url"], external_id)
            )
            reached("before_commit", external_id)
            self.database.commit()

    def run_enqueue(self) -> None:
        with antre.Client() as one:
            one.enqueue_many({"invoice": {"external_id": id, "amount": amount}} for id, amount in self.open_bills())

    def run_collect(self) -> None:
        until = time.monotonic() + 20
        while self.open_bills() and time.monotonic() < until:
            self.write_back()

    def open_bills(self) -> list[Any]:
        wanted = "SELECT external_id, amount FROM bills WHERE link IS NULL AND error IS NULL ORDER BY external_id"
        return self.database.execute(wanted).fetchall()

    def create(self, invoice: dict[str, Any]) -> dict[str, Any]:
        if self.kind == "sync":
            with antre.Client() as one:
                return one.create(invoice)
        return asyncio.run(self._created(invoice))

    async def _created(self, invoice: dict[str, Any]) -> dict[str, Any]:
        async with antre.AsyncClient() as one:
            return await one.create(invoice)

    def write_back(self) -> None:
        if self.kind == "sync":
            antre.write_back(self.save, idle=0.2)
        else:
            asyncio.run(antre.write_back_async(self.save, idle=0.2))

    def save(self, ended: antre.Ended) -> None:
        error = ended.error.code if ended.error else None
        self.database.execute(
            "UPDATE bills SET link = ?, error = ?, entry = ? WHERE external_id = ? AND amount = ? AND entry < ?",
            (ended.link, error, ended.order, ended.external_id, ended.amount, ended.order),
        )
        reached("in_save", ended.external_id)
        self.database.commit()


#: Where it dies, and at which bill.
POINT = BILL = ""
#: The bill whose entry was handed over last, because an XACK names no bill; and that of the last XADD.
handed = submitted = ""


def reached(point: str, external_id: str | None) -> None:
    """Dies if this is where it is told to die."""
    if (point, external_id) == (POINT, BILL):
        os.kill(os.getpid(), signal.SIGKILL)


def before_step(step: Any) -> None:
    global handed, submitted
    if isinstance(step, Hand):
        handed = step.arguments[0].external_id
    elif isinstance(step, Ask) and step.commands[0][0] == "XADD":
        submitted = json.loads(step.commands[0][-1])["invoice"]["external_id"]
        reached("before_xadd", submitted)
    elif isinstance(step, Ask) and step.commands[0][0] == "XACK":
        reached("before_xack", handed)


def after_step(step: Any) -> None:
    if isinstance(step, Ask) and step.commands[0][0] == "XADD":
        reached("after_xadd", submitted)
    elif isinstance(step, Ask) and step.commands[0][0] == "XACK":
        reached("after_xack", handed)


def with_deaths() -> None:
    """Puts the points at which it may die around the steps of the clients."""
    do, do_async = client._do, aio._do
    sync_answers, async_answers = links._answers, alinks._answers

    def dying(step: Any, connections: Any) -> Any:
        before_step(step)
        outcome = do(step, connections)
        after_step(step)
        return outcome

    async def dying_async(step: Any, connections: Any) -> Any:
        before_step(step)
        outcome = await do_async(step, connections)
        after_step(step)
        return outcome

    def waiting(link: Any, commands: Any) -> Any:
        if commands[0][0] == "BLMOVE" and ("while_waiting", submitted) == (POINT, BILL):
            link.send_packed_command(link.pack_commands(commands))
            reached("while_waiting", submitted)
        return sync_answers(link, commands)

    async def waiting_async(link: Any, commands: Any) -> Any:
        if commands[0][0] == "BLMOVE" and ("while_waiting", submitted) == (POINT, BILL):
            await link.send_packed_command(link.pack_commands(commands))
            reached("while_waiting", submitted)
        return await async_answers(link, commands)

    replaced: list[tuple[Any, str, Callable[..., Any]]] = [
        (client, "_do", dying),
        (aio, "_do", dying_async),
        (links, "_answers", waiting),
        (alinks, "_answers", waiting_async),
    ]
    for module, name, function in replaced:
        setattr(module, name, function)


if __name__ == "__main__":
    if len(sys.argv) > 4:
        POINT, BILL = sys.argv[4:]
    with_deaths()
    application = Application(sys.argv[1], sys.argv[2])
    work = {
        "create": application.run_create,
        "enqueue": application.run_enqueue,
        "collect": application.run_collect,
    }
    work[sys.argv[3]]()
