"""What the client sends, and that the host never notices: server down, silent or talking nonsense."""

import asyncio
import inspect
import json
import os
import pathlib
import subprocess
import sys
import uuid

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "src")]

from stub import TAKEN, closed_port, reply, stub  # noqa: E402

from almanac_telemetry import Options, Telemetry, limits  # noqa: E402
from almanac_telemetry.post import backoff_s  # noqa: E402
from almanac_telemetry.spool import Spool  # noqa: E402


@pytest.fixture(autouse=True)
def tracking_allowed(monkeypatch):
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)
    # Retries do not make a test wait.
    monkeypatch.setattr("almanac_telemetry.sender.backoff_s", lambda _: 0.01)


def telemetry(endpoint, **options):
    given = {"project": "tools.example", "version": "1.2.0", "exit_wait_s": 10.0} | options
    return Telemetry(Options(endpoint=endpoint, **given))


def test_a_call_becomes_an_event_of_its_level():
    with stub() as server:
        client = telemetry(server.url, service="indexer", key="alm_i_x")
        client.record("search", duration_ms=12.5, parameters={"limit": 3}, session_id="s")
        assert client.flush()
    [batch] = server.batches
    assert (batch["project"], batch["level"]) == ("tools.example", "standard")
    [event] = batch["events"]
    assert uuid.UUID(event.pop("event_id")).version == 7
    assert event.pop("timestamp") <= batch["sent_at"]
    assert event == {
        "tool": "search",
        "status": "success",
        "version": "1.2.0",
        "service": "indexer",
        "duration_ms": 12.5,
    }


@pytest.mark.parametrize(
    ("raised", "status", "error_type"),
    [
        (None, "success", None),
        (ValueError("secret detail"), "error", "ValueError"),
        (TimeoutError(), "timeout", "TimeoutError"),
        (KeyboardInterrupt(), "cancelled", "KeyboardInterrupt"),
        (SystemExit(0), "success", None),
        (SystemExit(2), "error", "SystemExit"),
    ],
)
def test_a_wrapped_function_returns_and_raises_as_before(raised, status, error_type):
    with stub() as server:
        client = telemetry(server.url)

        @client.tool()
        def search(query: str, limit: int = 3) -> list[str]:
            """Finds things."""
            if raised:
                raise raised
            return [query] * limit

        assert (search.__name__, search.__doc__) == ("search", "Finds things.")
        assert list(inspect.signature(search).parameters) == ["query", "limit"]
        if raised:
            with pytest.raises(type(raised)) as caught:
                search("a")
            assert caught.value is raised
        else:
            assert search("a", limit=2) == ["a", "a"]
        assert client.flush()
    [event] = server.events
    assert (event["tool"], event["status"], event.get("error_type")) == ("search", status, error_type)
    assert event["duration_ms"] >= 0
    assert "secret" not in json.dumps(server.batches)


def test_an_async_tool_of_mcp_that_answers_with_an_error_is_one():
    with stub() as server:
        client = telemetry(server.url)

        @client.tool("read_file")
        async def read_file(name):
            await asyncio.sleep(0)
            return {"isError": True, "content": name}

        assert inspect.iscoroutinefunction(read_file)
        assert asyncio.run(read_file("x")) == {"isError": True, "content": "x"}
        assert client.flush()
    [event] = server.events
    assert (event["tool"], event["status"]) == ("read_file", "error")


def test_many_calls_leave_in_batches_of_a_hundred():
    with stub(None) as server:
        # The first request is never answered until the events have piled up behind it.
        client = telemetry(server.url, request_timeout_s=0.2)
        for number in range(251):
            client.record(f"tool-{number}")
        server.wait_for(2)
        client.close()
    sizes = [len(batch["events"]) for batch in server.batches]
    assert max(sizes) <= limits.BATCH_EVENTS_MAX
    assert {event["tool"] for event in server.events} == {f"tool-{n}" for n in range(251)}


@pytest.mark.parametrize(
    "answer",
    [
        b"\x00\xff not http at all \r\n\r\n",
        b"",
        reply(503, "retry-after: 0\r\n"),
        reply(429, "retry-after: soon\r\n"),
        reply(302, "location: http://192.0.2.1/\r\n"),
        reply(200, body="<html>Please sign in to this network</html>"),
        reply(404),
    ],
    ids=["garbage", "nothing", "503", "429", "redirect", "portal", "404"],
)
def test_an_answer_that_is_not_the_servers_is_asked_for_again_with_the_same_ids(answer):
    with stub(answer, answer) as server:
        client = telemetry(server.url)
        client.record("search")
        server.wait_for(3)
        client.close()
    assert len({event["event_id"] for event in server.events}) == 1


@pytest.mark.parametrize("status", [202, 207, 400, 401, 403, 413, 422])
def test_an_answer_of_the_server_is_final(status):
    with stub(reply(status)) as server:
        client = telemetry(server.url)
        client.record("first")
        assert client.flush()
        client.record("second")
        assert client.flush()
    assert [event["tool"] for event in server.events] == ["first", "second"]


