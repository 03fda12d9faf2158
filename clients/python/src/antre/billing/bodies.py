"""Where the body of an invoice comes from: a function of the application that builds it.

Where building and sending are one function, a twin of that function is run up to its POST. The twin has the same code
and other global names: in place of httpx a stand-in that takes the body and stops. Nothing is sent, nothing in the
application's module is changed, and its own checks still raise.
"""

from __future__ import annotations

import dis
import functools
import inspect
import types
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from antre.billing.requests import InvoiceRequest

Body = dict[str, Any]
BodyOf = Callable[[InvoiceRequest], Awaitable[Body]]

_ARGUMENTS = dict.fromkeys(("invoice", "pelanggan", "paket", "deskripsi_xendit", "pajak", "no_telp_xendit"))
_REMEDY = "give install() a function that only builds the body: install(body=...)"


def built_by(build: Callable[..., Any]) -> BodyOf:
    """Returns the bodies of a function that builds them and sends nothing; it may be a coroutine function."""
    _check_arguments(build)

    async def body(request: InvoiceRequest) -> Body:
        built = build(**request.arguments())
        return _checked(await built if inspect.isawaitable(built) else built, build)

    return body


def sent_by(send: Callable[..., Any]) -> BodyOf:
    """Returns the bodies that a sending function would send with `httpx.AsyncClient(...).post(url, json=body)`.

    Raises `TypeError` if it can be seen not to do that.
    """
    _check_arguments(send)
    fault = _misfit(send)
    if fault:
        raise TypeError(f"{_name(send)} {fault}; {_REMEDY}")

    async def body(request: InvoiceRequest) -> Body:
        stop = _Stop()
        try:
            await _twin(send, stop)(**request.arguments())
        except _Reached:
            pass
        except Exception:
            # Its own `except` may have made something else of the stop.
            if stop.body is None and stop.fault is None:
                raise
        if stop.fault is not None or stop.body is None:
            fault = stop.fault or "came to its end without a POST, so it may have sent the invoice in another way"
            raise TypeError(f"{_name(send)} {fault}; {_REMEDY}")
        return _checked(stop.body, send)

    return body


class _Reached(BaseException):
    """The POST is reached. No `except Exception` of the application catches it."""


class _Stop:
    """What the stand-in was given."""

    body: Mapping[str, Any] | None = None
    fault: str | None = None

    def reached(self, body: object) -> None:
        if isinstance(body, Mapping):
            self.body = body
        else:
            self.fault = "sends no dict with json=..."
        raise _Reached

    def misused(self, name: str) -> None:
        self.fault = f"uses {name} of httpx.AsyncClient before its POST"
        raise _Reached


class _StandIn:
    """In place of the module httpx: its errors and types, and a client that stops."""

    def __init__(self, real: types.ModuleType, stop: _Stop) -> None:
        self._real = real
        self.AsyncClient = functools.partial(_Client, stop)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Client:
    """In place of `httpx.AsyncClient`."""

    def __init__(self, stop: _Stop, *_: Any, **__: Any) -> None:
        self._stop = stop

    async def __aenter__(self) -> _Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def aclose(self) -> None:
        """As httpx has it."""

    async def post(self, url: object, *, json: object = None, **_: Any) -> None:
        """Takes the body and stops."""
        self._stop.reached(json)

    def __getattr__(self, name: str) -> Any:
        self._stop.misused(name)


def _twin(send: Callable[..., Any], stop: _Stop) -> Callable[..., Awaitable[Any]]:
    function = _function(send)
    replaced = {
        name: _StandIn(value, stop) if isinstance(value, types.ModuleType) else functools.partial(_Client, stop)
        for name, value in _httpx_names(function).items()
    }
    names = {**function.__globals__, **replaced}
    twin = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin


def _misfit(send: Callable[..., Any]) -> str | None:
    """Returns why the twin of a function would not stop at its POST, as far as its code shows it."""
    if not isinstance(send, types.FunctionType) or not inspect.iscoroutinefunction(send):
        return "is not an async function"
    if hasattr(send, "__wrapped__"):
        return "is wrapped by a decorator, so its own code cannot be seen"
    codes = list(_codes(send.__code__))
    if any(_imports_httpx(code) for code in codes):
        return "imports httpx inside of it"
    if not _httpx_names(send):
        return "does not use httpx by a global name"
    if not any("post" in code.co_names and _has_keyword(code, "json") for code in codes):
        return "does not call post(url, json=...) itself"
    return None


def _httpx_names(function: types.FunctionType) -> dict[str, Any]:
    """Returns the global names by which a function reaches httpx, or its client."""
    used = {name for code in _codes(function.__code__) for name in code.co_names}
    found = {name: function.__globals__[name] for name in used if name in function.__globals__}
    return {name: value for name, value in found.items() if _is_httpx(value)}


def _is_httpx(value: object) -> bool:
    if isinstance(value, types.ModuleType):
        return value.__name__ == "httpx"
    return isinstance(value, type) and value.__name__ == "AsyncClient" and value.__module__.split(".")[0] == "httpx"


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _imports_httpx(code: types.CodeType) -> bool:
    imported = (it.argval for it in dis.get_instructions(code) if it.opname == "IMPORT_NAME")
    return any(str(name).split(".")[0] == "httpx" for name in imported)


def _has_keyword(code: types.CodeType, keyword: str) -> bool:
    # Names of keyword arguments are a tuple among the constants.
    return any(isinstance(constant, tuple) and keyword in constant for constant in code.co_consts)


def _function(send: Callable[..., Any]) -> types.FunctionType:
    assert isinstance(send, types.FunctionType)
    return send


def _check_arguments(function: Callable[..., Any]) -> None:
    try:
        inspect.signature(function).bind(**_ARGUMENTS)
    except TypeError as error:
        raise TypeError(f"{_name(function)} does not take the arguments {', '.join(_ARGUMENTS)}: {error}") from error


def _checked(body: Any, function: Callable[..., Any]) -> Body:
    if not isinstance(body, Mapping):
        raise TypeError(f"{_name(function)} gave {type(body).__name__} instead of a dict, the body of the invoice")
    if "invoice_url" in body:
        raise TypeError(f"{_name(function)} gave an invoice instead of a body: it has sent it itself; {_REMEDY}")
    return dict(body)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", repr(function))
