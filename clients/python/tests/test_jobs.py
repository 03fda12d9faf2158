"""What is sent, byte for byte, and what is refused before anything is sent. No Redis is needed."""

from __future__ import annotations

import json
import math
import pickle
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ResponseError

import antre
from antre import operations
from antre.address import redis_url
from antre.jobs import job_text, order_text
from antre.results import result_of

GOLDEN = Path(__file__).parent / "golden"
JAKARTA = timezone(timedelta(hours=7))


class Level(Enum):
    VIP = "high"


INVOICE: dict[str, Any] = {
    "external_id": "INV-2026-11-1182",
    "amount": Decimal("350000.00"),
    "currency": "IDR",
    "description": 'Internet "50 Mbps" – November',
    "customer": {"given_names": "Sari", "mobile_number": "0812-3456-7890"},
    "items": [{"name": "Paket", "price": Decimal("315315.32"), "quantity": 1}],
    "fees": [{"type": "Tax", "value": 34684.68}],
    "invoice_duration": 864000,
    "should_send_email": True,
}

CASES: dict[str, str] = {
    "least": job_text({"external_id": "INV-1", "amount": 350000}),
    "whole": job_text(
        INVOICE,
        priority=Level.VIP,
        reference="1182",
        batch="2026-11",
        run_at=datetime(2026, 12, 1, 8, tzinfo=JAKARTA),
        check_first=True,
        max_retries=0,
    ),
    "cancel": order_text(external_id="INV-1", expire=True, reason="moved away", by="rini"),
    "retry": order_text(job="1795413600000-0"),
    "retry_all": order_text(all_dead=True, by="rini"),
}


@pytest.mark.parametrize("name", CASES)
def test_texts_are_as_the_golden_files_have_them(name: str) -> None:
    assert CASES[name] + "\n" == (GOLDEN / f"{name}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (350000, "350000"),
        (350000.5, "350000.5"),
        (Decimal("350000.00"), "350000"),
        (Decimal("3.5E+5"), "350000"),
        (Decimal("0.1"), "0.1"),
        (Decimal("9999999999999.99"), "9999999999999.99"),
    ],
)
def test_an_amount_keeps_its_digits(amount: Any, text: str) -> None:
    assert job_text({"external_id": "A", "amount": amount}).startswith(
        '{"invoice":{"external_id":"A","amount":' + text + "}"
    )


@pytest.mark.parametrize("amount", [True, "350000", None, [1], Decimal("NaN"), math.nan, math.inf, Decimal("Infinity")])
def test_what_is_no_amount_is_refused(amount: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="amount must be"):
        job_text({"external_id": "A", "amount": amount})


def test_a_decimal_that_no_number_of_json_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="round it first"):
        job_text({"external_id": "A", "amount": Decimal("0.12345678901234567890")})
    with pytest.raises(ValueError, match="JSON"):
        job_text({"external_id": "A", "amount": 1, "fees": [{"value": math.nan}]})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"invoice": {"amount": 1}}, "no external_id"),
        ({"invoice": {"external_id": "A"}}, "no amount"),
        ({"invoice": {"external_id": 7, "amount": 1}}, "must be a text"),
        ({"invoice": "INV-1"}, "must be a dict"),
        ({"invoice": {"external_id": "A", "amount": 1, "created": datetime(2026, 1, 1)}}, "datetime cannot be written"),
        ({"invoice": {"external_id": "A", "amount": 1, "description": "x" * 262144}}, "at most 262144"),
        ({"invoice": {"external_id": "A", "amount": 1}, "priority": "urgent"}, "high, normal or low"),
        ({"invoice": {"external_id": "A", "amount": 1}, "run_at": datetime(2026, 1, 1)}, "needs a time zone"),
    ],
)
def test_a_fault_says_what_to_do(arguments: dict[str, Any], message: str) -> None:
    invoice = arguments.pop("invoice")
    with pytest.raises((TypeError, ValueError), match=message):
        job_text(invoice, **arguments)


def test_an_order_has_one_target() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        order_text()
    with pytest.raises(ValueError, match="exactly one"):
        order_text(job="1-0", batch="2026-11")


