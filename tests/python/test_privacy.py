"""What visitors may expect: their decision is written down, they are forgotten when they ask, signals of
their browsers are honoured where the owner says so, and personal data is not kept by mistake."""

import json

import pytest

from conftest import Site, fresh_id, wait_until


@pytest.fixture
def members(instance):
    """A project that knows visitors who agreed to it."""
    project = instance.add_project("shop.example", identity="stable")
    return Site(instance.serve(), project)


def decide(site, state, vid):
    return site.event("consent", i=False, p={"state": state}, vid=vid)


def log(site, after=0):
    path = f"/api/consents?project={site.host}&after={after}"
    headers = {"authorization": f"Bearer {site.key}"}
    status, _, text = site.instance.request("GET", path, headers=headers)
    assert status == 200, text
    return json.loads(text)


def forget(site, vid, domain="shop.example"):
    body = {"domain": domain, "visitor_id": vid}
    headers = {"content-type": "text/plain", "origin": "https://shop.example"}
    status, headers, text = site.instance.request("POST", "/api/forget", body, headers)
    return status, headers, json.loads(text)


def rule(site, kind, value):
    words = ["--project", site.project["id"], "--kind", kind, "--value", value]
    site.instance.answer("drop-rule", "add", *words)


def test_decisions_are_logged_by_a_name_that_tells_nobody(members):
    one, other = fresh_id(), fresh_id()
    members.collect(decide(members, "granted", one), decide(members, "granted", one))
    members.collect(decide(members, "denied", other))
    members.collect(decide(members, "denied", one))
    told = log(members)
    states = [entry["state"] for entry in told["consents"]]
    assert states == ["granted", "denied", "denied"]
    visitors = [entry["visitor"] for entry in told["consents"]]
    assert visitors[0] == visitors[2] != visitors[1]
    assert one not in json.dumps(told)
    assert log(members, told["next"])["consents"] == []
    members.wait_for_events(4)
    assert members.totals(["pageviews", "bounce_rate"]) == {"pageviews": 0, "bounce_rate": 0}


def test_who_asks_with_the_own_id_is_forgotten(members):
    mine, theirs = fresh_id(), fresh_id()
    for vid in [mine, theirs]:
        members.collect(decide(members, "granted", vid), members.event(vid=vid))
    members.wait_for_events(4)
    wrong, _, _ = forget(members, "guess")
    assert wrong == 400
    assert forget(members, fresh_id())[2] == {"erased_events": 0}
    status, headers, answer = forget(members, mine)
    assert (status, answer) == (200, {"erased_events": 2})
    assert headers["access-control-allow-origin"] == "https://shop.example"
    members.wait_for_events(2)
    assert forget(members, mine)[2] == {"erased_events": 0}
    # Of whoever is forgotten the log keeps that somebody was, and the other's consent stays.
    told = [(entry["state"], entry["visitor"] is None) for entry in log(members)["consents"]]
    assert told == [("granted", False), ("forgotten", True)]
    # A restart, which reads the queue again, brings nothing back.
    members.instance.stop()
    members.instance.serve()
    assert members.totals(["events", "visitors"]) == {"events": 2, "visitors": 1}


def test_a_project_without_ids_has_nothing_to_forget(site):
    vid = fresh_id()
    site.collect(site.event(vid=vid), ip="203.0.113.1")
    site.collect(site.event(vid=vid), ip="203.0.113.2")
    site.wait_for_events(2)
    # No consent is asked for here, so the id does not tie the two together.
    assert site.totals(["visitors"]) == {"visitors": 2}
    status, _, answer = forget(site, vid)
    assert (status, answer["erased_events"]) == (200, 0)
    assert forget(site, vid, domain="nobody.example")[0] == 404


def test_signals_are_honoured_where_the_owner_says_so(site):
    site.collect(site.event())
    site.post([site.event()], dnt="1")
    site.wait_for_events(2)
    rule(site, "signal", "gpc")
    dropped = lambda **signals: site.post([site.event()], **signals)[1].get("x-almanac-dropped")
    wait_until(lambda: dropped(sec_gpc="1") == "1", "the rule to hold")
    assert dropped(dnt="1") is None
    assert dropped(sec_gpc="0") is None
    rule(site, "signal", "dnt")
    wait_until(lambda: dropped(dnt="1") == "1", "the second rule to hold")


