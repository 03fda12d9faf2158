"""Bills and their links: for one customer, for all of a month, and again for those without a link."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from sqlalchemy import select

from portal.rate_limiter import InvoicePriority, create_invoice_with_rate_limit
from portal.rows import Customer, InvoiceRow, Session

T = TypeVar("T")

#: How many bills a run has in hand at once.
AT_ONCE = 10


async def bill_month(period: str) -> None:
    """Makes the month's bill of each customer who has none, and its link."""
    with Session() as session:
        billed = select(InvoiceRow.customer_id).where(InvoiceRow.period == period)
        customers = session.scalars(select(Customer).where(Customer.id.not_in(billed)).order_by(Customer.id)).all()

    async def bill(customer: Customer) -> None:
        priority = InvoicePriority.HIGH if customer.is_vip else InvoicePriority.LOW
        await make_link(bill_of(customer.id, period), priority)

    await all_of(customers, bill)


async def retry_without_link() -> None:
    """The hourly job: makes the links that are missing."""
    with Session() as session:
        rows = session.scalars(select(InvoiceRow).where(InvoiceRow.link.is_(None)).order_by(InvoiceRow.id)).all()
    await all_of(rows, lambda row: make_link(row.id, InvoicePriority.NORMAL))


async def bill_customer(customer_id: int, period: str) -> str:
    """The button: makes one customer's bill, if need be, and its link."""
    return await make_link(bill_of(customer_id, period), InvoicePriority.HIGH)


def bill_of(customer_id: int, period: str) -> int:
    """Returns the row of a customer's bill. It is committed before anything is sent."""
    with Session.begin() as session:
        wanted = select(InvoiceRow).where(InvoiceRow.customer_id == customer_id, InvoiceRow.period == period)
        row = session.scalars(wanted).one_or_none()
        if row is None:
            price = session.get_one(Customer, customer_id).package.price
            row = InvoiceRow(customer_id=customer_id, period=period, total_harga=price, pajak=price * 11 // 111)
            session.add(row)
            session.flush()
        return row.id


async def make_link(row_id: int, priority: InvoicePriority) -> str:
    """Returns the bill's link, made now if it has none, and stores it."""
    with Session() as session:
        row = session.get_one(InvoiceRow, row_id)
    if row.link is not None:
        return row.link
    customer, what = row.customer, f"Internet {row.period}"
    try:
        answer = await create_invoice_with_rate_limit(
            row, customer, customer.package, what, row.pajak, customer.no_telp, priority
        )
    except Exception as error:
        with Session.begin() as session:
            failed = session.get_one(InvoiceRow, row_id)
            failed.error = str(error)[:200]
            failed.xendit_retry_count += 1
        raise
    with Session.begin() as session:
        done = session.get_one(InvoiceRow, row_id)
        done.link, done.linked_at, done.error = answer["invoice_url"], time.time(), None
    return str(answer["invoice_url"])


async def all_of(items: Iterable[T], work: Callable[[T], Awaitable[object]]) -> None:
    """Does the work for all of them, ten at a time. One that fails stops no other: the hourly job comes back to it."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> None:
        async with slots:
            try:
                await work(item)
            except Exception as error:
                logging.getLogger("portal").warning("no link yet: %s", error)

    await asyncio.gather(*(one(item) for item in items))
