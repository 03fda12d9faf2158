"""The limiter's functions, with Antre's queue behind them.

They raise where the old ones returned `{"success": False}`: that dict was too easily stored as a success.
"""

from __future__ import annotations

import inspect
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Union

from antre.aio import AsyncClient
from antre.billing.bodies import BodyOf
from antre.billing.requests import InvoicePriority, InvoiceRequest
from antre.client import Client
from antre.errors import Unavailable
from antre.jobs import NewJob
from antre.status import sum_of

_log = logging.getLogger("antre")

#: Which account bills a customer: by the brand's or the key's name, or by a function of invoice, customer and package.
Accounts = Union[Mapping[str, str], Callable[[Any, Any, Any], str], None]
#: Called with the row and its external_id before anything is sent; the application stores it and commits.
Before = Union[Callable[[Any, str], Any], None]


@dataclass(frozen=True)
class Settings:
    """How a limiter works."""

    body_of: BodyOf
    accounts: Accounts
    before: Before
    url: str | None
    wait: float


class RateLimiterService:
    """Puts the application's invoices into Antre's queue. All figures are the whole fleet's."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._used: set[str] = set()

    async def create_invoice_with_rate_limit(
        self,
        invoice: Any,
        pelanggan: Any,
        paket: Any,
        deskripsi_xendit: str,
        pajak: float,
        no_telp_xendit: str = "",
        priority: InvoicePriority = InvoicePriority.NORMAL,
    ) -> dict[str, Any]:
        """Bills one invoice and returns Xendit's answer. Raises what `antre.Client.create` raises."""
        request = InvoiceRequest(invoice, pelanggan, paket, deskripsi_xendit, pajak, no_telp_xendit, priority)
        job = await self._job(request)
        await self._before(request, job)
        async with self._client(self._account(request)) as client:
            return await client.create(**job)

    async def create_bulk_invoices_with_rate_limit(self, invoices_data: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Puts many invoices into the queue. Their links come by `antre.write_back`."""
        requests = [InvoiceRequest.of(data) for data in invoices_data]
        batch = f"bulk-{datetime.now(timezone.utc):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        # All bodies first: what is wrong with one of them is told before anything is sent.
        jobs = [await self._job(request, batch) for request in requests]
        accounts = [self._account(request) for request in requests]
        for request, job in zip(requests, jobs):
            await self._before(request, job)
        ids: dict[int, str] = {}
        for account in dict.fromkeys(accounts):
            places = [place for place, name in enumerate(accounts) if name == account]
            async with self._client(account) as client:
                found = await client.enqueue_many([jobs[place] for place in places])
            ids.update(zip(places, found))
        return {
            "success": True,
            "message": f"Added {len(requests)} invoices to processing queue",
            "queue_status": await self._status_or_nothing(),
            "jobs": [ids[place] for place in range(len(requests))],
            "batch": batch,
        }

    async def get_queue_status(self) -> dict[str, Any]:
        """Returns the eight figures, of all accounts together."""
        found = []
        for account in self._names():
            async with self._client(account) as client:
                found.append(await client.status())
        return sum_of(found)

    async def _status_or_nothing(self) -> dict[str, Any]:
        """Returns the figures; none if Redis goes away now. The invoices are in the queue all the same."""
        try:
            return await self.get_queue_status()
        except Unavailable as error:
            _log.warning("the figures of the queue cannot be read: %s", error)
            return {}

    async def retry_failed_invoices(self) -> dict[str, Any]:
        """Tries all dead jobs again that can turn out differently."""
        counts = []
        for account in self._names():
            async with self._client(account) as client:
                counts.append(await client.retry_dead(by="retry_failed_invoices"))
        retried = sum(one.get("retried", 0) for one in counts)
        fixed = sum(one.get("not_retryable", 0) for one in counts)
        message = f"Retrying {retried} failed invoices" if retried else "No failed invoices to retry"
        if fixed:
            message += f", {fixed} cannot change"
        return {"success": True, "message": message, "queue_status": await self.get_queue_status()}

    @property
    def total_processed(self) -> int:
        """Done jobs since the beginning. Asks Redis, which takes less than a millisecond."""
        return int(self._figures()["total_processed"])

    @property
    def total_failed(self) -> int:
        """Dead jobs since the beginning."""
        return int(self._figures()["total_failed"])

    @property
    def is_processing(self) -> bool:
        """Whether requests run, or would if the pace let them."""
        return bool(self._figures()["is_processing"])

    def _figures(self) -> dict[str, Any]:
        found = []
        for account in self._names():
            with Client(self._settings.url, account) as client:
                found.append(client.status())
        return sum_of(found)

    async def _job(self, request: InvoiceRequest, batch: str | None = None) -> NewJob:
        body = await self._settings.body_of(request)
        row = request.invoice
        # A bill keeps the name that it had at its first try.
        body["external_id"] = getattr(row, "xendit_external_id", None) or body.get("external_id")
        job: NewJob = {
            "invoice": body,
            "priority": request.priority,
            "reference": f"invoices:{row.id}",
            "check_first": (getattr(row, "xendit_retry_count", None) or 0) > 0,
        }
        if batch is not None:
            job["batch"] = batch
        return job

    async def _before(self, request: InvoiceRequest, job: NewJob) -> None:
        before = self._settings.before
        if before is not None:
            outcome = before(request.invoice, job["invoice"]["external_id"])
            if inspect.isawaitable(outcome):
                await outcome

    def _account(self, request: InvoiceRequest) -> str:
        accounts = self._settings.accounts
        if accounts is None:
            return "default"
        if callable(accounts):
            account = accounts(request.invoice, request.pelanggan, request.paket)
            self._used.add(account)
            return account
        names = _brand_names(request.pelanggan)
        found = next((accounts[name] for name in names if name in accounts), None)
        if found is None:
            raise LookupError(f"install(accounts=...) has no account for any of {names}")
        return found

    def _names(self) -> list[str]:
        """Returns the accounts whose figures are shown."""
        accounts = self._settings.accounts
        if accounts is None:
            return ["default"]
        if callable(accounts):
            return sorted(self._used) or ["default"]
        return sorted(set(accounts.values()))

    def _client(self, account: str) -> AsyncClient:
        # One for each call: the application may run each in an event loop of its own.
        return AsyncClient(self._settings.url, account, self._settings.wait)


def _brand_names(pelanggan: Any) -> list[str]:
    """Returns the names by which a customer's brand may be known."""
    brand = getattr(pelanggan, "harga_layanan", None)
    names = [
        getattr(brand, "xendit_key_name", None),
        getattr(brand, "id_brand", None),
        getattr(pelanggan, "id_brand", None),
        getattr(brand, "brand", None),
    ]
    return [str(name) for name in names if name]
