"""The public interface: record a call, or wrap what is called. Nothing in here raises into the host
or changes what the wrapped code returns or raises."""

import asyncio
import atexit
import functools
import inspect
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from .options import Options, Status
from .sender import Sender

Wrapped = TypeVar("Wrapped", bound=Callable[..., Any])


class Telemetry:
    """Counts calls of tools. Its methods return at once; sending happens in a background thread."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._sender = None if options.is_off() else Sender(options)
        if self._sender:
            atexit.register(self.close)

    def record(
        self,
        tool: str,
        status: Status = "success",
        *,
        duration_ms: float | None = None,
        error_type: str | None = None,
        cache_hit: bool | None = None,
        parameters: Mapping[str, object] | None = None,
        session_id: str | None = None,
    ) -> None:
        """Counts one call. Fields above the level of the options are left out."""
        if self._sender is None:
            return
        with suppress(Exception):
            event = {
                "event_id": str(_uuid7()),
                "timestamp": int(time.time() * 1000),
                "tool": tool,
                "status": status,
                "version": self._options.version,
                "service": self._options.service,
                "duration_ms": duration_ms,
                "error_type": error_type,
                "cache_hit": cache_hit,
                "parameters": dict(parameters) if parameters is not None else None,
                "session_id": session_id,
            }
            self._sender.add(self._options.permitted(event))

    def tool(self, name: str | None = None) -> Callable[[Wrapped], Wrapped]:
        """Decorates a function, plain or `async`, whose calls are counted under `name`, by default
        its own. Also for a command's `main`."""

        def decorate(function: Wrapped) -> Wrapped:
            tool = name or function.__name__
            if inspect.iscoroutinefunction(function):

                @functools.wraps(function)
                async def counted(*args: Any, **kwargs: Any) -> Any:
                    with self.call(tool) as call:
                        return call.returns(await function(*args, **kwargs))

            else:

                @functools.wraps(function)
                def counted(*args: Any, **kwargs: Any) -> Any:
                    with self.call(tool) as call:
                        return call.returns(function(*args, **kwargs))

            return counted  # type: ignore[return-value]

        return decorate

    @contextmanager
    def call(self, tool: str) -> Iterator["Call"]:
        """Counts what happens inside `with`; what it raises is passed on."""
        call = Call()
        started = time.perf_counter()
        try:
            yield call
        except BaseException as error:
            call.status, call.error_type = _verdict(error)
            raise
        finally:
            self.record(
                tool,
                call.status,
                duration_ms=round((time.perf_counter() - started) * 1000, 3),
                error_type=call.error_type,
                cache_hit=call.cache_hit,
                parameters=call.parameters,
            )

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Tries to send what waits; true when nothing is left."""
        return self._sender is None or self._sender.flush(timeout_s)

    def close(self) -> None:
        """Sends what waits within `exit_wait_s` and spools the rest. Called when the process ends."""
        if self._sender:
            with suppress(Exception):
                self._sender.close(self._options.exit_wait_s)
            atexit.unregister(self.close)


class Call:
    """A call under way; what is set here is counted with it."""

    def __init__(self) -> None:
        self.status: Status = "success"
        self.error_type: str | None = None
        self.cache_hit: bool | None = None
        self.parameters: Mapping[str, object] | None = None

    def returns(self, result: Any) -> Any:
        """The result as it is; one of MCP that says `isError` makes the call an error."""
        # Whatever a stranger's object does when it is looked at, it is returned as it came.
        with suppress(Exception):
            is_mapping = isinstance(result, Mapping)
            says = result.get("isError") if is_mapping else getattr(result, "isError", None)
            if says is True:
                self.status = "error"
        return result


def _verdict(error: BaseException) -> tuple[Status, str | None]:
    name = type(error).__name__
    if isinstance(error, SystemExit) and error.code in (None, 0):
        return "success", None
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return "timeout", name
    if isinstance(error, KeyboardInterrupt | asyncio.CancelledError | GeneratorExit):
        return "cancelled", name
    return "error", name


def _uuid7() -> uuid.UUID:
    """Ids that sort by time; Python has them of its own only from 3.14."""
    milliseconds = time.time_ns() // 1_000_000
    bits = uuid.uuid4().int & ((1 << 80) - 1)
    value = milliseconds << 80 | bits
    value = value & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