@pytest.mark.parametrize("option", ["key_prefix=app:", "prefix=", "global_keyprefix=x"])
def test_a_key_prefix_is_refused(option: str) -> None:
    for client in (antre.Client, antre.AsyncClient):
        with pytest.raises(ValueError, match="with a key prefix") as caught:
            client(f"redis://:secret@127.0.0.1:6379/0?{option}")
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("redis://u:p%40w@h:6380/2", "redis://u:p%40w@h:6380/2"),
        ("redis://h?socket_timeout=1&decode_responses=no&retry_on_timeout=yes", "redis://h"),
        ("rediss://h:6379/0?ssl_cert_reqs=none", "rediss://h:6379/0?ssl_cert_reqs=none"),
        ("redis+unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1"),
    ],
)
def test_time_outs_of_a_url_are_those_of_this_module(url: str, read: str) -> None:
    assert redis_url(url) == read


def test_a_url_of_another_kind_is_refused_without_its_password() -> None:
    with pytest.raises(ValueError, match="begins with redis://") as caught:
        redis_url("http://u:secret@h")
    assert "secret" not in str(caught.value)


def test_the_url_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://second")
    monkeypatch.delenv("ANTRE_REDIS_URL", raising=False)
    assert redis_url() == "redis://second"
    monkeypatch.setenv("ANTRE_REDIS_URL", "redis://first")
    assert redis_url() == "redis://first"
    monkeypatch.delenv("ANTRE_REDIS_URL")
    monkeypatch.delenv("REDIS_URL")
    with pytest.raises(ValueError, match="set ANTRE_REDIS_URL"):
        redis_url()


@pytest.mark.parametrize("account", ["", "Default", "a" * 33, "a b", "a:b", "a\n"])
def test_what_is_no_account_is_refused(account: str) -> None:
    with pytest.raises(ValueError, match="no name of an account"):
        antre.Client("redis://h", account)


def test_unknown_fields_of_a_result_are_ignored_and_missing_ones_are_none() -> None:
    found = result_of(
        '{"job":"1-0","state":"done","new":{"in":"2027"},"warnings":[{"code":"c","message":"m"}]}', "default"
    )
    assert (found.job, found.state, found.link, found.error, found.is_bill_result) == ("1-0", "done", None, None, False)
    assert found.warnings == (antre.Warned("c", None, "m"),)
    newer = result_of('{"job":"1-0","state":"dead","error":{"code":"c","message":"m","hint":"h"}}', "default")
    assert newer.error == antre.Failure("c", "m", None)


def test_a_job_is_a_text_that_knows_its_account() -> None:
    job = antre.Job("1795413600000-0", "second")
    copy = pickle.loads(pickle.dumps(job))
    assert (copy, copy.account) == ("1795413600000-0", "second")
    assert json.dumps([job]) == '["1795413600000-0"]'


@pytest.mark.parametrize(
    "error",
    [
        antre.NotServed("default"),
        antre.InvoiceRejected("conflict", "another amount", antre.Job("1-0", "default")),
        antre.InvoiceStillQueued(antre.Job("1-0", "default"), "default"),
        antre.Unavailable("away", may_have_been_accepted=True),
        antre.Interrupted("away", jobs=[antre.Job("1-0", "default")], uncertain=2, unsent=3),
    ],
)
def test_errors_survive_a_process_pool(error: antre.AntreError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.__dict__) == (type(error), str(error), error.__dict__)


def test_a_bulk_of_which_redis_took_some_names_the_beginning_as_certain() -> None:
    # A server that is full for a moment: which answers it mixes cannot be provoked, so the steps are answered here.
    texts = [job_text({"external_id": f"A-{number}", "amount": 1}) for number in range(6)]
    operation = operations.enqueue_many("default", texts, 4)
    next(operation)
    with pytest.raises(antre.Interrupted, match="OOM") as caught:
        operation.send(["1-0", "1-1", ResponseError("OOM command not allowed"), "1-2"])
    assert (caught.value.jobs, caught.value.uncertain, caught.value.unsent) == (["1-0", "1-1"], 1, 3)
