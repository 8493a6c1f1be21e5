"""The numbers and messages of a running server, asked over HTTP: visitors that differ by address,
visits, days of a time zone, filters, order, pages, comparisons, and every shape an event may have."""

import datetime
import gzip
import json
import zoneinfo

import pytest

from conftest import Site, fresh_id

COUNTS = ["visitors", "visits", "pageviews", "events"]


def at(moment):
    """The fields with which a client says that an event happened at another time."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"at": int(moment.timestamp() * 1000), "sent_at": int(now.timestamp() * 1000)}


def yesterday(time_zone):
    """Yesterday's date, and the instant at which it began."""
    zone = zoneinfo.ZoneInfo(time_zone)
    day = datetime.datetime.now(zone).date() - datetime.timedelta(days=1)
    return day, datetime.datetime.combine(day, datetime.time(), zone)


@pytest.fixture
def kolkata(instance):
    """A site whose days begin at half past an hour; its visitors say who they are."""
    project = instance.add_project("shop.example", "Asia/Kolkata", "stable")
    return Site(instance.serve(), project)


def test_addresses_and_user_agents_tell_visitors_apart(site):
    page = site.event()
    site.collect(page, page, ip="203.0.113.1")
    site.collect(page, ip="203.0.113.2")
    site.collect(page, ip="2001:db8::1")
    site.collect(page, ip="203.0.113.1", agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)")
    # The last proxy's word counts; what a client claims before it does not.
    site.collect(page, ip="198.51.100.9, 203.0.113.2")
    site.wait_for_events(6)
    assert site.totals(COUNTS) == {"visitors": 4, "visits": 4, "pageviews": 6, "events": 6}
    assert site.totals(["visitors"], "day")["visitors"] == 4


def test_bounces_engagement_and_duration(kolkata):
    site = kolkata
    _, start = yesterday("Asia/Kolkata")
    noon = start + datetime.timedelta(hours=12)

    def send(visitor, seconds, name="pageview", **fields):
        moment = noon + datetime.timedelta(seconds=seconds)
        site.collect(site.event(name, vid=visitor, **at(moment), **fields))

    # One page and nothing else: a bounce, however long it was read.
    send("reader", 0)
    send("reader", 300, "engagement", e=300_000, sd=90)
    # One page and something done on it: no bounce.
    send("buyer", 0)
    send("buyer", 60, "Purchase")
    # One page and something that does not count as doing: a bounce.
    send("watcher", 0)
    send("watcher", 60, "Video seen", i=False)
    # Two pages, then engagement on the last: its end is the end of the visit.
    send("walker", 0)
    send("walker", 100, path="/next")
    send("walker", 140, "engagement", path="/next", e=40_000, sd=50)
    # Silence of more than half an hour begins another visit, half an hour does not.
    send("returner", 0)
    send("returner", 1800)
    send("returner", 3601)
    site.wait_for_events(10)
    metrics = ["visitors", "visits", "bounce_rate", "visit_duration", "views_per_visit"]
    # Bounces: reader, watcher, the returner's second visit. Durations: 60, 140, 1800 of six visits.
    assert site.totals(metrics) == {
        "visitors": 5,
        "visits": 6,
        "bounce_rate": 50,
        "visit_duration": round(2000 / 6),
        "views_per_visit": 1.33,
    }


def test_days_are_those_of_the_project(kolkata):
    site = kolkata
    day, start = yesterday("Asia/Kolkata")
    minutes = datetime.timedelta(minutes=10)
    site.collect(site.event(vid="owl", **at(start - minutes)))
    site.collect(site.event(vid="owl", path="/late", **at(start + minutes)))
    site.collect(site.event(vid="lark", **at(start + 40 * minutes)))
    site.wait_for_events(3)
    before = day - datetime.timedelta(days=1)
    days = [before.isoformat(), day.isoformat()]
    # The owl's visit goes on over midnight: it counts on both days and is one visit in all.
    assert site.rows(["time:day"], ["visitors", "visits", "pageviews"], days) == [
        [days[0], 1, 1, 1],
        [days[1], 2, 2, 2],
    ]
    assert site.totals(["visits"], days) == {"visits": 2}
    # Alone, each day has the visits that started in it.
    assert site.totals(["visits", "visitors"], [days[0]] * 2) == {"visits": 1, "visitors": 1}
    assert site.totals(["visits", "visitors"], [days[1]] * 2) == {"visits": 1, "visitors": 2}
    hours = site.rows(["time:hour"], ["pageviews"], days)
    assert [row for row in hours if row[1]] == [
        [f"{days[0]} 23:00:00", 1],
        [f"{days[1]} 00:00:00", 1],
        [f"{days[1]} 06:00:00", 1],
    ]


