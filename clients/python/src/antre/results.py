"""What comes out: results of jobs, read from the JSON of PROTOCOL.md. Nothing here uses Redis.

Fields that this version does not know are left out, missing ones are None: workers may be newer or older.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union

from antre.jobs import Job

Number = Union[int, float]


@dataclass(frozen=True)
class Failure:
    """Why a job is dead."""

    code: str
    message: str
    #: The HTTP status of Xendit's answer; None if no answer is the reason.
    status: int | None = None


@dataclass(frozen=True)
class Warned:
    """Something about a bill that a person should look at."""

    code: str
    field: str | None
    message: str


@dataclass(frozen=True)
class Result:
    """How a job ended. PROTOCOL.md, section "Results", has the meaning of each field."""

    job: Job
    state: str
    external_id: str | None = None
    reference: str | None = None
    amount: Number | None = None
    currency: str | None = None
    invoice_id: str | None = None
    invoice_url: str | None = None
    expiry_date: str | None = None
    response: dict[str, Any] | None = None
    error: Failure | None = None
    attempts: int = 0
    warnings: tuple[Warned, ...] = ()
    duplicate_of: Job | None = None
    bill_job: Job | None = None
    is_bill_result: bool = False

    @property
    def is_done(self) -> bool:
        """True if there is an invoice; `invoice_url` is its link."""
        return self.state == "done"

    @property
    def link(self) -> str | None:
        """The payment link that the bill has by this job; None unless it is done."""
        return self.invoice_url if self.is_done else None


def result_of(text: str, account: str) -> Result:
    """Reads the text of a result list."""
    return Result(**result_fields(json.loads(text), account))


def result_fields(found: Mapping[str, Any], account: str) -> dict[str, Any]:
    """Returns the arguments of `Result` that are known, from decoded JSON."""
    response = found.get("response")
    return {
        "job": Job(found["job"], account),
        "state": found["state"],
        "external_id": found.get("external_id"),
        "reference": found.get("reference"),
        "amount": found.get("amount"),
        "currency": found.get("currency"),
        "invoice_id": found.get("invoice_id"),
        "invoice_url": found.get("invoice_url"),
        "expiry_date": found.get("expiry_date"),
        "response": response if isinstance(response, dict) else None,
        "error": failure_of(found.get("error")),
        "attempts": int(found.get("attempts") or 0),
        "warnings": warnings_of(found.get("warnings")),
        "duplicate_of": _job(found.get("duplicate_of"), account),
        "bill_job": _job(found.get("bill_job"), account),
        "is_bill_result": bool(found.get("is_bill_result")),
    }


def failure_of(found: Mapping[str, Any] | None) -> Failure | None:
    """Reads the field `error`."""
    if not found:
        return None
    return Failure(str(found.get("code", "")), str(found.get("message", "")), found.get("status"))


def warnings_of(found: Any) -> tuple[Warned, ...]:
    """Reads the field `warnings`."""
    return tuple(Warned(str(one.get("code", "")), one.get("field"), str(one.get("message", ""))) for one in found or ())


def _job(id: str | None, account: str) -> Job | None:
    return Job(id, account) if id else None
