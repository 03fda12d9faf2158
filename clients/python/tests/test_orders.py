"""Cancelling and retrying over the wire: inbox entries `cancel` and `retry`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import Clients
from portal import xendit_service
from portal.rows import Brand, Customer, InvoiceRow, Package
from stack import LIMIT_S, Stack, eventually

import antre
from antre.billing import install

Bill = Callable[..., dict[str, Any]]
LATER = "2099-01-01T00:00:00+07:00"


@pytest.fixture
def paused(stack: Stack) -> Iterator[None]:
    """The account `paused` sends nothing while the test runs."""
    stack.antre("pause", "-a", "paused", "--reason", "a test")
    yield
    stack.antre("resume", "-a", "paused")


def counts(found: dict[str, int], **expected: int) -> bool:
    """Returns whether these counts are as expected and all others are 0."""
    return {name: count for name, count in found.items() if count} == expected


def make_dead(stack: Stack, clients: Clients, invoice: dict[str, Any], account: str = "default") -> antre.Job:
    """Makes a dead job that may turn out differently: Xendit refuses its create once."""
    fault = {
        "on": "create",
        "times": 1,
        "external_id": invoice["external_id"],
        "act": {"type": "status", "status": 400},
    }
    stack.xendit("/_sim/faults", fault)
    job: antre.Job = clients.call(stack, "enqueue", invoice, account=account, max_retries=0)
    assert clients.call(stack, "result", job, wait=LIMIT_S).state == "dead"
    return job


def test_a_waiting_job_is_cancelled(stack: Stack, paused: None, clients: Clients, bill: Bill) -> None:
    invoice = bill()
    job = clients.call(stack, "enqueue", invoice, account="paused")
    assert counts(clients.call(stack, "cancel", job, reason="moved away", by="rini"), cancelled=1)
    assert clients.call(stack, "result", job, wait=LIMIT_S).state == "cancelled"


def test_a_cancelled_job_is_rejected_where_its_link_is_waited_for(
    stack: Stack, paused: None, clients: Clients, bill: Bill
) -> None:
    invoice = bill()
    job = clients.call(stack, "enqueue", invoice, account="paused")
    clients.call(stack, "cancel", job)
    with stack.connection() as connection:
        assert connection.xlen("antre:{paused}:inbox") == 0
    assert not clients.call(stack, "result", job, wait=LIMIT_S).is_done
    assert not stack.invoices(invoice["external_id"])


def test_a_bill_and_a_batch_are_cancelled_by_name(stack: Stack, clients: Clients, bill: Bill) -> None:
    first, second, third = bill(), bill(), bill()
    batch = f"batch-{first['external_id']}"
    jobs = [clients.call(stack, "enqueue", one, run_at=LATER, batch=batch) for one in (first, second, third)]
    assert counts(clients.call(stack, "cancel", external_id=first["external_id"]), cancelled=1)
    assert counts(clients.call(stack, "cancel", batch=batch), cancelled=3)
    states = [clients.call(stack, "result", job, wait=LIMIT_S).state for job in jobs]
    assert states == ["cancelled"] * 3


def test_a_cancel_holds_for_a_job_that_came_before_it_and_is_not_accepted_yet(
    stack: Stack, paused: None, clients: Clients, bill: Bill
) -> None:
    with clients.kept(stack, "paused") as call:
        for _ in range(20):
            invoice = bill()
            job = call("enqueue", invoice)
            assert counts(call("cancel", external_id=invoice["external_id"]), cancelled=1)
            assert call("result", job, wait=LIMIT_S).state == "cancelled"
            later = call("enqueue", invoice)
            assert call("result", later) is None
            call("cancel", later)


def test_a_done_job_is_too_late_and_with_expire_its_invoice_ends(stack: Stack, clients: Clients, bill: Bill) -> None:
    invoice = bill()
    first = clients.call(stack, "create", invoice)
    external_id = invoice["external_id"]
    assert counts(clients.call(stack, "cancel", external_id=external_id), too_late=1)
    assert [one["status"] for one in stack.invoices(external_id)] == ["PENDING"]
    assert counts(clients.call(stack, "cancel", external_id=external_id, expire=True), expired=1)
    assert [one["status"] for one in stack.invoices(external_id)] == ["EXPIRED"]
    # The bill is free for another amount.
    again = clients.call(stack, "create", {**invoice, "amount": 400000})
    assert again["id"] != first["id"]
    assert sorted(one["status"] for one in stack.invoices(external_id)) == ["EXPIRED", "PENDING"]


def test_a_paid_invoice_is_left_alone(stack: Stack, clients: Clients, bill: Bill) -> None:
    invoice = bill()
    made = clients.call(stack, "create", invoice)
    stack.xendit(f"/_sim/invoices/{made['id']}/pay", {})
    found = clients.call(stack, "cancel", external_id=invoice["external_id"], expire=True, wait=LIMIT_S)
    assert counts(found, paid=1)
    assert stack.invoices(invoice["external_id"])[0]["status"] in ("PAID", "SETTLED")


def test_an_order_that_cannot_be_read_is_rejected(stack: Stack, clients: Clients) -> None:
    with pytest.raises(antre.InvoiceRejected):
        clients.call(stack, "cancel", external_id="")


def test_what_is_not_there_is_counted(stack: Stack, clients: Clients) -> None:
    assert counts(clients.call(stack, "cancel", external_id="PY-nobody"), not_found=1)
    assert counts(clients.call(stack, "retry_dead", external_id="PY-nobody"), not_found=1)


def test_a_dead_job_is_retried_and_one_that_cannot_change_is_not(stack: Stack, clients: Clients, bill: Bill) -> None:
    invoice, good = bill(), bill()
    job = make_dead(stack, clients, invoice)
    assert counts(clients.call(stack, "retry_dead", job, by="rini"), retried=1)
    eventually("its invoice", lambda: stack.invoices(invoice["external_id"]))
    clients.call(stack, "create", good)
    conflict = clients.call(stack, "enqueue", {**good, "amount": 1})
    assert clients.call(stack, "result", conflict, wait=LIMIT_S).state == "dead"
    assert counts(clients.call(stack, "retry_dead", conflict), not_retryable=1)


def test_all_dead_jobs_of_an_account_are_retried(stack: Stack, clients: Clients, bill: Bill) -> None:
    invoices = [bill() for _ in range(3)]
    for invoice in invoices:
        make_dead(stack, clients, invoice, "jelantik")
    found = clients.call(stack, "retry_dead", account="jelantik")
    assert found["retried"] == 3
    for invoice in invoices:
        eventually("its invoice", lambda name=invoice["external_id"]: stack.invoices(name))  # type: ignore[misc]


def test_an_order_that_no_worker_answers_is_still_queued(own_stack: Stack, clients: Clients, bill: Bill) -> None:
    invoice = bill()
    job = clients.call(own_stack, "enqueue", invoice, run_at=LATER)
    own_stack.worker.kill()
    own_stack.worker.wait()
    with pytest.raises(antre.InvoiceStillQueued):
        clients.call(own_stack, "cancel", job, wait=0.2)
    own_stack.start_worker()
    assert clients.call(own_stack, "result", job, wait=LIMIT_S).state == "cancelled"


def test_the_limiter_retries_its_failed_invoices(
    stack: Stack, clients: Clients, bill: Bill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTRE_REDIS_URL", stack.url)
    limiter = install(body=xendit_service.invoice_body, accounts=lambda *_: "artacomindo")["rate_limiter"]
    row = InvoiceRow(int(bill()["external_id"].split("-")[1]), 350000.0)
    customer = Customer("Sari", "sari@example.com", "081234567890", Brand("Jakinet", "ajn-01", "JAKINET"))
    make_dead(stack, clients, {"external_id": f"Jakinet/{row.id}", "amount": 350000.0}, "artacomindo")
    asyncio.run(
        limiter.create_invoice_with_rate_limit(InvoiceRow(row.id + 90000, 1000.0), customer, Package(50), "Internet", 0)
    )
    answer = asyncio.run(limiter.retry_failed_invoices())
    assert (answer["success"], answer["message"]) == (True, "Retrying 1 failed invoices")
    assert set(answer["queue_status"]) >= {"pending", "failed"}
    eventually("its invoice", lambda: stack.invoices(f"Jakinet/{row.id}"))
    assert asyncio.run(limiter.retry_failed_invoices())["message"] == "No failed invoices to retry"
