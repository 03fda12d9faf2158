"""The consumer of `ended`: what reaches the application, when it is acknowledged, and what happens after failures."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import Clients
from stack import LIMIT_S, Stack, end, eventually

import antre
from antre import ended as ended_module

Bill = Callable[..., dict[str, Any]]


@pytest.fixture
def group(request: pytest.FixtureRequest) -> str:
    """A group of the test's own: it gets everything from the stream's beginning."""
    return str(request.node.name)


def pending(stack: Stack, group: str) -> int:
    with stack.connection() as connection:
        found: Any = connection.xpending("antre:{default}:ended", group)
        return int(found["pending"])


def of(seen: list[antre.Ended], invoice: dict[str, Any]) -> list[antre.Ended]:
    return [one for one in seen if one.external_id == invoice["external_id"]]


def test_an_end_has_the_fields_of_the_result(stack: Stack, clients: Clients, bill: Bill, group: str) -> None:
    invoice = bill(amount=1500, unknown_to_xendit=1)
    job = clients.call(stack, "enqueue", invoice, reference="17")
    result = clients.call(stack, "result", job, wait=LIMIT_S)
    seen: list[antre.Ended] = []
    assert clients.write_back(seen.append, group=group, idle=0.2, url=stack.url) >= 1
    (ended,) = of(seen, invoice)
    assert (ended.account, ended.link, ended.reference) == ("default", result.invoice_url, "17")
    for name in antre.Result.__dataclass_fields__:
        if name != "response":
            assert getattr(ended, name) == getattr(result, name), name
    assert ended.response is None
    assert pending(stack, group) == 0


def test_entries_of_conflicts_never_reach_the_link(stack: Stack, clients: Clients, bill: Bill, group: str) -> None:
    invoice = bill()
    link = clients.call(stack, "create", invoice)["invoice_url"]
    for wrong in ({**invoice, "amount": 1}, {**invoice, "amount": 2}):
        with pytest.raises(antre.InvoiceRejected):
            clients.call(stack, "create", wrong)
    links: dict[str | None, str | None] = {}
    failed: list[antre.Ended] = []
    clients.write_back(
        lambda ended: links.update({ended.external_id: ended.link}),
        group=group,
        failed=failed.append,
        idle=0.2,
        url=stack.url,
    )
    assert links[invoice["external_id"]] == link
    assert [ended.error and ended.error.code for ended in of(failed, invoice)] == ["conflict", "conflict"]


def test_a_dead_bill_is_told_as_one_without_a_link(stack: Stack, clients: Clients, bill: Bill, group: str) -> None:
    invoice = bill(currency="XYZ")
    with pytest.raises(antre.InvoiceRejected):
        clients.call(stack, "create", invoice)
    seen: list[antre.Ended] = []
    clients.write_back(seen.append, group=group, idle=0.2, url=stack.url)
    (ended,) = of(seen, invoice)
    assert (ended.link, ended.error and ended.error.status) == (None, 400)


def test_orders_of_entries_compare_as_texts() -> None:
    ids = ["9-0", "10-0", "1795413600000-9", "1795413600000-10", "1795413600001-0"]
    orders = [antre.Ended(antre.Job("1-0", "a"), "done", entry=entry).order for entry in ids]
    assert orders == sorted(orders)


def test_what_save_raises_ends_it_and_the_entry_comes_again(
    stack: Stack, clients: Clients, bill: Bill, group: str
) -> None:
    invoice = bill()
    clients.call(stack, "create", invoice)

    def fail(ended: antre.Ended) -> None:
        if ended.external_id == invoice["external_id"]:
            raise RuntimeError("the database is away")

    with pytest.raises(RuntimeError, match="the database is away"):
        clients.write_back(fail, group=group, idle=0.2, url=stack.url)
    assert pending(stack, group) >= 1
    seen: list[antre.Ended] = []
    clients.write_back(seen.append, group=group, idle=0.2, url=stack.url)
    assert len(of(seen, invoice)) == 1
    assert pending(stack, group) == 0


def test_what_another_consumer_left_behind_is_taken_over(
    stack: Stack, clients: Clients, bill: Bill, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoices = [bill() for _ in range(3)]
    with stack.connection() as connection:
        connection.xgroup_create("antre:{default}:ended", group, id="$")
        for invoice in invoices:
            clients.call(stack, "create", invoice)
        connection.xreadgroup(group, "gone for good", {"antre:{default}:ended": ">"})
    assert pending(stack, group) == 3
    seen: list[antre.Ended] = []
    clients.write_back(seen.append, group=group, consumer="here", idle=0.2, url=stack.url)
    assert not seen, "an entry was taken from a consumer that may be alive"
    monkeypatch.setattr(ended_module, "_TAKE_OVER_AFTER_S", 0.001)
    clients.write_back(seen.append, group=group, consumer="here", idle=0.2, url=stack.url)
    assert [ended.external_id for ended in seen] == [invoice["external_id"] for invoice in invoices]
    assert pending(stack, group) == 0


def test_two_accounts_are_read_together(stack: Stack, clients: Clients, bill: Bill, group: str) -> None:
    first, second = bill(), bill()
    clients.call(stack, "create", first)
    clients.call(stack, "create", second, account="jelantik")
    seen: list[antre.Ended] = []
    clients.write_back(seen.append, group=group, accounts=("default", "jelantik"), idle=0.2, url=stack.url)
    assert [ended.account for ended in of(seen, first) + of(seen, second)] == ["default", "jelantik"]


def test_a_coroutine_function_may_save(stack: Stack, bill: Bill, group: str) -> None:
    invoice = bill()
    seen: list[antre.Ended] = []

    async def save(ended: antre.Ended) -> None:
        await asyncio.sleep(0)
        seen.append(ended)

    with antre.Client(stack.url) as client:
        client.create(invoice)
    asyncio.run(antre.write_back_async(save, group=group, idle=0.2, url=stack.url))
    assert len(of(seen, invoice)) == 1


class Running:
    """`write_back` in a thread, as a service has it in a process."""

    def __init__(self, clients: Clients, stack: Stack) -> None:
        self.seen: list[antre.Ended] = []
        self._is_over = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(clients, stack), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_over = True

    def join(self) -> None:
        self._thread.join(LIMIT_S)
        assert isinstance(self._error, InterruptedError), self._error

    def _run(self, clients: Clients, stack: Stack) -> None:
        try:
            clients.write_back(self._save, url=stack.url)
        except BaseException as error:
            self._error = error

    def _save(self, ended: antre.Ended) -> None:
        self.seen.append(ended)
        if self._is_over:
            raise InterruptedError


@pytest.fixture
def running(own_stack: Stack, clients: Clients, bill: Bill) -> Iterator[Running]:
    running = Running(clients, own_stack)
    yield running
    running.stop()
    clients.call(own_stack, "create", bill())
    running.join()


def test_it_goes_on_when_redis_comes_back(own_stack: Stack, clients: Clients, bill: Bill, running: Running) -> None:
    before, after = bill(), bill()
    clients.call(own_stack, "create", before)
    eventually("the first end", lambda: of(running.seen, before))
    end(own_stack.redis_process, signal.SIGKILL)
    own_stack.start_redis()
    clients.call(own_stack, "create", after)
    eventually("the second end", lambda: of(running.seen, after))


def test_it_makes_its_group_anew_when_it_is_lost(
    own_stack: Stack, clients: Clients, bill: Bill, running: Running
) -> None:
    first, second = bill(), bill()
    clients.call(own_stack, "create", first)
    eventually("the first end", lambda: of(running.seen, first))
    with own_stack.connection() as connection:
        connection.xgroup_destroy("antre:{default}:ended", "billing")
    clients.call(own_stack, "create", second)
    eventually("the second end", lambda: of(running.seen, second))


def test_with_an_idle_time_an_absent_redis_is_told(own_stack: Stack, clients: Clients) -> None:
    end(own_stack.redis_process)
    with pytest.raises(antre.Unavailable, match="Redis cannot be used"):
        clients.write_back(print, idle=0.5, url=own_stack.url)
