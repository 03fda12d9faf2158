"""Client of Antre: put invoices into its queue, get their links. It needs Redis, and no key of Xendit."""

from antre.aio import AsyncClient, write_back_async
from antre.client import Client, write_back
from antre.ended import Ended
from antre.errors import AntreError, Interrupted, InvoiceRejected, InvoiceStillQueued, NotServed, Unavailable
from antre.jobs import Job, JobOptions, NewJob
from antre.results import Failure, Result, Warned

__all__ = [
    "AntreError",
    "AsyncClient",
    "Client",
    "Ended",
    "Failure",
    "Interrupted",
    "InvoiceRejected",
    "InvoiceStillQueued",
    "Job",
    "JobOptions",
    "NewJob",
    "NotServed",
    "Result",
    "Unavailable",
    "Warned",
    "write_back",
    "write_back_async",
]
