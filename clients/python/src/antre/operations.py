"""What each call of a client does, as steps: see `steps.py`."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from typing import Any

from redis.exceptions import ResponseError

from antre.errors import Interrupted, InvoiceRejected, InvoiceStillQueued, NotServed, Unavailable
from antre.jobs import Job
from antre.keys import key
from antre.results import Result, failure_of, result_of
from antre.steps import Command, Lost, Operation, ask, pause, wait

_JOB_ID = re.compile(r"\d+-\d+\Z")
_CHUNK_BYTES_MAX = 4 * 1024 * 1024
#: How long to wait before the next try while Redis is away: doubled each time, up to the last.
AGAIN_AFTER = (0.1, 1.0)
# What a server says that is changing its role, or cannot serve just now.
_PASSING = ("UNBLOCKED", "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS")


def enqueue(account: str, text: str, field: str = "job") -> Operation[Job]:
    """Puts one entry into the inbox."""
    try:
        (answer,) = yield from ask(_entry(account, text, field))
    except Lost as lost:
        raise away(lost) from lost.cause
    return _job(answer, account)


def enqueue_many(account: str, texts: Sequence[str], chunk: int) -> Operation[list[Job]]:
    """Puts many entries into the inbox, `chunk` of them at a time."""
    jobs: list[Job] = []
    for size in _chunks(texts, chunk):
        sent = texts[len(jobs) : len(jobs) + size]
        lost: Lost | None = None
        try:
            answers = yield from ask(*(_entry(account, text, "job") for text in sent))
        except Lost as error:
            lost, answers = error, error.answers
        missing = size - len(answers) if lost is not None and lost.is_sent else 0
        for position, answer in enumerate(answers):
            try:
                jobs.append(_job(answer, account))
            except (Unavailable, NotServed) as refused:
                # What is certain stays the beginning of the list, also if Redis took some of the rest.
                taken = sum(not isinstance(later, ResponseError) for later in answers[position + 1 :])
                if isinstance(refused, NotServed) or not (jobs or taken or missing):
                    raise
                raise _interrupted(f"Redis refused ({answer})", jobs, taken + missing, len(texts)) from refused
        if lost is not None:
            raise _interrupted(_away_text(lost), jobs, missing, len(texts)) from lost.cause
    return jobs


def result(account: str, job: str, seconds: float) -> Operation[Result | None]:
    """Reads the result of a job; waits for it at most so many seconds."""
    name = key(account, f"result:{job}")
    if seconds <= 0:
        try:
            (text,) = yield from ask(("LINDEX", name, "0"))
        except Lost as lost:
            raise Unavailable(f"{_away_text(lost)}; ask again", may_have_been_accepted=False) from lost.cause
        return None if _checked(text) is None else result_of(text, account)
    return (yield from _awaited(name, account, seconds))


def create(account: str, text: str, seconds: float) -> Operation[dict[str, Any]]:
    """Enqueues a job and waits for Xendit's answer."""
    job = yield from enqueue(account, text)
    try:
        found = yield from result(account, job, seconds)
    except Unavailable as error:
        raise InvoiceStillQueued(job, account, str(error)) from error
    if found is None:
        raise InvoiceStillQueued(job, account)
    if not found.is_done:
        raise rejected(found)
    return (yield from _invoice(found, account))


def order(account: str, field: str, text: str, seconds: float) -> Operation[dict[str, int]]:
    """Cancels or retries: puts the order into the inbox, and waits until each of its jobs is settled."""
    until = time.monotonic() + seconds
    entry = yield from enqueue(account, text, field)
    again, again_max = AGAIN_AFTER
    while True:
        counts = yield from _counts(account, entry, max(until - time.monotonic(), 0.001))
        left = until - time.monotonic()
        if not counts.get("resolving") or left <= 0:
            return counts
        # The answer is written anew as its jobs are settled.
        yield from pause(min(again, left))
        again = min(2 * again, again_max)


def away(lost: Lost) -> Unavailable:
    """Returns the error for a connection that failed."""
    remedy = "it may have been accepted; repeat" if lost.is_sent else "nothing was stored; repeat later"
    return Unavailable(f"{_away_text(lost)}: {remedy}", may_have_been_accepted=lost.is_sent)


