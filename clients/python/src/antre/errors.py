"""What a call can raise. All are `AntreError`; each message says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from antre.jobs import Job
    from antre.results import Result


class AntreError(Exception):
    """Any error of this module."""

    def __reduce__(self) -> Any:
        # Celery and process pools send errors by pickle, which would call the constructors with the message alone.
        return (_unpickled, (type(self), self.args, dict(self.__dict__)))


class NotServed(AntreError):
    """No worker was ever started for the account. Nothing was stored."""

    def __init__(self, account: str) -> None:
        self.account = account
        super().__init__(
            f"no worker has ever been started for the account {account}: check its name, or start a worker for it; "
            "nothing was stored"
        )


class InvoiceRejected(AntreError):
    """The job ended without an invoice. The same job again would end in the same way, unless the cause is gone."""

    def __init__(self, code: str, message: str, job: Job, result: Result | None = None) -> None:
        #: A code of PROTOCOL.md, section "Error codes", or Xendit's own, in capitals; `cancelled` if a person did it.
        self.code = code
        self.message = message
        self.job = job
        #: Everything that is known; `result.response` has Xendit's body if Xendit refused it.
        self.result = result
        super().__init__(f"{code}: {message} (job {job})")


class InvoiceStillQueued(AntreError):
    """The job is accepted and has not ended yet. It will end without any further call."""

    def __init__(self, job: Job, account: str, why: str = "") -> None:
        self.job = job
        self.account = account
        reason = f" ({why})" if why else ""
        super().__init__(
            f"job {job} of the account {account} is accepted and has not ended yet{reason}: its link comes by "
            "write_back(), by result(job), or by the same call again, which makes no second invoice"
        )


class Unavailable(AntreError):
    """Redis cannot be used now."""

    def __init__(self, message: str, *, may_have_been_accepted: bool) -> None:
        #: False: certainly nothing was stored. True: nobody knows. Repeating is harmless in both cases.
        self.may_have_been_accepted = may_have_been_accepted
        super().__init__(message)


class Interrupted(Unavailable):
    """Redis went away in the middle of `enqueue_many`. Enqueue the rest again: `jobs[len(error.jobs):]`."""

    def __init__(self, message: str, *, jobs: list[Job], uncertain: int, unsent: int) -> None:
        #: Certainly accepted: the first so many of what was given, in order.
        self.jobs = jobs
        #: So many after those may have been accepted. Enqueueing them again makes no second invoice.
        self.uncertain = uncertain
        #: So many at the end were certainly not accepted.
        self.unsent = unsent
        super().__init__(
            f"{message}: {len(jobs)} jobs are accepted, {uncertain} more may be, {unsent} are not; enqueue all but the "
            f"first {len(jobs)} again",
            may_have_been_accepted=uncertain > 0,
        )


def _unpickled(kind: type[AntreError], args: tuple[Any, ...], fields: dict[str, Any]) -> AntreError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(fields)
    return error