def test_a_server_that_never_answers_holds_up_nobody():
    with stub(None) as server:
        client = telemetry(server.url, exit_wait_s=0.0)
        client.record("search")
        server.wait_for(1)
        # The request is under way and stays so: the host's work goes on beside it.
        assert client.tool("other")(lambda: "done")() == "done"
        client.close()


def test_memory_is_bounded_when_the_server_is_down():
    client = telemetry(closed_port(), exit_wait_s=0.0)
    for number in range(limits.WAITING_EVENTS_MAX * 3):
        client.record(f"tool-{number}")
    sender = client._sender
    assert len(sender._waiting) <= limits.WAITING_EVENTS_MAX
    client.close()


def test_what_a_process_could_not_send_the_next_one_sends(tmp_path):
    first = telemetry(closed_port(), spool_dir=tmp_path, exit_wait_s=0.0)
    first.record("left")
    first.close()
    with stub() as server:
        second = telemetry(server.url, spool_dir=tmp_path)
        second.record("new")
        assert second.flush()
    # An event may come twice, under the id by which the server knows it again.
    tools = {event["event_id"]: event["tool"] for event in server.events}
    assert sorted(tools.values()) == ["left", "new"]
    assert list(tmp_path.iterdir()) == []


def test_the_spool_is_bounded_and_skips_what_is_old_or_spoilt(tmp_path):
    spool = Spool(tmp_path)
    (tmp_path / "almanac-000000000000001-x.json").write_text("[]")
    (tmp_path / "someone-elses.json").write_text("{}")
    for _ in range(limits.SPOOL_FILES_MAX + 3):
        assert spool.put([{"tool": "search"}])
    assert len(spool.batches()) == limits.SPOOL_FILES_MAX
    spool.batches()[0].write_text("{")
    assert spool.load(spool.batches()[0]) == []
    assert (tmp_path / "someone-elses.json").exists()
    assert len(list(tmp_path.iterdir())) == limits.SPOOL_FILES_MAX + 1


def test_a_spool_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    client = telemetry(closed_port(), spool_dir=tmp_path / "file", exit_wait_s=0.0)
    client.record("search")
    assert not client.flush()
    client.close()


@pytest.mark.parametrize(
    ("wish", "options", "is_off"),
    [
        ("1", {}, True),
        ("true", {"enabled": True}, True),
        ("", {"enabled": False}, True),
        ("0", {}, False),
        ("", {}, False),
    ],
)
def test_who_may_switch_it_off(monkeypatch, wish, options, is_off):
    monkeypatch.setenv("DO_NOT_TRACK", wish)
    with stub() as server:
        client = telemetry(server.url, **options)
        client.record("search")
        assert client.tool()(lambda: 7)() == 7
        client.flush()
        client.close()
        assert bool(server.events) is not is_off


PROGRAM = """
import sys
from almanac_telemetry import Options, Telemetry
options = Options(endpoint=sys.argv[1], project="p", version="1", spool_dir=sys.argv[2])
telemetry = Telemetry(options)

@telemetry.tool("build")
def main():
    print("built")
    return 3

sys.exit(main())
"""


@pytest.mark.parametrize("server_is", ["up", "silent", "down"])
def test_a_command_ends_as_it_would_without(tmp_path, server_is):
    with stub(*([None] if server_is == "silent" else [])) as server:
        endpoint = closed_port() if server_is == "down" else server.url
        kept = {name: value for name, value in os.environ.items() if name != "DO_NOT_TRACK"}
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, endpoint, tmp_path],
            env=kept | {"PYTHONPATH": str(HERE.parent / "src")},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "built\n", "")
    # Sent or kept: nothing is lost. The silent server has it, but has not said so.
    kept_events = [event for path in Spool(tmp_path).batches() for event in Spool(tmp_path).load(path)]
    sure = kept_events if server_is != "up" else kept_events + server.events
    assert {event["tool"] for event in sure} == {"build"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process")
def test_a_forked_process_counts_for_itself():
    with stub() as server:
        client = telemetry(server.url)
        client.record("parent")
        assert client.flush()
        child = os.fork()
        if child == 0:
            client.record("child")
            os._exit(0 if client.flush(20) else 1)
        assert os.waitpid(child, 0)[1] == 0
    assert sorted(event["tool"] for event in server.events) == ["child", "parent"]


def test_backoff_doubles_to_thirty_seconds_less_up_to_half(monkeypatch):
    monkeypatch.setattr("random.random", lambda: 0.0)
    assert [backoff_s(failures) for failures in (0, 1, 2, 3, 4, 5, 99)] == [1, 2, 4, 8, 16, 30, 30]
    monkeypatch.setattr("random.random", lambda: 1.0)
    assert backoff_s(0) == 0.5
    assert TAKEN.startswith(b"HTTP/1.1 202")
