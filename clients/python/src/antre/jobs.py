"""What goes in: jobs, and orders to cancel or retry them, as the JSON texts of PROTOCOL.md. Nothing here uses Redis."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypedDict, Union

Invoice = Mapping[str, Any]
Priority = Union[str, Enum]

_BYTES_MAX = 256 * 1024
_DIGITS_MAX = 15
_PRIORITIES = ("high", "normal", "low")


class Job(str):
    """The id of a job: a text, to be stored as it is. It knows its account."""

    account: str

    def __new__(cls, id: str, account: str) -> Job:
        job = super().__new__(cls, id)
        job.account = account
        return job

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return (str(self), self.account)


class JobOptions(TypedDict, total=False):
    """What may be said about a job besides its invoice. PROTOCOL.md, section "The job", has the meaning."""

    priority: Priority
    reference: str | None
    batch: str | None
    run_at: str | datetime | None
    check_first: bool
    max_retries: int | None


class NewJob(JobOptions):
    """One job for `enqueue_many`: an invoice and its options."""

    invoice: Invoice


class Target(TypedDict, total=False):
    """What an order is for, unless it is for one job; why, and who says so."""

    external_id: str | None
    batch: str | None
    reason: str | None
    by: str | None


def job_text(
    invoice: Invoice,
    *,
    priority: Priority = "normal",
    reference: str | None = None,
    batch: str | None = None,
    run_at: str | datetime | None = None,
    check_first: bool = False,
    max_retries: int | None = None,
) -> str:
    """Returns the text of a job. Raises `TypeError` or `ValueError` for what can be seen to be wrong here."""
    _check_invoice(invoice)
    job: dict[str, Any] = {"invoice": invoice, "priority": _priority(priority)}
    optional = {"reference": _text(reference), "batch": batch, "run_at": _instant(run_at), "max_retries": max_retries}
    job.update((name, value) for name, value in optional.items() if value is not None)
    if check_first:
        job["check_first"] = True
    return _json(job)


def order_text(
    *,
    job: str | None = None,
    external_id: str | None = None,
    batch: str | None = None,
    all_dead: bool = False,
    expire: bool = False,
    reason: str | None = None,
    by: str | None = None,
) -> str:
    """Returns the text of an order to cancel or retry."""
    targets = {"job": job, "external_id": external_id, "batch": batch, "all_dead": all_dead or None}
    named = {name: value for name, value in targets.items() if value is not None}
    if len(named) != 1:
        raise ValueError("name exactly one of job, external_id and batch")
    order: dict[str, Any] = dict(named)
    order.update((name, value) for name, value in {"reason": reason, "by": by}.items() if value is not None)
    if expire:
        order["expire"] = True
    return _json(order)


def _check_invoice(invoice: object) -> None:
    if not isinstance(invoice, Mapping):
        raise TypeError(f"invoice must be a dict, the body of Xendit's create-invoice call, not {_kind(invoice)}")
    for name in ("external_id", "amount"):
        if name not in invoice:
            raise ValueError(f"invoice has no {name}")
    external_id = invoice["external_id"]
    if not isinstance(external_id, str) or not external_id:
        raise TypeError(f"invoice.external_id must be a text, not {external_id!r}")
    _check_amount(invoice["amount"])


def _check_amount(amount: object) -> None:
    # A bool is an int for Python: True would be a bill over 1 rupiah.
    if isinstance(amount, bool) or not isinstance(amount, (int, float, Decimal)):
        raise TypeError(f"invoice.amount must be an int, float or Decimal, not {_kind(amount)}: {amount!r}")
    if not math.isfinite(amount):
        raise ValueError(f"invoice.amount must be a number, not {amount}")


def _priority(priority: Priority) -> str:
    text = priority.value if isinstance(priority, Enum) else priority
    if text not in _PRIORITIES:
        raise ValueError(f"priority must be high, normal or low, not {priority!r}")
    return str(text)


def _instant(run_at: str | datetime | None) -> str | None:
    if not isinstance(run_at, datetime):
        return run_at
    if run_at.tzinfo is None:
        raise ValueError("run_at needs a time zone: datetime(..., tzinfo=...)")
    return run_at.isoformat()


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)


def _json(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, default=_plain, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    size = len(text.encode())
    if size > _BYTES_MAX:
        raise ValueError(f"the job has {size} bytes, at most {_BYTES_MAX} are allowed")
    return text


def _plain(value: object) -> Any:
    """Returns what `json` can write, without changing any digit."""
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{_kind(value)} cannot be written as JSON: {value!r}; make it a text or a number first")


def _number(value: Decimal) -> int | float:
    if not value.is_finite():
        raise ValueError(f"{value} is no number")
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    # A float of at most 15 digits is written with these same digits.
    if Decimal(repr(number)) != value:
        raise ValueError(f"{value} has more than {_DIGITS_MAX} digits: round it first")
    return number


def _kind(value: object) -> str:
    return type(value).__name__
