"""The limiter inside the application: a list in memory, two requests a second, three more tries after 1, 2 and 4 s.

It is a careful one: several requests may be under way, further tries wait for their turn like first ones, and a failure
is raised. One process knows nothing of another, and a list in memory ends with its process.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections import deque
from enum import Enum
from typing import Any

from portal.rows import Customer, InvoiceRow, Package
from portal.xendit_service import create_xendit_invoice

REQUESTS = 2
WINDOW_S = 1.0
RETRY_DELAYS_S = (1, 2, 4)


class InvoicePriority(Enum):
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


ORDER = {InvoicePriority.HIGH: 0, InvoicePriority.NORMAL: 1, InvoicePriority.LOW: 2}


class RateLimiterService:
    def __init__(self) -> None:
        self.pending: list[tuple[int, int, asyncio.Future[None]]] = []
        self.numbers = itertools.count()
        self.sent_at: deque[float] = deque()
        self.processing: asyncio.Task[None] | None = None

    async def turn(self, priority: InvoicePriority) -> None:
        """Waits in the list until a request may be sent."""
        ready = asyncio.get_running_loop().create_future()
        heapq.heappush(self.pending, (ORDER[priority], next(self.numbers), ready))
        if self.processing is None or self.processing.done():
            self.processing = asyncio.create_task(self.process())
        await ready

    async def process(self) -> None:
        while self.pending:
            await self.wait_for_rate_limit()
            _, _, ready = heapq.heappop(self.pending)
            ready.set_result(None)

    async def wait_for_rate_limit(self) -> None:
        if len(self.sent_at) == REQUESTS:
            await asyncio.sleep(max(0.0, self.sent_at.popleft() + WINDOW_S - time.monotonic()))
        self.sent_at.append(time.monotonic())


rate_limiter = RateLimiterService()


async def create_invoice_with_rate_limit(
    invoice: InvoiceRow,
    pelanggan: Customer,
    paket: Package,
    deskripsi_xendit: str,
    pajak: float,
    no_telp_xendit: str = "",
    priority: InvoicePriority = InvoicePriority.NORMAL,
) -> dict[str, Any]:
    """Bills one invoice and returns Xendit's answer; raises when the last try has failed."""
    for delay in (*RETRY_DELAYS_S, None):
        await rate_limiter.turn(priority)
        try:
            return await create_xendit_invoice(invoice, pelanggan, paket, deskripsi_xendit, pajak, no_telp_xendit)
        except ValueError:
            if delay is None:
                raise
        await asyncio.sleep(delay)
    raise AssertionError("the last try returns or raises")
