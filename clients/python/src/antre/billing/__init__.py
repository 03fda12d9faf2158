"""Takes the place of a limiter inside the application, with the same names: one file is replaced.

    from antre.billing import install
    from .xendit_service import invoice_body

    globals().update(install(body=invoice_body))

Where building and sending are one function, give that: `install(create_xendit_invoice)`. It is run up to its POST.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from antre.billing.bodies import built_by, sent_by
from antre.billing.limiter import Accounts, Before, RateLimiterService, Settings
from antre.billing.requests import InvoicePriority, InvoiceRequest

__all__ = ["InvoicePriority", "InvoiceRequest", "RateLimiterService", "install"]


def install(
    create_xendit_invoice: Callable[..., Any] | None = None,
    accounts: Accounts = None,
    before: Before = None,
    *,
    body: Callable[..., Any] | None = None,
    url: str | None = None,
    wait: float = 45,
) -> dict[str, Any]:
    """Returns the names of the limiter, for `globals().update(...)`.

    `body` builds the body of an invoice from `invoice, pelanggan, paket, deskripsi_xendit, pajak, no_telp_xendit` and
    sends nothing. In its place `create_xendit_invoice` may be the function that builds and sends with
    `httpx.AsyncClient(...).post(url, json=body)`; it is checked here, and `TypeError` says what does not fit.

    `accounts` says which account of Antre bills a customer: a dict from the name of the brand or of its key, or a
    function of invoice, customer and package. `before(invoice, external_id)` stores that name in the row and commits;
    it is called before anything is sent. `url` and `wait` are those of `antre.AsyncClient`.
    """
    if (create_xendit_invoice is None) == (body is None):
        raise TypeError("give install() one function: body=..., which builds the body, or the one that sends it")
    body_of = built_by(body) if body is not None else sent_by(create_xendit_invoice)  # type: ignore[arg-type]
    limiter = RateLimiterService(Settings(body_of, accounts, before, url, wait))
    return {
        "InvoicePriority": InvoicePriority,
        "InvoiceRequest": InvoiceRequest,
        "RateLimiterService": RateLimiterService,
        "rate_limiter": limiter,
        "create_invoice_with_rate_limit": limiter.create_invoice_with_rate_limit,
        "create_bulk_invoices_with_rate_limit": limiter.create_bulk_invoices_with_rate_limit,
    }
