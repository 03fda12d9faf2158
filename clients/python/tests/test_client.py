"""Enqueueing and waiting, with both clients, against a real Redis, worker and simulated Xendit."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import Clients
from relay import Relay
from stack import LIMIT_S, Stack, eventually

import antre

Bill = Callable[..., dict[str, Any]]

# The module's own time-outs end within 3 s; a machine that is busy with other tests may take longer to notice.
AWAY_S = 10


def test_create_returns_what_xendit_answered(stack: Stack, clients: Clients, bill: Bill) -> None:
    invoice = bill(description="Internet – November", customer={"given_names": "Sari", "email": "sari@example.com"})
    answer = clients.call(stack, "create", invoice, reference="17", priority="high")
    assert [answer] == stack.invoices(invoice["external_id"])
    assert (answer["amount"], answer["customer"]["given_names"]) == (350000, "Sari")


def test_the_same_again_returns_the_same_and_makes_no_second_invoice(
    stack: Stack, clients: Clients, bill: Bill
) -> None:
    invoice = bill()
    first = clients.call(stack, "create", invoice)
    assert clients.call(stack, "create", {**invoice, "amount": 350000.0}) == first
    assert [first] == stack.invoices(invoice["external_id"])


def test_a_duplicate_whose_first_result_is_gone_still_gets_the_link(stack: Stack, clients: Clients, bill: Bill) -> None:
    invoice = bill()
    job = clients.call(stack, "enqueue", invoice)
    first = clients.call(stack, "result", job, wait=LIMIT_S)
    with stack.connection() as connection:
        connection.delete(f"antre:{{default}}:result:{job}")
    again = clients.call(stack, "create", invoice)
    assert (again["id"], again["invoice_url"], again["currency"]) == (first.invoice_id, first.invoice_url, "IDR")


def test_a_result_has_every_field_of_the_job(stack: Stack, clients: Clients, bill: Bill) -> None:
    invoice = bill(unknown_to_xendit=1)
    job = clients.call(stack, "enqueue", invoice, reference="row 17", batch="2026-11", max_retries=0)
    result = clients.call(stack, "result", job, wait=LIMIT_S)
    (made,) = stack.invoices(invoice["external_id"])
    assert (result.job, result.state, result.reference, result.amount) == (job, "done", "row 17", 350000)
    assert (result.link, result.invoice_id, result.response) == (made["invoice_url"], made["id"], made)
    assert [warned.code for warned in result.warnings] == ["unknown_field"]
    assert (result.bill_job, result.is_bill_result, result.duplicate_of) == (job, True, None)


def test_a_refusal_of_xendit_is_raised_with_its_code_and_body(stack: Stack, clients: Clients, bill: Bill) -> None:
    with pytest.raises(antre.InvoiceRejected) as caught:
        clients.call(stack, "create", bill(currency="XYZ"))
    error, result = caught.value, caught.value.result
    assert result is not None
    assert result.error == antre.Failure("UNSUPPORTED_CURRENCY", error.message, 400)
    assert result.response is not None
    assert result.response["error_code"] == error.code == "UNSUPPORTED_CURRENCY"
    assert error.job == result.job


def test_what_antre_refuses_says_why(stack: Stack, clients: Clients, bill: Bill) -> None:
    with pytest.raises(antre.InvoiceRejected, match="external_id") as caught:
        clients.call(stack, "create", bill(external_id="INV–1"))
    assert caught.value.code == "invalid"


def test_another_amount_is_a_conflict(stack: Stack, clients: Clients, bill: Bill) -> None:
    invoice = bill()
    clients.call(stack, "create", invoice)
    with pytest.raises(antre.InvoiceRejected) as caught:
        clients.call(stack, "create", {**invoice, "amount": 400000})
    assert caught.value.code == "conflict"
    assert len(stack.invoices(invoice["external_id"])) == 1


def test_an_account_that_was_never_served_stores_nothing(stack: Stack, clients: Clients, bill: Bill) -> None:
    for call in ("enqueue", "create"):
        with pytest.raises(antre.NotServed, match="account defualt"):
            clients.call(stack, call, bill(), account="defualt")
    with pytest.raises(antre.NotServed):
        clients.call(stack, "enqueue_many", [{"invoice": bill()}], account="defualt")
    with pytest.raises(antre.NotServed):
        clients.call(stack, "status", account="defualt")
    with stack.connection() as connection:
        assert not connection.keys("antre:{defualt}:*")


def test_what_is_still_queued_is_said_and_its_result_comes_later(stack: Stack, clients: Clients, bill: Bill) -> None:
    stack.antre("pause", "-a", "paused", "--reason", "a test")
    invoice = bill()
    with pytest.raises(antre.InvoiceStillQueued) as caught:
        clients.call(stack, "create", invoice, wait=0.3, account="paused")
    job = caught.value.job
    assert (caught.value.account, job.account) == ("paused", "paused")
    # The job knows its account, so a client of another one finds its result.
    assert clients.call(stack, "result", job) is None
    assert clients.call(stack, "status", account="paused")["estimated_wait_time"] is None
    stack.antre("resume", "-a", "paused")
    assert clients.call(stack, "result", job, wait=LIMIT_S).is_done
    assert clients.call(stack, "result", job).external_id == invoice["external_id"]


def test_a_cancelled_job_is_rejected(stack: Stack, clients: Clients, bill: Bill) -> None:
    job = clients.call(stack, "enqueue", bill(), run_at="2099-01-01T00:00:00+07:00")
    eventually("its acceptance", lambda: clients.call(stack, "status")["pending"] == 0)
    stack.antre("cancel", job)
    assert clients.call(stack, "result", job, wait=LIMIT_S).state == "cancelled"


def test_the_figures_are_those_of_the_program(stack: Stack, clients: Clients) -> None:
    found = clients.call(stack, "status", account="jelantik")
    assert found == {
        "pending": 0,
        "processing": 0,
        "completed": found["completed"],
        "failed": found["failed"],
        "total_processed": found["completed"],
        "total_failed": found["failed"],
        "is_processing": False,
        "estimated_wait_time": 0,
    }


def test_ten_thousand_have_ids_in_order(
    stack: Stack, clients: Clients, bill: Bill, record_property: Callable[[str, object], None]
) -> None:
    stack.antre("pause", "-a", "bulk", "--reason", "a test")
    invoices = [bill() for _ in range(10_000)]
    started = time.perf_counter()
    jobs = clients.call(stack, "enqueue_many", ({"invoice": invoice} for invoice in invoices), account="bulk")
    record_property(f"10,000 bills enqueued, {clients.kind}", f"{time.perf_counter() - started:.2f} s")
    order = [tuple(map(int, job.split("-"))) for job in jobs]
    assert len(set(order)) == 10_000
    assert order == sorted(order)
    with stack.connection() as connection:
        for place in (0, 499, 500, 9_999):
            key = f"antre:{{bulk}}:meta:{jobs[place]}"
            eventually("its acceptance", partial(connection.exists, key))
            assert connection.hget(key, "external_id") == invoices[place]["external_id"]
    assert clients.call(stack, "status", account="bulk")["pending"] >= 10_000


def test_one_bad_bill_stops_a_bulk_before_anything_is_sent(stack: Stack, clients: Clients, bill: Bill) -> None:
    good = bill()
    with pytest.raises(ValueError, match="no amount"):
        clients.call(stack, "enqueue_many", [{"invoice": good}, {"invoice": {"external_id": "B"}}])
    assert not stack.invoices(good["external_id"])
    assert clients.call(stack, "enqueue_many", []) == []


def test_an_interrupted_bulk_names_what_is_certain(stack: Stack, clients: Clients, bill: Bill) -> None:
    jobs = [{"invoice": bill()} for _ in range(50)]
    with Relay(stack.socket) as relay:
        relay.cut_after(answers=13)
        with pytest.raises(antre.Interrupted, match="enqueue all but the first 13 again") as caught:
            clients.call(relay.url, "enqueue_many", jobs, chunk=10)
    error = caught.value
    assert (len(error.jobs), error.uncertain, error.unsent) == (13, 7, 30)
    for place in (0, 12):
        result = clients.call(stack, "result", error.jobs[place], wait=LIMIT_S)
        assert result.external_id == jobs[place]["invoice"]["external_id"]
    rest = clients.call(stack, "enqueue_many", jobs[len(error.jobs) :])
    assert len(rest) == 37
    for job in rest:
        assert clients.call(stack, "result", job, wait=LIMIT_S).is_done
    made = [len(stack.invoices(job["invoice"]["external_id"])) for job in jobs]
    assert made == [1] * 50


def test_a_lost_answer_may_have_been_accepted_and_a_repeat_is_harmless(
    stack: Stack, clients: Clients, bill: Bill
) -> None:
    invoice = bill()
    with Relay(stack.socket) as relay:
        relay.cut_after(answers=0)
        with pytest.raises(antre.Unavailable, match="may have been accepted; repeat") as caught:
            clients.call(relay.url, "enqueue", invoice)
    assert caught.value.may_have_been_accepted
    eventually("its invoice", lambda: stack.invoices(invoice["external_id"]))
    assert [clients.call(stack, "create", invoice)] == stack.invoices(invoice["external_id"])


def test_a_wait_outlives_cut_connections(stack: Stack, clients: Clients, bill: Bill) -> None:
    invoice = bill()
    with Relay(stack.socket) as relay:
        # The answer to XADD passes, that of the first wait does not.
        relay.cut_after(answers=1)
        assert [clients.call(relay.url, "create", invoice)] == stack.invoices(invoice["external_id"])
        assert relay.connections >= 3


CALLS: dict[str, Callable[[dict[str, Any]], tuple[Any, ...]]] = {
    "enqueue": lambda invoice: (invoice,),
    "create": lambda invoice: (invoice,),
    "enqueue_many": lambda invoice: ([{"invoice": invoice}],),
    "result": lambda _: ("1-0",),
    "status": lambda _: (),
}


@pytest.mark.parametrize("call", CALLS)
def test_an_absent_redis_is_told_in_under_three_seconds(clients: Clients, bill: Bill, call: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # Bound and not listening: connections are refused.
        url = f"redis://:secret@127.0.0.1:{free.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(antre.Unavailable) as caught:
            clients.call(url, call, *CALLS[call](bill()))
    assert time.monotonic() - started < AWAY_S
    assert not caught.value.may_have_been_accepted
    assert "secret" not in str(caught.value)


def test_a_redis_that_does_not_answer_is_told_in_under_three_seconds(
    own_stack: Stack, clients: Clients, bill: Bill
) -> None:
    invoice = bill()
    with clients.kept(own_stack) as call:
        job = call("enqueue", invoice)
        assert call("result", job, wait=LIMIT_S).is_done
        own_stack.redis_process.send_signal(signal.SIGSTOP)
        # The connection that was used before, and a new one.
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(antre.Unavailable, match=r"may have been accepted; repeat|nothing was stored"):
                call("enqueue", bill())
            assert time.monotonic() - started < AWAY_S
        own_stack.redis_process.send_signal(signal.SIGCONT)
        # The late answer is not taken for that of this call.
        assert call("result", job).external_id == invoice["external_id"]


def test_an_error_of_redis_is_no_job_id(stack: Stack, clients: Clients, bill: Bill) -> None:
    with stack.connection() as connection:
        connection.acl_setuser("reader", enabled=True, passwords=["+word"], keys=["*"], commands=["+get"])
    url = stack.url.replace("unix://", "unix://reader:word@")
    with pytest.raises(antre.Unavailable, match=r"(?i)nothing was stored") as caught:
        clients.call(url, "enqueue", bill())
    assert "word" not in str(caught.value).replace("password", "")


def test_the_rights_of_a_producer_are_enough_for_every_call(stack: Stack, clients: Clients, bill: Bill) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "production.md").read_text(encoding="utf-8")
    found = re.search(r"^user antre-producer on >SECRET (.*)$", page, re.MULTILINE)
    assert found
    with stack.connection() as connection:
        connection.execute_command("ACL", "SETUSER", "antre-producer", "reset", "on", ">word", *found[1].split())
    url = stack.url.replace("unix://", "unix://antre-producer:word@")
    with clients.kept(url) as call:
        call("create", bill())
        call("enqueue_many", [{"invoice": bill()}])
        assert call("status")["completed"] >= 1
        job = call("enqueue", bill())
        assert call("result", job, wait=LIMIT_S).is_done
        assert call("result", job).is_done
    assert clients.write_back(lambda _: None, group=f"rights-{clients.kind}", idle=0.2, url=url) >= 3


def test_a_full_redis_is_told_and_nothing_was_stored(own_stack: Stack, clients: Clients, bill: Bill) -> None:
    with clients.kept(own_stack) as call, own_stack.connection() as connection:
        jobs = [{"invoice": bill()} for _ in range(20)]
        connection.config_set("maxmemory", "1")
        for arguments in (("enqueue", bill()), ("enqueue_many", jobs), ("create", bill())):
            with pytest.raises(antre.Unavailable, match=r"Redis refused: .*; nothing was stored") as caught:
                call(*arguments)
            assert not caught.value.may_have_been_accepted
        assert connection.xlen("antre:{default}:inbox") == 0
        connection.config_set("maxmemory", "0")
        assert len(call("enqueue_many", jobs)) == 20


def test_a_connection_that_the_server_closed_is_not_used(stack: Stack, clients: Clients, bill: Bill) -> None:
    with clients.kept(stack) as call, stack.connection() as connection:
        call("enqueue", bill())
        connection.client_kill_filter(_type="normal", skipme=True)
        call("enqueue", bill())


FORKING = """
import os, sys
import antre