def test_a_period_is_compared_with_the_one_before(kolkata):
    site = kolkata
    day, start = yesterday("Asia/Kolkata")
    hour = datetime.timedelta(hours=1)
    for visitor in ["a", "b"]:
        site.collect(site.event(vid=visitor, **at(start - hour)))
    for visitor in ["a", "c", "d"]:
        site.collect(site.event(vid=visitor, path="/new", **at(start + hour)))
    site.wait_for_events(5)
    compare = {"comparisons": {"mode": "previous_period"}}
    [row] = site.ask(["visitors", "bounce_rate"], [day.isoformat()] * 2, include=compare)["results"]
    assert row["metrics"] == [3, 100]
    assert row["comparison"]["metrics"] == [2, 100]
    assert row["comparison"]["change"] == [50, 0]
    pages = site.ask(["pageviews"], [day.isoformat()] * 2, dimensions=["event:page"], include=compare)
    [row] = pages["results"]
    assert (row["dimensions"], row["metrics"]) == (["/new"], [3])
    assert (row["comparison"]["metrics"], row["comparison"]["change"]) == ([0], [100])


@pytest.fixture
def shelf(site):
    """Ten views of five pages, and sign-ups with properties."""
    for number, (path, views) in enumerate([("/", 4), ("/Blog", 3), ("/blog/a", 1), ("/blog/b", 1), ("/shop", 1)]):
        for view in range(views):
            site.collect(site.event(path=path), ip=f"203.0.113.{number * 10 + view + 1}")
    site.collect(site.event("Signup", "/", p={"plan": "team", "seats": 5}), ip="203.0.113.1")
    site.collect(site.event("Signup", "/", p={"plan": "free"}), ip="203.0.113.2")
    site.collect(site.event("Signup", "/shop"), ip="203.0.113.41")
    site.wait_for_events(13)
    return site


PAGE = "event:page"
FILTERED = [
    ([["is", PAGE, ["/", "/shop"]]], {"/": 4, "/shop": 1}),
    ([["is_not", PAGE, ["/", "/shop"]]], {"/Blog": 3, "/blog/a": 1, "/blog/b": 1}),
    ([["contains", PAGE, ["blog"]]], {"/blog/a": 1, "/blog/b": 1}),
    ([["contains", PAGE, ["blog"], {"case_sensitive": False}]], {"/Blog": 3, "/blog/a": 1, "/blog/b": 1}),
    ([["contains_not", PAGE, ["log"]]], {"/": 4, "/shop": 1}),
    ([["matches", PAGE, ["^/blog/[a-z]$"]]], {"/blog/a": 1, "/blog/b": 1}),
    ([["matches", PAGE, ["(?i)^/blog$", "op$"]]], {"/Blog": 3, "/shop": 1}),
    ([["not", ["contains", PAGE, ["log"]]]], {"/": 4, "/shop": 1}),
    ([["or", [["is", PAGE, ["/shop"]], ["contains", PAGE, ["/a"]]]]], {"/shop": 1, "/blog/a": 1}),
    ([["and", [["contains", PAGE, ["blog"]], ["not", ["matches", PAGE, ["b$"]]]]]], {"/blog/a": 1}),
    ([["contains", PAGE, ["blog"]], ["is_not", PAGE, ["/blog/b"]]], {"/blog/a": 1}),
    ([["is", PAGE, ["/nowhere"]]], {}),
]


@pytest.mark.parametrize("case", range(0, len(FILTERED), 4))
def test_filters(shelf, case):
    for filters, expected in FILTERED[case : case + 4]:
        rows = shelf.rows([PAGE], ["pageviews"], filters=filters)
        assert dict(rows) == expected, json.dumps(filters)