def test_personal_data_is_taken_out_or_refused(site):
    props = {"plan": "pro", "email": "x", "note": "write to jane@example.com"}
    site.collect(site.event("Order", p=props, path="/u/jane@example.com?utm_term=jane@example.com"))
    site.wait_for_events(1)
    for dimension, expected in [
        ("event:props:plan", "pro"),
        ("event:props:email", "(removed)"),
        ("event:props:note", "(removed)"),
        ("event:page", "/u/(removed)"),
    ]:
        assert site.rows([dimension], ["events"]) == [[expected, 1]]
    rule(site, "personal_data", "any")
    refused = lambda: site.post([site.event("Order", p=props)])[1].get("x-almanac-dropped") == "1"
    wait_until(refused, "the rule to hold")
    site.collect(site.event("Order", p={"plan": "pro"}))
    site.instance.stop()
    files = [path for path in site.instance.data.rglob("*") if path.is_file()]
    assert [path for path in files if b"jane@example.com" in path.read_bytes()] == []


def test_errors_that_differ_in_numbers_are_counted_together(site):
    def error(message, line):
        source = f"https://shop.example/app.js:{line}:1"
        props = {"type": "RangeError", "message": message, "source": source}
        return site.event("error", k="error", i=False, p=props)

    site.collect(error("no size 42", 3), error("no size 43", 9), error("no shape", 3))
    site.wait_for_events(3)
    counts = [row[1] for row in site.rows(["event:props:fingerprint"], ["events"])]
    assert sorted(counts) == [1, 2]


def test_of_an_address_a_project_keeps_the_parameters_that_it_names(members):
    def pages():
        return sorted(page for page, _ in members.rows(["event:page"], ["pageviews"]))

    members.collect(members.event(path="/list?page=2&q=shoes&session=s3cret"))
    members.wait_for_events(1)
    assert pages() == ["/list"]

    # By the owner's key over HTTP, and from the command line.
    words = ["--project", members.project["id"], "--scope", "project:write"]
    key = members.instance.answer("key", "add", *words)["key"]
    headers = {"authorization": f"Bearer {key}"}
    path = f"/api/projects/{members.project['id']}"
    wish = {"query_parameters": ["page", "q"]}
    status, _, text = members.instance.request("PATCH", path, wish, headers)
    assert (status, json.loads(text)["project"]["query_parameters"]) == (200, ["page", "q"])
    members.collect(members.event(path="/list?q=shoes&page=2&session=s3cret"))
    members.collect(members.event(path="/list?q=jane%40example.com"))
    members.wait_for_events(3)
    assert pages() == ["/list", "/list?page=2&q=shoes", "/list?q=(removed)"]

    wish = {"query_parameters": ["a b"]}
    status, _, text = members.instance.request("PATCH", path, wish, headers)
    assert status == 400 and "query_parameters" in text, text
    told = members.instance.answer("project", "change", members.host, "--no-query-parameters")
    assert told["project"]["query_parameters"] == []
    assert told["project"]["hosts"] == [members.host]


def test_client_hints_tell_which_windows_it_is(members):
    chrome = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/142.0.0.0 Safari/537.36"
    )
    hints = {
        "sec-ch-ua": '"Chromium";v="142", "Brave";v="142", "Not_A Brand";v="99"',
        "sec-ch-ua-mobile": "?0",
        "sec-ch-ua-platform": '"Windows"',
        "sec-ch-ua-platform-version": '"15.0.0"',
    }
    members.post([members.event()], agent=chrome, **hints)
    members.wait_for_events(1)
    asked = ["visit:browser", "visit:os", "visit:os_version", "visit:device"]
    assert members.rows(asked, ["visits"]) == [["Brave", "Windows", "11", "Desktop", 1]]
