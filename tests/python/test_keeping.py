"""What goes and what stays: erasing on the command line and over HTTP, how long events are kept,
and how much disk they take."""

import json

import pytest

from conftest import wait_until

# 2025-06-01T00:00:00Z.
BEGIN_S = 1_748_736_000
DAY_S = 86_400
VISITORS = 5
DAYS = 4
PASSWORD = "a quiet evening"


def lines():
    """Twenty events: five visitors on each of four days, of whom two also have a user's id."""
    for day in range(DAYS):
        for visitor in range(1, VISITORS + 1):
            event = {
                "visitor": str(visitor),
                "time": (BEGIN_S + day * DAY_S + visitor) * 1_000_000,
                "kind": "pageview",
                "name": "pageview",
                "hostname": "shop.example",
                "path": f"/{visitor}",
            }
            yield event | ({"user": "ada"} if visitor <= 2 else {})


@pytest.fixture
def project(instance, tmp_path):
    made = instance.add_project("shop.example", identity="stable")
    path = tmp_path / "rows.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines()))
    report = instance.answer("import", "ndjson", path, "--project", made["id"])
    assert report["imported"] == VISITORS * DAYS
    return made


def left(instance):
    _, out, _ = instance.run("export", "--project", "1", "-o", "-")
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("server", ["stopped", "running"])
def test_what_is_erased_is_gone_and_all_else_stays(instance, project, server):
    if server == "running":
        instance.serve()
    words = ["erase", "--project", "shop.example"]
    counted = instance.answer(*words, "--visitor", "3", "--dry-run")
    assert (counted["events"], counted["days"], counted["dry_run"]) == (DAYS, DAYS, True)
    code, message = instance.refusal(*words, "--visitor", "3")
    assert (code, "nothing was erased" in message) == (2, True), message
    assert len(left(instance)) == VISITORS * DAYS
    erased = instance.answer(*words, "--visitor", "3", "--yes")
    assert (erased["events"], erased["dry_run"]) == (DAYS, False)
    assert {row["visitor"] for row in left(instance)} == {"1", "2", "4", "5"}
    assert instance.answer(*words, "--user", "ada", "--yes")["events"] == 2 * DAYS
    assert {row["visitor"] for row in left(instance)} == {"4", "5"}
    assert instance.answer(*words, "--day", "2025-06-02", "--yes")["events"] == 2
    assert instance.answer(*words, "--before", "2025-06-02", "--yes")["events"] == 2
    assert {row["time"][:10] for row in left(instance)} == {"2025-06-03", "2025-06-04"}
    entries = instance.answer("audit", "list")["entries"]
    erasures = [entry for entry in entries if entry["action"] == "events.erase"]
    assert len(erasures) == 4 and all(entry["subject"] == "project 1" for entry in erasures)
    assert '"ada"' not in json.dumps(erasures)
    code, message = instance.refusal(*words, "--day", "today", "--yes")
    assert (code, "is no day" in message) == (2, True), message


def sign_in(instance, role):
    email = f"{role}@example.org"
    words = ["user", "add", "--email", email, "--role", role, "--password-stdin"]
    instance.answer(*words, stdin=PASSWORD.encode())
    body = {"email": email, "password": PASSWORD}
    status, headers, text = instance.request(
        "POST", "/api/session", body, {"content-type": "application/json"}
    )
    assert status == 200, text
    return {"cookie": headers["set-cookie"].split(";")[0], "content-type": "application/json"}


def test_owners_and_admins_erase_and_choose_and_nobody_else(instance, project):
    instance.serve()
    body = {"visitor": "3"}
    address = "/api/projects/1/erase"
    assert instance.request("POST", address, body, {"content-type": "application/json"})[0] == 401
    owner = sign_in(instance, "owner")
    for role in ("viewer", "editor"):
        headers = sign_in(instance, role)
        assert instance.request("POST", address, body, headers)[0] == 403
        assert instance.request("PUT", "/api/projects/1/retention", {"days": 1}, headers)[0] == 403
        assert instance.request("GET", "/api/projects/1/disk", None, headers)[0] == 200
    assert len(left(instance)) == VISITORS * DAYS
    status, _, text = instance.request("POST", address, body, sign_in(instance, "admin"))
    assert (status, json.loads(text)["events"]) == (200, DAYS)
    status, _, text = instance.request("POST", address, {"visitor": "1", "user": "ada"}, owner)
    assert (status, "one of visitor, user, day and before" in text) == (400, True)


def test_events_older_than_a_project_keeps_them_go(instance, project):
    kept = instance.answer("retention", "--project", "1")
    assert (kept["days"], kept["expired"]["events"]) == (730, 0)
    tried = instance.answer("retention", "--project", "1", "--days", "30", "--dry-run")
    assert (tried["days"], tried["expired"]) == (30, {"events": VISITORS * DAYS, "days": DAYS})
    assert instance.answer("retention", "--project", "1")["days"] == 730
    assert instance.refusal("retention", "--project", "1", "--days", "0")[0] != 0
    assert instance.answer("retention", "--project", "1", "--for-ever")["days"] is None
    instance.serve()
    headers = sign_in(instance, "owner")
    address = "/api/projects/1/retention"
    told = json.loads(instance.request("GET", address + "?days=30", None, headers)[2])
    assert told["expired"]["events"] == VISITORS * DAYS
    assert instance.request("PUT", address, {"days": 0}, headers)[0] == 400
    assert instance.request("PUT", address, {"days": 30}, headers)[0] == 200
    instance.stop()
    assert instance.answer("retention", "--project", "1")["days"] == 30
    # The clean-up of a fresh server removes what is too old by now.
    instance.serve()
    wait_until(lambda: not left(instance), "old events to go")
    assert instance.answer("disk")["projects"][0]["events"] == 0


def test_disk_and_metrics_tell_what_a_project_takes(instance, project):
    [told] = instance.answer("disk")["projects"]
    assert (told["events"], told["days"], told["domain"]) == (VISITORS * DAYS, DAYS, "shop.example")
    assert told["bytes"] > 0
    instance.serve()
    assert instance.answer("disk", "--project", "1")["projects"] == [told]
    status, _, text = instance.request("GET", "/metrics")
    assert status == 200
    assert f'almanac_store_bytes{{project="1"}} {told["bytes"]}' in text
    assert f'almanac_store_events{{project="1"}} {VISITORS * DAYS}' in text
    assert "almanac_query_cache_hits_total" in text
