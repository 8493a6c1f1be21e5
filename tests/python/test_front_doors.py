"""Other people's clients, unmodified from npm and PyPI, and what an owner sees of what they sent.
Bodies that their servers never saw are sent by hand: they must not cost more than a refusal."""

import base64
import gzip
import json
import subprocess

import posthog
import pytest
import segment.analytics as segment

from conftest import BROWSER, ROOT, WAIT_S, Site, fresh_id

NODE = ROOT / "tests/node"
PAGE = "event:page"
NAME = "event:name"
SECRETS = [b"jane@example.com", b"a secret question", b"a secret answer", b"203.0.113.9"]


class Door(Site):
    """A site whose events come through somebody else's client."""

    def __init__(self, instance, project):
        super().__init__(instance, project)
        self.cookie = None
        words = ["--project", project["id"], "--scope", "ingest"]
        self.write_key = instance.answer("key", "add", *words)["key"]

    def by_name(self):
        return {row[0]: row[1] for row in self.rows([NAME], ["events"])}

    def send(self, path, body, **headers):
        """One request of a client's: status, and the JSON of the answer."""
        headers = {"user-agent": BROWSER, "content-type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        status, _, text = self.instance.request("POST", path, body, headers)
        return status, json.loads(text)

    def node(self, program, key):
        """Runs one of the programs beside the clients' packages, and gives what it printed."""
        assert (NODE / "node_modules").is_dir(), "run npm ci in tests/node"
        command = ["node", NODE / f"{program}.mjs", self.instance.base, key]
        ran = subprocess.run(command, capture_output=True, timeout=WAIT_S, check=True, cwd=NODE)
        return ran.stdout.decode()

    def health(self):
        """What the owner is told of the fates of all events."""
        if self.cookie is None:
            words = ["user", "add", "--email", "owner@test.example", "--role", "owner"]
            made = self.instance.answer(*words)
            wish = {"email": "owner@test.example", "password": made["password"]}
            _, headers, _ = self.instance.request("POST", "/api/session", wish)
            self.cookie = headers["set-cookie"].split(";")[0]
        path = f"/api/projects/{self.project['id']}/health"
        return json.loads(self.instance.request("GET", path, headers={"cookie": self.cookie})[2])

    def accounts(self):
        """The fates of this project's events, which must add up."""
        told = self.health()
        refused = {each["reason"]: each["count"] for each in told["refused"]}
        fates = told["accepted"] + told["duplicate"] + sum(refused.values())
        assert told["received"] == fates
        return {"accepted": told["accepted"], "duplicate": told["duplicate"]} | refused

    def unattributed(self):
        """How many events and requests belong to no project."""
        return sum(each["count"] for each in self.health()["unattributed"])

    def stored_bytes(self):
        """Everything in the data directory, after the server has ended."""
        self.instance.stop()
        files = [path for path in self.instance.data.rglob("*") if path.is_file()]
        return b"".join(path.read_bytes() for path in files)


def door(instance, identity="cookieless"):
    project = instance.add_project("shop.example", identity=identity)
    return Door(instance.serve(), project)


@pytest.fixture
def shop(instance):
    """A cookieless project."""
    return door(instance)


@pytest.fixture
def members(instance):
    """A project that knows its visitors."""
    return door(instance, "stable")


def assert_no_secrets(shop):
    """Nothing that models were told, no address and no mail address is on disk."""
    stored = shop.stored_bytes()
    assert [secret for secret in SECRETS if secret in stored] == []


def test_umami_node(shop):
    said = shop.node("umami", "shop.example")
    assert [line.split()[0] for line in said.splitlines()] == ["200"] * 4, said
    shop.wait_for_events(4)
    assert shop.by_name() == {"pageview": 1, "signup": 1, "order": 1, "identify": 1}
    assert shop.rows([PAGE], ["pageviews"], filters=[["is", NAME, ["pageview"]]]) == [["/pricing", 1]]
    assert shop.rows(["event:props:plan"], ["events"], filters=[["is", NAME, ["signup"]]]) == [["pro", 1]]
    assert shop.rows(["visit:source"], ["visits"]) == [["news", 1]]
    [row] = shop.rows([NAME], ["total_revenue"], filters=[["is", NAME, ["order"]]])
    assert row[1]["value"] == 12.5 and row[1]["currency"] == "EUR"
    assert_no_secrets(shop)


def umami(payload, kind="event"):
    return {"type": kind, "payload": {"website": "shop.example"} | payload}


def test_umami_script_shape(shop):
    view = {"hostname": "www.shop.example", "url": "/a?x=1", "screen": "1920x1080", "language": "de",
            "title": "A", "referrer": "https://www.google.com/"}
    assert shop.send("/api/send", umami(view))[0] == 200
    # The id that a page had at Umami leads nowhere here; the host of the page does.
    kept = umami(view | {"website": fresh_id(), "url": "/b"})
    assert shop.send("/api/send", kept, x_umami_cache="token")[0] == 200
    status, answer = shop.send("/api/send", umami({"website": "gone", "url": "/c"}))
    assert status == 400 and "names no project" in answer["error"]["message"]
    assert shop.send("/api/send", umami(view, "surprise"))[0] == 400
    assert shop.send("/api/send", umami(view), user_agent="Googlebot/2.1") == (200, {"beep": "boop"})
    status, answer = shop.send("/api/batch", [umami(view), umami({"website": "gone"}), 7])
    assert status == 200 and (answer["size"], answer["processed"], answer["errors"]) == (3, 1, 2)
    measured = umami({"url": "/a", "lcp": 1200, "cls": 0.1}, "performance")
    assert shop.send("/api/send", measured)[0] == 200
    shop.wait_for_events(3)
    assert shop.rows([PAGE], ["pageviews", "visitors"]) == [["/a", 2, 1], ["/b", 1, 1]]
    assert shop.rows(["visit:screen"], ["visits"]) == [["1920x1080", 1]]
    assert shop.rows(["visit:source"], ["visits"]) == [["Google", 1]]
    allowed = shop.instance.request("OPTIONS", "/api/send")[1]["access-control-allow-headers"]
    assert "x-umami-cache" in allowed


CALLS = ["calls", "errors", "duration_mean_ms"]
TOKENS = ["calls", "input_tokens", "output_tokens", "cost_usd"]


def check_posthog(shop):
    """The same six events, whichever client sent them."""
    shop.wait_for_events(6)
    identify = "$identify" if "$identify" in shop.by_name() else "$set"
    assert shop.by_name() == {
        "pageview": 2, "order": 1, identify: 1, "tool_call": 1, "model_call": 1
    }
    views = [["is", NAME, ["pageview"]]]
    assert shop.rows([PAGE], ["visitors"], filters=views) == [["/pricing", 2]]
    assert shop.rows(["visit:source"], ["visits"], filters=views) == [["news", 2]]
    assert shop.rows(["event:props:plan"], ["events"], filters=[["is", NAME, ["order"]]]) == [["pro", 1]]
    [row] = shop.rows([NAME], ["total_revenue"], filters=[["is", NAME, ["order"]]])
    assert row[1]["value"] == 12.5 and row[1]["currency"] == "EUR"
    tools = ["event:tool", "event:service", "event:status", "event:error_type"]
    called = [["is", NAME, ["tool_call"]]]
    assert shop.rows(tools, CALLS, filters=called) == [["search", "docs", "error", "TimeoutError", 1, 1, 250]]
    models = ["event:provider", "event:model", "event:operation", "event:status"]
    called = [["is", NAME, ["model_call"]]]
    assert shop.rows(models, TOKENS, filters=called) == [
        ["anthropic", "claude", "chat", "success", 1, 100, 20, 0.01]
    ]


def test_posthog_node(members):
    said = members.node("posthog", members.write_key)
    assert said == "flags {}\n"
    check_posthog(members)
    assert_no_secrets(members)


@pytest.mark.parametrize("packed", [False, True])
def test_posthog_python(members, packed):
    errors = []
    client = posthog.Posthog(
        members.write_key,
        host=members.instance.base,
        gzip=packed,
        max_retries=0,
        on_error=lambda error, batch: errors.append(error),
    )
    page = {"$current_url": "https://shop.example/pricing?utm_source=news"}
    client.capture("$pageview", distinct_id="jane", properties=page)
    client.capture("$pageview", distinct_id="john", properties=page)
    order = {"plan": "pro", "revenue": 12.5, "currency": "EUR", "email": "jane@example.com"}
    client.capture("order", distinct_id="jane", properties=order)
    client.set(distinct_id="jane", properties={"team": "blue", "email": "jane@example.com"})
    tool = {
        "$mcp_tool_name": "search",
        "$mcp_server_name": "docs",
        "$mcp_duration_ms": 250,
        "$mcp_is_error": True,
        "$mcp_error_type": "TimeoutError",
        "$mcp_error_message": "jane@example.com was not found",
    }
    client.capture("$mcp_tool_call", distinct_id="jane", properties=tool)
    model = {
        "$ai_provider": "anthropic",
        "$ai_model": "claude",
        "$ai_input": [{"role": "user", "content": "a secret question"}],
        "$ai_output_choices": [{"role": "assistant", "content": "a secret answer"}],
        "$ai_input_tokens": 100,
        "$ai_output_tokens": 20,
        "$ai_latency": 1.5,
        "$ai_total_cost_usd": 0.01,
    }
    client.capture("$ai_generation", distinct_id="jane", properties=model)
    assert client.get_all_flags("jane") == {}
    client.shutdown()
    assert errors == []
    check_posthog(members)
    assert_no_secrets(members)


def test_posthog_browser_shapes(shop):
    event = {"event": "$pageview", "uuid": fresh_id(), "offset": 1500, "properties": {
        "token": shop.write_key, "distinct_id": "anonymous", "$lib": "web", "$screen_width": 390,
        "$screen_height": 844, "$current_url": "https://shop.example/a", "$referrer": "$direct"}}
    packed = gzip.compress(json.dumps([event]).encode())
    path = "/e/?ip=0&ver=1.400.0&compression=gzip-js"
    assert shop.send(path, packed, content_type="text/plain")[0] == 200
    other = event | {"uuid": fresh_id()}
    form = b"data=" + base64.b64encode(json.dumps(other).encode()).replace(b"+", b"%2B")
    kind = "application/x-www-form-urlencoded"
    assert shop.send("/e/?compression=base64", form, content_type=kind)[0] == 200
    shop.wait_for_events(2)
    assert shop.rows([PAGE], ["pageviews", "visitors"]) == [["/a", 2, 1]]
    assert shop.rows(["visit:screen"], ["visits"]) == [["390x844", 1]]
    status, _, text = shop.instance.request("GET", "/array/key/config")
    assert status == 200 and json.loads(text)["sessionRecording"] is False


def segment_python(shop, packed, errors):
    client = segment.Client(
        shop.write_key,
        host=shop.instance.base,
        gzip=packed,
        max_retries=0,
        on_error=lambda error, batch: errors.append(error),
    )
    context = {
        "ip": "203.0.113.9",
        "userAgent": BROWSER,
        "campaign": {"source": "news", "medium": "email", "name": "spring"},
    }
    page = {"url": "https://shop.example/pricing"}
    client.page(anonymous_id="a-1", name="Pricing", properties=page, context=context)
    client.page(anonymous_id="a-2", name="Pricing", properties=page, context=context)
    client.identify("jane", {"team": "blue", "email": "jane@example.com"}, anonymous_id="a-1")
    order = {"plan": "pro", "revenue": 12.5, "currency": "EUR"}
    client.track("jane", "order", order, context=context, anonymous_id="a-1")
    for _ in range(2):
        client.track("jane", "opened", message_id="the-same")
    client.flush()
    client.join()


def check_segment(shop):
    shop.wait_for_events(5)
    assert shop.by_name() == {"pageview": 2, "identify": 1, "order": 1, "opened": 1}
    views = [["is", NAME, ["pageview"]]]
    assert shop.rows([PAGE, "event:props:page_name"], ["visitors"], filters=views) == [
        ["/pricing", "Pricing", 2]
    ]
    campaign = ["visit:source", "visit:utm_medium", "visit:utm_campaign", "visit:browser"]
    assert shop.rows(campaign, ["visits"], filters=views) == [["news", "email", "spring", "Firefox", 2]]
    [row] = shop.rows(["event:props:plan"], ["total_revenue"], filters=[["is", NAME, ["order"]]])
    assert row[0] == "pro" and row[1]["value"] == 12.5 and row[1]["currency"] == "EUR"
    named = [["is", NAME, ["identify"]]]
    assert shop.rows(["event:props:user.team"], ["events"], filters=named) == [["blue", 1]]
    assert_no_secrets(shop)


def test_segment_node(members):
    assert members.node("segment", members.write_key) == ""
    check_segment(members)


@pytest.mark.parametrize("packed", [False, True])
def test_segment_python(members, packed):
    errors = []
    segment_python(members, packed, errors)
    assert errors == []
    check_segment(members)


def test_each_method_of_segment_has_a_path_of_its_own(shop):
    basic = "Basic " + base64.b64encode(f"{shop.write_key}:".encode()).decode()
    who = {"userId": "jane"}
    page = who | {"properties": {"url": "https://shop.example/a", "title": "A"}}
    for path, message in [
        ("/v1/track", who | {"event": "bought"}),
        ("/v1/page", page),
        ("/v1/screen", who | {"name": "Home"}),
        ("/v1/identify", who | {"traits": {"plan": "pro"}}),
        ("/v1/group", who | {"groupId": "g-1"}),
        ("/v1/alias", who | {"previousId": "a-1"}),
    ]:
        status, answer = shop.send(path, message, authorization=basic)
        assert (status, answer["success"], answer["accepted"]) == (200, True, 1), path
    shop.wait_for_events(6)
    assert shop.by_name() == dict.fromkeys(["bought", "pageview", "screen", "identify", "group", "alias"], 1)


def test_the_wrong_key_is_told_to_every_client(shop):
    told = []
    client = posthog.Posthog("alm_i_wrong", host=shop.instance.base, max_retries=0,
                             on_error=lambda error, batch: told.append(error))
    client.capture("order", distinct_id="jane")
    client.shutdown()
    assert told[0].status == 401 and "ingest key" in str(told[0])
    client = segment.Client("nowhere.example", host=shop.instance.base, max_retries=0,
                            on_error=lambda error, batch: told.append(error))
    client.track("jane", "order")
    client.flush()
    client.join()
    assert told[1].status == 401
    assert "401" in shop.node("posthog", "alm_i_wrong")
    assert "[401]" in shop.node("segment", "alm_i_wrong")
    said = shop.node("umami", "nowhere.example")
    assert [line.split()[0] for line in said.splitlines()] == ["400"] * 4


def batch(shop, *events, **rest):
    return {"api_key": shop.write_key, "batch": list(events)} | rest


def test_sending_again_changes_nothing_behind_any_door(shop):
    event = {"event": "order", "distinct_id": "jane", "uuid": fresh_id()}
    message = {"type": "track", "userId": "jane", "event": "order", "messageId": "node-1-a"}
    for path, body in [
        ("/batch/", batch(shop, event, event)),
        ("/v1/batch", {"writeKey": shop.write_key, "batch": [message, message]}),
    ]:
        first, again = (shop.send(path, body)[1] for _ in range(2))
        assert (first["accepted"], first["duplicate"]) == (1, 1), first
        assert (again["accepted"], again["duplicate"]) == (0, 2), again
    key = {"idempotency_key": fresh_id()}
    for _ in range(2):
        assert shop.send("/api/send", umami({"name": "order"}), **key)[0] == 200
    shop.wait_for_events(3)
    assert shop.by_name() == {"order": 3}


BAD = [
    ("", 400),
    ("{", 400),
    ("null", 400),
    ("7", 400),
    ("[" * 100_000, 400),
    ('{"a":' * 100_000, 400),
    ('{"batch":[' + "0," * 50_000 + "0]}", 400),
    ('{"batch":' + json.dumps([{}] * 101) + "}", 413),
    ("x" * (2 << 20), 413),
]


@pytest.mark.parametrize("path", ["/batch/", "/e/", "/i/v0/e/", "/api/send", "/api/batch", "/v1/batch", "/v1/track"])
def test_hostile_bodies_are_refused_and_counted(shop, path):
    counted = shop.unattributed()
    for body, status in BAD:
        found, _ = shop.send(path, body.encode())
        assert 400 <= found < 500, (path, body[:40])
        if path in ("/batch/", "/v1/batch"):
            assert found in (status, 401), (path, body[:40], found)
    bomb = gzip.compress(b" " * (64 << 20))
    assert shop.send(path, bomb, content_encoding="gzip")[0] == 413
    assert shop.send(path, b"\x1f\x8bnot gzip", content_encoding="gzip")[0] == 400
    assert shop.unattributed() == counted + len(BAD) + 2
    assert shop.instance.request("GET", "/healthz")[0] == 200


def test_odd_values_are_taken_as_absent_or_refused_one_by_one(shop):
    odd = [
        {"event": "a", "distinct_id": ["x"], "properties": 7, "timestamp": "yesterday", "uuid": {}},
        {"event": "b", "distinct_id": 5, "properties": {"$current_url": "data:text/html,x"}},
        {"event": "c" * 200, "distinct_id": "jane"},
        {"event": "d", "distinct_id": "jane", "timestamp": "2001-01-01T00:00:00Z"},
        {"event": "$pageview", "distinct_id": "jane", "properties": {}},
        {"event": "$mcp_tool_call", "distinct_id": "jane", "properties": {
            "$mcp_tool_name": "jane@example.com", "$mcp_duration_ms": -1}},
        {"event": "$ai_generation", "distinct_id": "jane", "properties": {"$ai_input_tokens": 1e30}},
        {"event": "\u0000\u202e", "distinct_id": "jane"},
        7,
    ]
    status, answer = shop.send("/batch/", batch(shop, *odd))
    assert status == 200, answer
    assert (answer["accepted"], answer["dropped"]) == (2, 1), answer
    reasons = {each["index"]: each["reason"] for each in answer["rejected"]}
    assert reasons == {1: "invalid_value", 2: "invalid_value", 4: "invalid_value",
                       5: "personal_data", 7: "invalid_value", 8: "invalid_value"}
    shop.wait_for_events(2)
    fates = {"accepted": 2, "duplicate": 0, "invalid_value": 5, "personal_data": 1, "invalid_time": 1}
    assert shop.accounts() == fates


def test_keys_in_bodies_are_limited_like_those_in_headers(instance):
    project = instance.add_project("shop.example")
    limits = {"ALMANAC_RATE_LIMIT_COLLECTION_PER_S": "1", "ALMANAC_RATE_LIMIT_COLLECTION_BURST": "3"}
    shop = Door(instance.serve(**limits), project)
    body = batch(shop, {"event": "order", "distinct_id": "jane"})
    # Each from another address, so that only the key can be what is limited.
    answers = [shop.send("/batch/", body, x_forwarded_for=f"203.0.113.{at}")[0] for at in range(50)]
    assert answers[0] == 200 and 429 in answers
