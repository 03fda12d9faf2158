"""The client for programs without asyncio."""

from __future__ import annotations

import time
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from antre import ended
from antre.calls import Calls
from antre.jobs import Invoice, Job, JobOptions, NewJob, Target
from antre.links import Links
from antre.results import Result
from antre.steps import Ask, Hand, Operation, Step, Wait

if TYPE_CHECKING:
    from typing_extensions import Unpack

T = TypeVar("T")


class Client:
    """Puts invoices into the queue of one account and gets their links.

    `url` is Redis'; without it `ANTRE_REDIS_URL`, else `REDIS_URL`. `wait` is how many seconds `create` waits. Several
    threads may use it. Nothing is connected before the first call.
    """

    def __init__(self, url: str | None = None, account: str = "default", wait: float = 45) -> None:
        self._calls = Calls(account, wait)
        self._links = Links(url)

    def enqueue(self, invoice: Invoice, **options: Unpack[JobOptions]) -> Job:
        """Submits an invoice and returns its job. Call it after your commit, never inside the transaction.

        `invoice` is the body of Xendit's create-invoice call. Options: `priority`, `reference`, `batch`, `run_at`,
        `check_first`, `max_retries`. Raises `NotServed`, or `Unavailable` within 3 s.
        """
        return self._run(self._calls.enqueue(invoice, **options))

    def enqueue_many(self, jobs: Iterable[NewJob], chunk: int = 500) -> list[Job]:
        """Submits many invoices, `chunk` of them together, and returns their jobs in the same order.

        Each is a dict with `invoice` and the options of `enqueue`. All are checked before the first one is sent. Raises
        `Interrupted` if Redis goes away in the middle.
        """
        return self._run(self._calls.enqueue_many(jobs, chunk))

    def create(self, invoice: Invoice, *, wait: float | None = None, **options: Unpack[JobOptions]) -> dict[str, Any]:
        """Submits an invoice, waits at most `wait` seconds, and returns Xendit's answer: `invoice_url` is the link.

        Options as for `enqueue`. Raises what `enqueue` raises, `InvoiceRejected`, or `InvoiceStillQueued`.
        """
        return self._run(self._calls.create(invoice, wait, **options))

    def result(self, job: str, wait: float = 0) -> Result | None:
        """Returns how a job ended, or None if it has not ended within `wait` seconds."""
        return self._run(self._calls.result(job, wait))

    def status(self) -> dict[str, Any]:
        """Returns the account's eight figures; `antre.status.Figures` has their meaning."""
        return self._run(self._calls.status())

    def cancel(
        self, job: str | None = None, *, expire: bool = False, wait: float | None = None, **target: Unpack[Target]
    ) -> dict[str, int]:
        """Cancels a job, or the jobs of an `external_id` or a `batch`, and returns how many.

        It stops what has certainly not been sent. With `expire` it goes on, until no open invoice of the bills is left:
        where that takes longer than `wait`, `resolving` counts the rest. `reason` and `by` are for people. Raises
        `InvoiceStillQueued` if no worker answers in time: the order is in the queue then.
        """
        return self._run(self._calls.cancel(job, expire, wait, **target))

    def retry_dead(
        self, job: str | None = None, *, wait: float | None = None, **target: Unpack[Target]
    ) -> dict[str, int]:
        """Tries dead jobs again: one, those of an `external_id` or a `batch`, or all. Returns how many."""
        return self._run(self._calls.retry_dead(job, wait, **target))

    def close(self) -> None:
        """Closes the connections. The client may be used again."""
        self._links.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, operation: Operation[T]) -> T:
        return run(operation, self._links)


def write_back(
    save: Callable[[ended.Ended], object],
    *,
    group: str = "billing",
    consumer: str | None = None,
    accounts: Iterable[str] = ("default",),
    failed: Callable[[ended.Ended], object] | None = None,
    idle: float | None = None,
    url: str | None = None,
) -> int:
    """Calls `save` for each end that gives a bill its present state: its link, or that it has none. Runs for ever.

    `save` writes it and commits; only then the entry is acknowledged. After a crash it comes again. `failed` gets the
    ends that say nothing about a bill's link, such as conflicts; without it they are logged. What these raise ends
    `write_back`. `consumer` is the name of this process, by default the machine's: two on one machine need two names.
    With `idle` it returns after so many seconds without an entry, and says how many entries there were.
    """
    who = ended.consumer(save, group=group, consumer=consumer, accounts=accounts, failed=failed, idle=idle)
    links = Links(url)
    try:
        return run(ended.write_back(who), links)
    finally:
        links.close()


def run(operation: Operation[T], links: Links) -> T:
    """Carries out the steps of an operation and returns its outcome."""
    outcome: Any = None
    error: Exception | None = None
    while True:
        try:
            step = operation.send(outcome) if error is None else operation.throw(error)
        except StopIteration as end:
            value: T = end.value
            return value
        outcome, error = None, None
        try:
            outcome = _do(step, links)
        except Exception as raised:
            error = raised


def _do(step: Step, links: Links) -> Any:
    if isinstance(step, Ask):
        return links.ask(step.commands)
    if isinstance(step, Wait):
        return links.wait(step.command, step.seconds)
    if isinstance(step, Hand):
        return step.function(*step.arguments)
    return time.sleep(step.seconds)
