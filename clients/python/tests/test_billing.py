"""The drop-in for a limiter: the portal's own function, rows and three lines, against real processes."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from portal import xendit_service
from portal.rows import Brand, Customer, InvoiceRow, Package
from stack import LIMIT_S, Stack

import antre
from antre.billing import InvoicePriority, InvoiceRequest, RateLimiterService, install

Bill = Callable[..., dict[str, Any]]
JAKINET = Brand("Jakinet", "ajn-01", "JAKINET")
JELANTIK = Brand("Jelantik", "ajn-02", "JELANTIK")
ACCOUNTS = {"JAKINET": "artacomindo", "ajn-02": "jelantik"}
FIGURES = {
    "pending",
    "processing",
    "completed",
    "failed",
    "total_processed",
    "total_failed",
    "is_processing",
    "estimated_wait_time",
}


@pytest.fixture(autouse=True)
def _portal(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal's environment. What its own function sends would be another invoice at the same Xendit."""
    monkeypatch.setenv("ANTRE_REDIS_URL", stack.url)
    monkeypatch.setenv("PORTAL_XENDIT_URL", f"{stack.xendit_url}/v2/invoices")


@pytest.fixture(params=["sent", "built"])
def way(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Both ways in: the function that sends, and the one that only builds."""
    if request.param == "sent":
        return {"create_xendit_invoice": xendit_service.create_xendit_invoice}
    return {"body": xendit_service.invoice_body}


@pytest.fixture
def row(bill: Bill) -> Callable[..., InvoiceRow]:
    return lambda **fields: InvoiceRow(int(bill()["external_id"].split("-")[1]), **{"total_harga": 350000.0, **fields})


def arguments(row: InvoiceRow, brand: Brand = JAKINET) -> dict[str, Any]:
    return {
        "invoice": row,
        "pelanggan": Customer("Sari", "sari@example.com", "081234567890", brand),
        "paket": Package(50),
        "deskripsi_xendit": "Internet",
        "pajak": 34684.0,
    }


def test_the_replaced_file_has_the_names_of_the_old_one(stack: Stack, row: Callable[..., InvoiceRow]) -> None:
    limiter: Any = importlib.import_module("portal.rate_limiter")
    bill = row()
    answer = asyncio.run(limiter.create_invoice_with_rate_limit(*arguments(bill).values(), "0812-3456-7891"))
    assert [answer] == stack.invoices(f"Jakinet/{bill.id}")
    assert answer["customer"]["mobile_number"] == "+6281234567891"
    assert limiter.InvoicePriority is InvoicePriority
    assert limiter.InvoiceRequest is InvoiceRequest
    assert isinstance(limiter.rate_limiter, limiter.RateLimiterService)
    assert {one.value for one in InvoicePriority} == {"high", "normal", "low"}


def test_one_bill_is_one_invoice_however_often_it_is_asked_for(
    stack: Stack, way: dict[str, Any], row: Callable[..., InvoiceRow]
) -> None:
    create = install(**way)["create_invoice_with_rate_limit"]
    bill = row()

    async def clicks() -> list[Any]:
        return await asyncio.gather(*(create(**arguments(bill), priority=InvoicePriority.HIGH) for _ in range(5)))

    (made,) = stack_invoices_after(stack, bill, asyncio.run(clicks()))
    assert made["metadata"]["antre_job"].startswith("default/"), "the portal's function has sent it itself"


def stack_invoices_after(stack: Stack, bill: InvoiceRow, answers: list[Any]) -> list[dict[str, Any]]:
    made = stack.invoices(f"Jakinet/{bill.id}")
    assert answers == made * len(answers)
    return made


def test_failures_are_raised_and_never_returned(
    stack: Stack, way: dict[str, Any], row: Callable[..., InvoiceRow]
) -> None:
    create = install(**way)["create_invoice_with_rate_limit"]
    with pytest.raises(ValueError, match="the bill has no amount"):
        asyncio.run(create(**arguments(row(total_harga=0))))
    bill = row()
    asyncio.run(create(**arguments(bill)))
    bill.total_harga = 400000.0
    with pytest.raises(antre.InvoiceRejected, match="conflict"):
        asyncio.run(create(**arguments(bill)))


def test_the_name_is_stored_before_anything_is_sent(
    stack: Stack, way: dict[str, Any], row: Callable[..., InvoiceRow]
) -> None:
    async def refuse(invoice: InvoiceRow, external_id: str) -> None:
        await asyncio.sleep(0)
        raise RuntimeError(f"no commit of {external_id}")

    bill = row()
    with pytest.raises(RuntimeError, match=f"no commit of Jakinet/{bill.id}"):
        asyncio.run(install(**way, before=refuse)["create_invoice_with_rate_limit"](**arguments(bill)))
    assert not stack.invoices(f"Jakinet/{bill.id}")

    def store(invoice: InvoiceRow, external_id: str) -> None:
        invoice.xendit_external_id = external_id

    create = install(**way, before=store)["create_invoice_with_rate_limit"]
    first = asyncio.run(create(**arguments(bill)))
    # The brand is renamed, and with it what the function makes. The bill keeps its name.
    renamed = Brand("Renamed", "ajn-01", "JAKINET")
    assert asyncio.run(create(**arguments(bill, renamed))) == first
    assert not stack.invoices(f"Renamed/{bill.id}")


def test_a_bill_that_was_tried_before_is_looked_for_first(
    stack: Stack, way: dict[str, Any], row: Callable[..., InvoiceRow]
) -> None:
    bill = row()
    # Sent by the portal itself, in its old way, with the key of the account.
    body = xendit_service.invoice_body(**arguments(bill))
    httpx.post(f"{stack.xendit_url}/v2/invoices", json=body, auth=("xnd_development_default", "")).raise_for_status()
    bill.xendit_retry_count = 1
    answer = asyncio.run(install(**way)["create_invoice_with_rate_limit"](**arguments(bill)))
    assert [answer["id"]] == [made["id"] for made in stack.invoices(f"Jakinet/{bill.id}")]


def test_a_bulk_is_queued_at_once_in_its_order(
    stack: Stack, way: dict[str, Any], row: Callable[..., InvoiceRow]
) -> None:
    names = install(**way, accounts=ACCOUNTS)
    bills = [row() for _ in range(6)]
    brands = [JAKINET, JELANTIK] * 3
    priorities = [InvoicePriority.LOW, InvoicePriority.HIGH] * 3
    data = [
        {**arguments(bill, brand), "priority": priority} for bill, brand, priority in zip(bills, brands, priorities)
    ]
    answer = asyncio.run(names["create_bulk_invoices_with_rate_limit"](data))
    assert (answer["success"], answer["message"]) == (True, "Added 6 invoices to processing queue")
    assert set(answer["queue_status"]) == FIGURES
    for bill, brand, job in zip(bills, brands, answer["jobs"]):
        with antre.Client(account=ACCOUNTS.get(brand.xendit_key_name) or ACCOUNTS[brand.id_brand]) as client:
            result = client.result(job, wait=LIMIT_S)
        assert result is not None
        assert (result.external_id, result.reference) == (f"{brand.brand}/{bill.id}", f"invoices:{bill.id}")
        assert [result.invoice_id] == [made["id"] for made in stack.invoices(f"{brand.brand}/{bill.id}")]
    with stack.connection() as connection:
        batches = {
            account: connection.hget(f"antre:{{{account}}}:batch:{answer['batch']}", "total")
            for account in ACCOUNTS.values()
        }
        assert batches == {"artacomindo": "3", "jelantik": "3"}
        assert connection.hget(f"antre:{{artacomindo}}:meta:{answer['jobs'][0]}", "priority") == "low"


def test_one_bad_bill_stops_a_bulk_before_anything_is_sent(
    stack: Stack, way: dict[str, Any], row: Callable[..., InvoiceRow]
) -> None:
    stored: list[str] = []
    names = install(**way, before=lambda _, external_id: stored.append(external_id))
    good = row()
    with pytest.raises(ValueError, match="the bill has no amount"):
        asyncio.run(names["create_bulk_invoices_with_rate_limit"]([arguments(good), arguments(row(total_harga=0))]))
    assert not stored
    assert not stack.invoices(f"Jakinet/{good.id}")


def test_the_figures_are_the_fleets(stack: Stack, way: dict[str, Any], row: Callable[..., InvoiceRow]) -> None:
    names = install(**way, accounts=ACCOUNTS)
    limiter: RateLimiterService = names["rate_limiter"]
    before = asyncio.run(limiter.get_queue_status())
    assert set(before) == FIGURES
    asyncio.run(names["create_invoice_with_rate_limit"](**arguments(row())))
    after = asyncio.run(limiter.get_queue_status())
    assert after["total_processed"] == before["total_processed"] + 1
    assert limiter.total_processed == after["total_processed"]
    assert limiter.total_failed == after["total_failed"]
    assert limiter.is_processing is False


def test_a_brand_without_an_account_is_told(way: dict[str, Any], row: Callable[..., InvoiceRow]) -> None:
    create = install(**way, accounts={"OTHER": "default"})["create_invoice_with_rate_limit"]
    with pytest.raises(LookupError, match=r"no account for any of .*JAKINET"):
        asyncio.run(create(**arguments(row())))


def test_a_function_may_choose_the_account(stack: Stack, way: dict[str, Any], row: Callable[..., InvoiceRow]) -> None:
    bill = row()
    create = install(**way, accounts=lambda invoice, pelanggan, paket: "jelantik")["create_invoice_with_rate_limit"]
    assert asyncio.run(create(**arguments(bill)))["metadata"]["antre_job"].startswith("jelantik/")


def not_async(
    invoice: Any, pelanggan: Any, paket: Any, deskripsi_xendit: str, pajak: float, no_telp_xendit: str
) -> Any:
    return httpx.post("http://127.0.0.1", json={})


async def by_another_library(
    invoice: Any, pelanggan: Any, paket: Any, deskripsi_xendit: str, pajak: float, no_telp_xendit: str
) -> Any:
    return asyncio.sleep(0)


async def by_a_local_import(
    invoice: Any, pelanggan: Any, paket: Any, deskripsi_xendit: str, pajak: float, no_telp_xendit: str
) -> Any:
    import httpx

    async with httpx.AsyncClient() as client:
        return await client.post("http://127.0.0.1", json={})


async def by_a_helper(
    invoice: Any, pelanggan: Any, paket: Any, deskripsi_xendit: str, pajak: float, no_telp_xendit: str
) -> Any:
    async with httpx.AsyncClient() as client:
        return await by_another_library(client, {}, None, "", 0, "")


async def with_other_arguments(invoice: Any) -> Any:
    return None


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (not_async, "not_async is not an async function"),
        (by_another_library, "by_another_library does not use httpx by a global name"),
        (by_a_local_import, "by_a_local_import imports httpx inside of it"),
        (by_a_helper, r"by_a_helper does not call post\(url, json=...\) itself"),
        (with_other_arguments, "with_other_arguments does not take the arguments invoice, pelanggan"),
    ],
)
def test_a_function_that_does_not_fit_is_told_at_install(function: Callable[..., Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        install(function)


def test_install_needs_one_function() -> None:
    with pytest.raises(TypeError, match="one function"):
        install()
    with pytest.raises(TypeError, match="one function"):
        install(by_a_helper, body=not_async)


def test_a_function_that_sent_its_body_itself_is_told(row: Callable[..., InvoiceRow]) -> None:
    create = install(body=xendit_service.create_xendit_invoice)["create_invoice_with_rate_limit"]
    with pytest.raises(TypeError, match="it has sent it itself"):
        asyncio.run(create(**arguments(row())))


async def asks_first(
    invoice: Any, pelanggan: Any, paket: Any, deskripsi_xendit: str, pajak: float, no_telp_xendit: str
) -> Any:
    async with httpx.AsyncClient() as client:
        try:
            await client.get("http://127.0.0.1")
        except BaseException:
            return None
        return await client.post("http://127.0.0.1", json={})


async def swallows_everything(
    invoice: Any, pelanggan: Any, paket: Any, deskripsi_xendit: str, pajak: float, no_telp_xendit: str
) -> Any:
    async with httpx.AsyncClient() as client:
        try:
            return await client.post("http://127.0.0.1", json={"external_id": f"SWALLOW-{invoice.id}", "amount": 1000})
        except BaseException:
            return {"success": False}


async def may_not_send(
    invoice: Any, pelanggan: Any, paket: Any, deskripsi_xendit: str, pajak: float, no_telp_xendit: str
) -> Any:
    if invoice.id:
        return {"status": "skipped"}
    async with httpx.AsyncClient() as client:
        return await client.post("http://127.0.0.1", json={})


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (asks_first, "uses get of httpx.AsyncClient before its POST"),
        (may_not_send, "came to its end without a POST"),
    ],
)
def test_what_only_a_run_shows_is_told_then(
    function: Callable[..., Any], message: str, row: Callable[..., InvoiceRow]
) -> None:
    with pytest.raises(TypeError, match=message):
        asyncio.run(install(function)["create_invoice_with_rate_limit"](**arguments(row())))


def test_a_function_that_catches_everything_still_gives_its_body(stack: Stack, row: Callable[..., InvoiceRow]) -> None:
    bill = row()
    answer = asyncio.run(install(swallows_everything)["create_invoice_with_rate_limit"](**arguments(bill)))
    assert [answer] == stack.invoices(f"SWALLOW-{bill.id}")
