"""Where Redis is: the URL, and what becomes of it. No message repeats the URL, because it may hold a password."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import redis

#: Seconds to connect, and for the answer to a command that does not wait. Together under 3 s.
CONNECT_TIMEOUT = 1.0
READ_TIMEOUT = 1.5
#: Seconds that a read lasts longer than the wait it is for.
READ_MARGIN = 10.0

_SCHEMES = ("redis", "rediss", "unix")
_VARIABLES = ("ANTRE_REDIS_URL", "REDIS_URL")
# What this module sets itself. In a URL it would come from somebody who had another client in mind.
_OURS = ("timeout", "decode_responses", "retry", "max_connections", "health_check_interval", "encoding", "protocol")


def redis_url(url: str | None = None) -> str:
    """Returns the URL as redis-py reads it; without one, that of the environment."""
    for variable in _VARIABLES:
        url = url or os.environ.get(variable)
    if not url:
        raise ValueError("no Redis is named: give a url, or set ANTRE_REDIS_URL, as in redis://127.0.0.1:6379")
    parts = urlsplit(url)
    scheme = "unix" if parts.scheme == "redis+unix" else parts.scheme
    if scheme not in _SCHEMES:
        raise ValueError(f"a Redis URL begins with redis://, rediss:// or unix://, not with {parts.scheme[:20]}")
    options = parse_qsl(parts.query, keep_blank_values=True)
    for name, _ in options:
        if "prefix" in name.lower():
            raise ValueError(
                f"the Redis URL has {name}: with a key prefix, jobs land where no worker reads them; leave it out"
            )
    kept = [(name, value) for name, value in options if not any(word in name.lower() for word in _OURS)]
    query = f"?{urlencode(kept)}" if kept else ""
    return f"{scheme}://{parts.netloc}{parts.path}{query}"


def options(arguments: dict[str, Any], read_timeout: float | None) -> dict[str, Any]:
    """Returns the arguments of a connection: those of the URL, and this module's in place of redis-py's defaults."""
    found = {**arguments, "socket_timeout": read_timeout, "decode_responses": True}
    is_new = int(redis.__version__.split(".")[0]) >= 5
    # Older versions do not take it for a socket of this machine, where connecting takes no time.
    if is_new or "path" not in arguments:
        found["socket_connect_timeout"] = CONNECT_TIMEOUT
    if is_new:
        # Answers have one form then, in all versions.
        found["protocol"] = 2
    return found


def named(link: Any) -> Any:
    """Returns the connection. By a Unix socket it has no host before redis-py 5, so its errors fail to name it."""
    if not hasattr(link, "host"):
        link.host, link.port = link.path, ""
    return link
