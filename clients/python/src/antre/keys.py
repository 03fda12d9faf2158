"""Names in Redis, as PROTOCOL.md has them."""

from __future__ import annotations

import re

_ACCOUNT = re.compile(r"[a-z0-9-]{1,32}\Z")


def account_name(account: str) -> str:
    """Returns `account`, or raises `ValueError` if no account can have that name."""
    if not isinstance(account, str) or not _ACCOUNT.match(account):
        raise ValueError(f"{account!r} is no name of an account: 1 to 32 of the characters a-z, 0-9 and - are allowed")
    return account


def key(account: str, name: str) -> str:
    """Returns the key `name` of an account. The braces are part of it."""
    return f"antre:{{{account}}}:{name}"
