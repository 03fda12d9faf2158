"""The portal over HTTP. The first two routes stand for its scheduler; their answers come when the work is over."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException

from portal import bills, rows

PERIOD = "2026-12"


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    rows.prepare(int(os.environ["PORTAL_CUSTOMERS"]))
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/jobs/month")
async def month() -> None:
    await bills.bill_month(PERIOD)


@app.post("/jobs/retry")
async def retry() -> None:
    await bills.retry_without_link()


@app.post("/customers/{customer_id}/invoice")
async def invoice(customer_id: int) -> dict[str, str]:
    try:
        return {"link": await bills.bill_customer(customer_id, PERIOD)}
    except Exception as error:
        raise HTTPException(502, str(error)) from error