def rejected(found: Result) -> InvoiceRejected:
    """Returns the error for a job that ended without an invoice."""
    if found.error is None:
        return InvoiceRejected(found.state, "a person cancelled the job", found.job, found)
    return InvoiceRejected(found.error.code, found.error.message, found.job, found)


def _away_text(lost: Lost) -> str:
    return f"Redis cannot be used ({lost.cause})"


def _entry(account: str, text: str, field: str) -> Command:
    return ("XADD", key(account, "inbox"), "NOMKSTREAM", "*", field, text)


def _job(answer: Any, account: str) -> Job:
    if answer is None:
        raise NotServed(account)
    checked = _checked(answer)
    if not isinstance(checked, str) or not _JOB_ID.match(checked):
        raise Unavailable(f"Redis answered XADD with {checked!r}, which is no job id", may_have_been_accepted=True)
    return Job(checked, account)


def _checked(answer: Any) -> Any:
    if isinstance(answer, ResponseError):
        raise Unavailable(f"Redis refused: {answer}; nothing was stored", may_have_been_accepted=False) from answer
    return answer


def _chunks(texts: Sequence[str], chunk: int) -> list[int]:
    """Returns how many texts go together each time."""
    if chunk < 1:
        raise ValueError("chunk must be at least 1")
    sizes: list[int] = []
    count = length = 0
    for text in texts:
        if count and (count == chunk or length + len(text) > _CHUNK_BYTES_MAX):
            sizes.append(count)
            count = length = 0
        count += 1
        length += len(text)
    return [*sizes, count] if count else sizes


def _interrupted(message: str, jobs: list[Job], uncertain: int, total: int) -> Interrupted:
    return Interrupted(message, jobs=jobs, uncertain=uncertain, unsent=total - len(jobs) - uncertain)


def _awaited(name: str, account: str, seconds: float) -> Operation[Result | None]:
    text = yield from _first_of(name, seconds)
    return None if text is None else result_of(text, account)


def _first_of(name: str, seconds: float) -> Operation[str | None]:
    """Waits for the first item of a list and leaves it there. A lost connection is made anew until the time is over."""
    until = time.monotonic() + seconds
    again, again_max = AGAIN_AFTER
    while True:
        left = max(until - time.monotonic(), 0.001)
        try:
            answer = yield from wait(("BLMOVE", name, name, "LEFT", "LEFT", f"{left:.3f}"), left)
            if not isinstance(answer, ResponseError) or not str(answer).startswith(_PASSING):
                text: str | None = _checked(answer)
                return text
            failure = Unavailable(f"Redis refused: {answer}; ask again", may_have_been_accepted=False)
        except Lost as lost:
            failure = Unavailable(f"{_away_text(lost)}; ask again", may_have_been_accepted=False)
        left = until - time.monotonic()
        if left <= 0:
            raise failure
        yield from pause(min(again, left))
        again = min(2 * again, again_max)


def _invoice(found: Result, account: str) -> Operation[dict[str, Any]]:
    """Returns Xendit's answer. That of a duplicate stands with the first job."""
    first: Result | None = found
    if found.response is None and found.duplicate_of is not None:
        first = yield from result(account, found.duplicate_of, 0)
    if first is not None and first.response is not None and first.response.get("id") == found.invoice_id:
        return first.response
    # The first job's record is gone, or the bill has another invoice by now: what is certain of it.
    return {
        "id": found.invoice_id,
        "external_id": found.external_id,
        "invoice_url": found.invoice_url,
        "amount": found.amount,
        "currency": found.currency or "IDR",
        "expiry_date": found.expiry_date,
    }


def _counts(account: str, entry: Job, seconds: float) -> Operation[dict[str, int]]:
    try:
        text = yield from _first_of(key(account, f"result:{entry}"), seconds)
    except Unavailable as error:
        raise InvoiceStillQueued(entry, account, str(error)) from error
    if text is None:
        raise InvoiceStillQueued(entry, account)
    found = json.loads(text)
    # A worker that does not know these orders takes the entry for a job, which is dead then.
    failure = failure_of(found.get("error"))
    if failure is not None:
        raise InvoiceRejected(failure.code, failure.message, entry)
    return {name: value for name, value in found.items() if type(value) is int}
