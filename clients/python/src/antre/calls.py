"""The calls of a client, as operations: what `Client` and `AsyncClient` have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from antre import operations
from antre.jobs import Invoice, Job, JobOptions, NewJob, Target, job_text, order_text
from antre.keys import account_name
from antre.results import Result
from antre.status import status
from antre.steps import Operation

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Calls:
    """The calls of one account. Arguments are checked before the first step."""

    def __init__(self, account: str, wait: float) -> None:
        self.account = account_name(account)
        self.wait = wait

    def enqueue(self, invoice: Invoice, **options: Unpack[JobOptions]) -> Operation[Job]:
        return operations.enqueue(self.account, job_text(invoice, **options))

    def enqueue_many(self, jobs: Iterable[NewJob], chunk: int) -> Operation[list[Job]]:
        return operations.enqueue_many(self.account, [job_text(**job) for job in jobs], chunk)

    def create(self, invoice: Invoice, wait: float | None, **options: Unpack[JobOptions]) -> Operation[dict[str, Any]]:
        return operations.create(self.account, job_text(invoice, **options), self._seconds(wait))

    def result(self, job: str, wait: float) -> Operation[Result | None]:
        return operations.result(self._account(job), job, wait)

    def status(self) -> Operation[dict[str, Any]]:
        return status(self.account)

    def cancel(
        self, job: str | None, expire: bool, wait: float | None, **target: Unpack[Target]
    ) -> Operation[dict[str, int]]:
        text = order_text(job=job, expire=expire, **target)
        return operations.order(self._account(job), "cancel", text, self._seconds(wait))

    def retry_dead(self, job: str | None, wait: float | None, **target: Unpack[Target]) -> Operation[dict[str, int]]:
        text = order_text(job=job, all_dead=job is None and not _names_jobs(target), **target)
        return operations.order(self._account(job), "retry", text, self._seconds(wait))

    def _seconds(self, wait: float | None) -> float:
        return self.wait if wait is None else wait

    def _account(self, job: str | None) -> str:
        return job.account if isinstance(job, Job) else self.account


def _names_jobs(target: Target) -> bool:
    return target.get("external_id") is not None or target.get("batch") is not None