def invoice(name):
    return {"external_id": f"{sys.argv[1]}-{name}", "amount": 1000}

with antre.Client() as client:
    client.enqueue(invoice("before"))
    child = os.fork()
    if child == 0:
        os._exit(0 if all(client.enqueue(invoice(f"child-{number}")) for number in range(100)) else 1)
    jobs = [client.enqueue(invoice(number)) for number in range(100)]
    assert os.waitpid(child, 0)[1] == 0
    assert [client.result(job, wait=30).external_id for job in jobs] == [f"{sys.argv[1]}-{n}" for n in range(100)]
"""


def test_a_forked_process_uses_no_connection_of_its_parent(stack: Stack, bill: Bill) -> None:
    command = [sys.executable, "-c", FORKING, bill()["external_id"]]
    done = subprocess.run(
        command, env=stack.environment(), capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stderr


def test_many_tasks_and_several_event_loops_share_a_client(stack: Stack, bill: Bill) -> None:
    client = antre.AsyncClient(stack.url)

    async def some() -> None:
        invoices = [bill() for _ in range(30)]
        answers = await asyncio.gather(*(client.create(invoice) for invoice in invoices))
        assert [answer["external_id"] for answer in answers] == [invoice["external_id"] for invoice in invoices]
        await client.close()

    asyncio.run(some())
    asyncio.run(some())


def test_a_cancelled_task_leaves_no_answer_behind(stack: Stack, bill: Bill) -> None:
    async def some() -> None:
        async with antre.AsyncClient(stack.url) as client:
            first = await client.enqueue(bill())
            for delay in range(40):
                task = asyncio.create_task(client.enqueue(bill()))
                for _ in range(delay % 8):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                # The answer of the cancelled call would be taken for this one's.
                invoice = bill()
                job = await client.enqueue(invoice)
                result = await client.result(job, wait=LIMIT_S)
                assert result is not None
                assert result.external_id == invoice["external_id"]
            assert await client.result(first, wait=LIMIT_S) is not None

    asyncio.run(some())