def test_order_and_pages_of_rows(shelf):
    def pages(**rest):
        return [row[0] for row in shelf.rows([PAGE], ["pageviews"], **rest)]

    by_views = ["/", "/Blog", "/blog/a", "/blog/b", "/shop"]
    assert pages() == by_views
    assert pages(order_by=[["pageviews", "asc"], [PAGE, "desc"]]) == ["/shop", "/blog/b", "/blog/a", "/Blog", "/"]
    assert pages(order_by=[[PAGE, "asc"]]) == sorted(by_views)
    assert pages(pagination={"limit": 2}) == by_views[:2]
    assert pages(pagination={"limit": 2, "offset": 2}) == by_views[2:4]
    assert pages(pagination={"limit": 2, "offset": 4}) == by_views[4:]
    assert pages(pagination={"limit": 2, "offset": 6}) == []
    answer = shelf.ask(
        ["pageviews"], dimensions=[PAGE], pagination={"limit": 2}, include={"total_rows": True}
    )
    assert answer["meta"]["total_rows"] == 5


def test_properties_are_dimensions_and_filters(shelf):
    signups = [["is", "event:name", ["Signup"]]]
    assert shelf.rows(["event:props:plan"], ["events", "visitors"], filters=signups) == [
        ["(none)", 1, 1],
        ["free", 1, 1],
        ["team", 1, 1],
    ]
    assert shelf.rows(["event:props:seats"], ["events"], filters=[["is", "event:props:seats", ["5"]]]) == [
        ["5", 1]
    ]
    of_team = [["is", "event:props:plan", ["team"]]]
    assert shelf.totals(["events", "pageviews"], filters=of_team) == {"events": 1, "pageviews": 0}


REFUSALS = [
    ({"metrics": ["visitor"]}, "#/metrics/0: unknown metric \"visitor\""),
    ({"metrics": []}, "#/metrics: "),
    ({"metrics": "visitors"}, "#/metrics: expected "),
    ({"date_range": "8x"}, "#/date_range: "),
    ({"date_range": ["2026-02-30", "2026-03-01"]}, "#/date_range/0: \"2026-02-30\" is not a date"),
    ({"date_range": ["2026-03-02", "2026-03-01"]}, "#/date_range: ends on 2026-03-01, before it starts"),
    ({"dimensions": ["event:pages"]}, "#/dimensions/0: unknown dimension \"event:pages\""),
    ({"filters": [["is", "event:page"]]}, "#/filters/0: expected [operator, dimension, [values], modifiers?]"),
    ({"filters": [["equals", "event:page", ["/"]]]}, "#/filters/0/0: "),
    ({"filters": [["is", "event:page", []]]}, "#/filters/0/2: is empty; give at least one value"),
    ({"filters": [["matches", "event:page", ["("]]]}, "#/filters/0/2/0: "),
    ({"filters": [["or", []]]}, "#/filters/0/1: is empty"),
    ({"filters": [["not", ["is", "time", ["x"]]]]}, "#/filters/0/1/1: time cannot be filtered"),
    ({"order_by": [["visitors", "up"]]}, "#/order_by/0/1: unknown direction \"up\"; asc or desc"),
    ({"pagination": {"limit": 0}}, "#/pagination/limit: "),
    ({"include": {"imports": "yes"}}, "#/include/imports: "),
    ({"metric": ["visitors"]}, "#/metric: unknown key \"metric\""),
    ({"metrics": ["bounce_rate"], "dimensions": ["event:name"]}, "#/metrics/0: "),
]


def test_refusals_point_at_the_mistake(site):
    for change, expected in REFUSALS:
        status, answer = site.ask_raw({"metrics": ["visitors"], "date_range": "7d"} | change)
        assert (status, set(answer)) == (400, {"error"}), change
        assert answer["error"].startswith(expected), answer["error"]
    headers = {"authorization": f"Bearer {site.key}"}
    status, _, text = site.instance.request("POST", "/api/v2/query", b"{", headers)
    assert (status, set(json.loads(text))) == (400, {"error"})


def test_only_a_stats_key_of_the_project_asks(site):
    question = {"site_id": "shop.example", "metrics": ["visitors"], "date_range": "7d"}
    words = ["--project", "1", "--scope", "ingest"]
    ingest = site.instance.answer("key", "add", *words)["key"]
    other = site.instance.add_project("other.example")
    words = ["--project", other["id"], "--scope", "stats"]
    foreign = site.instance.answer("key", "add", *words)["key"]

    def status(key, question=question):
        headers = {"authorization": f"Bearer {key}"} if key else {}
        status, _, text = site.instance.request("POST", "/api/v2/query", question, headers)
        if status != 200:
            assert json.loads(text)["error"]
        return status

    assert status(site.key) == 200
    assert status(None) == status("alm_s_wrong") == status(site.key[:-1] + "x") == 401
    assert status(ingest) == 403
    # Whether a project of others exists is nobody's business.
    assert status(foreign) == status(foreign, question | {"site_id": "nowhere.example"}) == 404


