"""The background thread: waiting events, batches, retries with backoff, the spool. Adding an event
takes a lock for the time of an append, and waits for nothing else."""

import os
import threading
import time
from collections import deque

from .limits import BATCH_EVENTS_MAX, FLUSH_EVENTS, WAITING_EVENTS_MAX
from .options import Options
from .post import Event, backoff_s, post
from .spool import Spool


class Sender:
    """Owns the events from `add` until the server has answered for them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._spool = Spool(options.spool_dir) if options.spool_dir else None
        self._reset()
        if hasattr(os, "register_at_fork"):
            # The parent sends what waits; a child has neither its thread nor a lock that is free.
            os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[Event] = deque(maxlen=WAITING_EVENTS_MAX)
        # An earlier process may have left something.
        self._has_spooled = self._spool is not None
        self._sending: list[Event] = []
        self._attempts = 0
        self._is_urgent = False
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def add(self, event: Event) -> None:
        """Takes an event; the oldest goes when too many wait."""
        with self._changed:
            if self._is_closed:
                return
            self._waiting.append(event)
            self._ensure_thread()
            if len(self._waiting) in (1, FLUSH_EVENTS):
                self._changed.notify_all()

    def flush(self, timeout_s: float) -> bool:
        """Tries at once to send what waits; true when nothing is left, in the spool neither, false
        after a failure or when the time is over."""
        with self._changed:
            self._ensure_thread()
            self._is_urgent = True
            attempts = self._attempts
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._attempts > attempts, timeout_s)
            return self._is_idle() and not self._has_spooled

    def close(self, timeout_s: float) -> None:
        """Sends what waits, within a time, and spools the rest. Nothing is taken any more."""
        with self._changed:
            if self._is_closed:
                return
        if timeout_s > 0 and not self._is_idle():
            self.flush(timeout_s)
        with self._changed:
            self._is_closed = True
            unsent = self._sending + list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
        if self._spool:
            for start in range(0, len(unsent), BATCH_EVENTS_MAX):
                self._spool.put(unsent[start : start + BATCH_EVENTS_MAX])

    def _is_idle(self) -> bool:
        return not self._waiting and not self._sending and not self._is_urgent

    def _ensure_thread(self) -> None:
        if self._thread is None:
            # A daemon does not keep the host's process alive.
            self._thread = threading.Thread(target=self._run, name="almanac-telemetry", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        failures = 0
        # The first event goes at once: a command may have ended before it had company.
        pause_s = 0.0
        while True:
            self._await_work(pause_s, failures)
            if self._is_closed:
                return
            retry_after_s = self._send_all()
            failures = 0 if retry_after_s is None else failures + 1
            pause_s = self._options.flush_interval_s
            if retry_after_s is not None:
                pause_s = max(backoff_s(failures - 1), retry_after_s)

    def _await_work(self, pause_s: float, failures: int) -> None:
        """Waits for a flush, for enough events, or for the pause to end with something to do."""
        end = time.monotonic() + pause_s

        def is_due() -> bool:
            # Many events do not shorten a pause after a failure.
            is_full = not failures and len(self._waiting) >= FLUSH_EVENTS
            return self._is_closed or self._is_urgent or is_full

        with self._changed:
            while not is_due():
                left_s = end - time.monotonic()
                if left_s <= 0 and (self._waiting or self._has_spooled):
                    return
                self._changed.wait(left_s if left_s > 0 else None)

    def _send_all(self) -> float | None:
        """Sends what waits, then what is spooled. After a failure: the pause asked for."""
        while True:
            with self._changed:
                size = min(len(self._waiting), BATCH_EVENTS_MAX)
                self._sending = [self._waiting.popleft() for _ in range(size)]
            if not self._sending:
                break
            answer = post(self._options, self._sending)
            if not answer.is_final:
                self._put_back()
                self._finish_attempt()
                return answer.retry_after_s
            with self._changed:
                self._sending = []
        retry_after_s = self._send_spooled()
        self._finish_attempt()
        return retry_after_s

    def _put_back(self) -> None:
        """Keeps an unsent batch: on disk where there is a spool, else in memory while there is room."""
        # Disks may be slow, so nobody who adds an event waits for this.
        is_spooled = self._spool is not None and self._spool.put(self._sending)
        with self._changed:
            unsent, self._sending = self._sending, []
            if is_spooled:
                self._has_spooled = True
            elif not self._is_closed:
                room = WAITING_EVENTS_MAX - len(self._waiting)
                self._waiting.extendleft(reversed(unsent[max(0, len(unsent) - room) :]))

    def _send_spooled(self) -> float | None:
        if self._spool is None or not self._has_spooled:
            return None
        for batch in self._spool.batches():
            events = self._spool.load(batch)
            answer = post(self._options, events) if events else None
            if answer and not answer.is_final:
                return answer.retry_after_s
            self._spool.remove(batch)
        self._has_spooled = False
        return None

    def _finish_attempt(self) -> None:
        with self._changed:
            self._is_urgent = False
            self._attempts += 1
            self._changed.notify_all()
