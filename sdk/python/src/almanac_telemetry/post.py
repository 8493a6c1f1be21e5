"""The one request the client makes, and what its answer means. Keeps nothing: whoever calls keeps
the events until the answer is final."""

import json
import random
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

from .limits import BACKOFF_S_MAX, BACKOFF_S_MIN, RETRY_AFTER_S_MAX
from .options import Options

Event = dict[str, object]

# Answers after which sending the same again would change nothing: taken, taken in part, refused.
# Anything else, a 200 of some portal between us and the server included, did not come from it.
_FINAL = frozenset({202, 207, 400, 401, 403, 413, 415, 422})


@dataclass(frozen=True)
class Answer:
    """Whether the batch is done with, and the pause that the server asked for, seconds."""

    is_final: bool
    retry_after_s: float = 0.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Events go where the host said, and nowhere else."""

    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def post(options: Options, events: list[Event]) -> Answer:
    """Sends a batch. Never raises: a broken answer is an answer that did not come."""
    try:
        with _OPENER.open(_request(options, events), timeout=options.request_timeout_s) as reply:
            return Answer(reply.status in _FINAL)
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code in _FINAL, _retry_after_s(refused.headers.get("retry-after")))
    except Exception:
        return Answer(False)


def backoff_s(failures: int) -> float:
    """1, 2, 4, 8, 16, then 30 seconds, less up to half, so that clients do not return in step."""
    longest = min(BACKOFF_S_MIN * 2 ** min(failures, 10), BACKOFF_S_MAX)
    return longest * (1 - random.random() / 2)


def _request(options: Options, events: list[Event]) -> urllib.request.Request:
    batch: Event = {
        "project": options.project,
        "level": options.level,
        "sent_at": int(time.time() * 1000),
        "events": events,
    }
    if options.installation_id:
        batch["installation_id"] = options.installation_id
    headers = {"content-type": "application/json", "user-agent": "almanac-telemetry-python"}
    if options.key:
        headers["authorization"] = f"Bearer {options.key}"
    url = options.endpoint.rstrip("/") + "/v1/events"
    return urllib.request.Request(url, json.dumps(batch).encode(), headers, method="POST")


def _retry_after_s(text: str | None) -> float:
    try:
        return min(max(float(text or 0), 0.0), RETRY_AFTER_S_MAX)
    except ValueError:
        return 0.0