def test_short_and_long_names_mean_the_same(site):
    url = "https://shop.example/buy?utm_source=news"
    short = {
        "n": "Buy",
        "u": url,
        "d": "shop.example",
        "r": "https://www.google.com/",
        "p": {"plan": "team"},
        "$": {"currency": "EUR", "amount": "12.50"},
        "s": "1920x1080",
        "z": "Europe/Berlin",
    }
    long = {
        "name": "Buy",
        "url": url,
        "domain": "shop.example",
        "referrer": "https://www.google.com/",
        "props": {"plan": "team"},
        "revenue": {"currency": "EUR", "amount": 12.5},
        "screen": "1920x1080",
        "time_zone": "Europe/Berlin",
    }
    as_text = long | {"props": '{"plan": "team"}', "revenue": '{"currency":"EUR","amount":"12.50"}'}
    metadata = {name: value for name, value in long.items() if name != "props"}
    bodies = [short, long, as_text, metadata | {"meta": {"plan": "team"}}, metadata | {"m": '{"plan":"team"}'}]
    for number, body in enumerate(bodies):
        site.collect(body, ip=f"203.0.113.{number + 1}")
    site.wait_for_events(len(bodies))
    for dimension, value in [
        ("event:name", "Buy"),
        ("event:page", "/buy"),
        ("event:props:plan", "team"),
        ("visit:utm_source", "news"),
        ("visit:source", "news"),
        ("visit:screen", "1920x1080"),
        ("visit:country", "DE"),
        ("visit:browser", "Firefox"),
    ]:
        assert site.rows([dimension], ["events"]) == [[value, len(bodies)]], dimension


def test_bodies_may_be_one_many_or_packed(site):
    one = json.dumps(site.event()).encode()
    many = json.dumps([site.event(), site.event("Click")]).encode()
    assert site.post(one)[0] == 202
    assert site.post(many, content_type="application/json")[0] == 202
    assert site.post(gzip.compress(many), content_encoding="gzip")[0] == 202
    status, _, text = site.post(one)
    assert (status, text) == (202, "ok")
    site.wait_for_events(6)


def test_an_event_that_is_sent_again_changes_nothing(site):
    event = site.event(id=fresh_id())
    site.collect(event)
    site.post(event)
    site.collect(site.event("Last"))
    site.wait_for_events(2)
    assert site.totals(["pageviews"]) == {"pageviews": 1}


def test_what_is_not_taken_is_said_and_counted(site):
    bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    status, headers, _ = site.post(site.event(), agent=bot)
    assert (status, headers["x-almanac-dropped"], headers["x-plausible-dropped"]) == (202, "1", "1")
    stranger = site.event() | {"u": "https://evil.example/"}
    status, headers, _ = site.post([stranger, site.event()])
    assert (status, headers["x-almanac-dropped"]) == (202, "1")
    site.wait_for_events(1)
    for body, field, reason in [
        ({"n": "pageview", "d": "shop.example"}, "url", "is required"),
        ({"u": "https://shop.example/", "d": "shop.example"}, "name", "is required"),
        (site.event(u="no address"), "u", "must be an absolute address such as https://shop.example/cart"),
        (site.event("engagement"), "n", "engagement needs scroll_depth or engaged_ms"),
        (site.event(id="7"), "id", "must be a UUID"),
        (site.event(p=[1]), "p", "must be an object or JSON text of one"),
        (site.event(**{"$": {"amount": "x"}}), "$", "must have a currency and a decimal amount"),
    ]:
        status, _, text = site.post(body)
        assert (status, json.loads(text)["errors"]) == (400, {field: [reason]}), body
    for body in [b"", b"{", b"[1]", b'"text"']:
        assert site.post(body)[0] == 400, body
    assert site.post([site.event()] * 101)[0] == 413
    assert site.post(json.dumps(site.event(path="/" + "x" * (2 << 20))).encode())[0] == 413
