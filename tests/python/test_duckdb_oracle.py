"""A second oracle: DuckDB answers a core set of questions in SQL over the Parquet that the program
exports, and the program must answer the same. The rules are those of docs/semantics.md, written
anew in SQL; nothing here knows how the program works them out."""

import datetime
import json
import random

import duckdb
import pyarrow
import pyarrow.parquet
import pytest

from conftest import Site

SEED = 20_250_609
VISITORS = 120
EVENTS = 4_000
FIRST_DAY = datetime.datetime(2025, 5, 26, tzinfo=datetime.UTC)
DAYS = 21
RANGE = ["2025-05-28", "2025-06-12"]
# The same range as microseconds, the end excluded.
START_US = int(datetime.datetime(2025, 5, 28, tzinfo=datetime.UTC).timestamp() * 1e6)
END_US = int(datetime.datetime(2025, 6, 13, tzinfo=datetime.UTC).timestamp() * 1e6)

PAGES = ["/", "/pricing", "/blog/a", "/blog/b", "/größe"]
SOURCES = ["", "Google", "Bing"]


def events():
    """Events in bursts, so that visits of several events come about, also over midnight."""
    choose = random.Random(SEED)
    made = []
    while len(made) < EVENTS:
        visitor = f"visitor-{choose.randrange(VISITORS)}"
        source = choose.choice(SOURCES)
        at = FIRST_DAY + datetime.timedelta(seconds=choose.randrange(DAYS * 86_400))
        for _ in range(choose.randrange(1, 7)):
            # Microseconds tell events apart, so that no order is left to chance.
            at += datetime.timedelta(seconds=choose.choice([5, 90, 1_700, 1_800, 1_801, 2_500]))
            when = at + datetime.timedelta(microseconds=len(made))
            made.append(event(choose, visitor, when, source))
    return made


def event(choose, visitor, when, source):
    fields = {
        "visitor": visitor,
        "time": when.isoformat().replace("+00:00", "Z"),
        "hostname": "shop.example",
        "path": choose.choice(PAGES),
    }
    if source:
        fields["source"] = source
    kind = choose.choices(["pageview", "custom", "tool_call", "engagement"], [6, 2, 2, 1])[0]
    fields["kind"] = kind
    if kind == "custom":
        fields["name"] = choose.choice(["Signup", "Purchase"])
        if fields["name"] == "Purchase":
            fields["revenue"] = choose.randrange(1, 100_000) / 100
            fields["currency"] = "EUR"
    elif kind == "tool_call":
        fields["name"] = "call"
        fields["tool"] = choose.choice(["search", "fetch"])
        fields["status"] = choose.choice(["success", "success", "error", "cancelled"])
        fields["duration_us"] = choose.randrange(1, 5_000_000)
    else:
        fields["name"] = kind
    return fields


VIEWS = """
create view counted as select * from visited where kind not in ('engagement', 'web_vital');
create view inside as select * from counted where us >= {start} and us < {end};
create view visits as
  select visitor, visit, min(us) as start_us,
    count(*) filter (where kind = 'pageview') as pageviews,
    count(*) filter (where kind in ('custom', 'tool_call', 'model_call')) as interactions,
    max(second) - min(second) as seconds,
    arg_min(path, us) filter (where kind = 'pageview') as entry_page,
    coalesce(arg_min(coalesce(source, ''), us), '') as source
  from visited group by visitor, visit
  having count(*) filter (where kind not in ('engagement', 'web_vital')) > 0;
create view started as select *, pageviews = 1 and interactions = 0 as is_bounce
  from visits where start_us >= {start} and start_us < {end};
"""

VISITED = """
create table visited as
  with gaps as (
    select *, us // 1000000 as second,
      coalesce(us // 1000000 - lag(us // 1000000) over one > 1800, true) as is_new
    from raw window one as (partition by visitor order by us))
  select *, sum(is_new::int) over (partition by visitor order by us) as visit from gaps;
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A running server with the events, and DuckDB with what it exported of them."""
    from conftest import Instance

    folder = tmp_path_factory.mktemp("oracle")
    instance = Instance(folder)
    project = instance.add_project("shop.example", identity="stable")
    site = Site(instance.serve(), project)
    lines = folder / "events.ndjson"
    lines.write_text("".join(json.dumps(one) + "\n" for one in events()))
    instance.answer("import", "ndjson", lines, "--project", "shop.example")
    exported = folder / "events.parquet"
    code, _, errors = instance.run("export", "--project", "shop.example", "-o", exported)
    assert code == 0, errors
    table = pyarrow.parquet.read_table(exported)
    micros = table["time"].cast(pyarrow.timestamp("us", "UTC")).cast(pyarrow.int64())
    raw = table.drop_columns(["time"]).append_column("us", micros)
    with duckdb.connect() as connection:
        connection.register("raw", raw)
        connection.execute(VISITED)
        connection.execute(VIEWS.format(start=START_US, end=END_US))
        assert connection.sql("select count(*) from visited").fetchall()[0][0] >= EVENTS
        yield site, lambda question: connection.sql(question).fetchall()
    instance.stop()


def by_path(site, endpoint, question):
    body = {"site_id": site.host, "date_range": RANGE} | question
    headers = {"authorization": f"Bearer {site.key}", "content-type": "application/json"}
    status, _, text = site.instance.request("POST", f"/api/v2/{endpoint}", body, headers)
    assert status == 200, text
    return json.loads(text)


def test_totals(world):
    site, sql = world
    found = site.totals(["visitors", "visits", "pageviews", "events"], RANGE)
    [[visitors, pageviews, counted]] = sql(
        "select count(distinct visitor), count(*) filter (where kind = 'pageview'), count(*) from inside"
    )
    [[visits]] = sql("select count(*) from started")
    assert list(found.values()) == [visitors, visits, pageviews, counted]


def test_facts_of_visits(world):
    site, sql = world
    metrics = ["views_per_visit", "bounce_rate", "visit_duration"]
    [[views, bounces, seconds]] = sql(
        "select avg(pageviews), avg(is_bounce::int) * 100,"
        " avg(case when is_bounce then 0 else seconds end) from started"
    )
    found = site.totals(metrics, RANGE)
    assert found["views_per_visit"] == pytest.approx(views, abs=0.0051)
    assert found["bounce_rate"] == pytest.approx(bounces, abs=0.51)
    assert found["visit_duration"] == pytest.approx(seconds, abs=0.51)


def test_by_day(world):
    site, sql = world
    expected = sql(
        "select strftime(make_timestamp(us), '%Y-%m-%d') as day, count(distinct visitor),"
        " count(distinct (visitor, visit)), count(*) from inside group by day order by day"
    )
    assert site.rows(["time:day"], ["visitors", "visits", "events"], RANGE) == [
        list(row) for row in expected
    ]


def test_by_page(world):
    site, sql = world
    expected = sql(
        "select path, count(distinct visitor), count(*) filter (where kind = 'pageview') from inside"
        " group by path order by 2 desc, path"
    )
    assert site.rows(["event:page"], ["visitors", "pageviews"], RANGE) == [list(row) for row in expected]


def test_by_source_and_entry_page(world):
    site, sql = world
    expected = sql(
        "select case source when '' then 'Direct / None' else source end,"
        " coalesce(entry_page, '(not set)'), count(*) from started group by all"
    )
    found = site.rows(["visit:source", "visit:entry_page"], ["visits"], RANGE)
    assert sorted(map(tuple, found)) == sorted(expected)


def test_calls_by_tool(world):
    site, sql = world
    expected = sql(
        "select tool, count(*), round(100 * sum((status = 'error')::int)"
        " / sum((status in ('success', 'error'))::int), 1),"
        " round(quantile_disc(duration_us, 0.5) / 1000, 1),"
        " round(quantile_disc(duration_us, 0.95) / 1000, 1) from inside"
        " where kind = 'tool_call' group by tool order by tool"
    )
    metrics = ["calls", "error_rate", "duration_p50_ms", "duration_p95_ms"]
    found = site.rows(
        ["event:tool"], metrics, RANGE,
        filters=[["is_not", "event:tool", [""]]], order_by=[["event:tool", "asc"]],
    )
    assert [row[:2] for row in found] == [list(row[:2]) for row in expected]
    for row, wanted in zip(found, expected, strict=True):
        assert row[2:] == pytest.approx(wanted[2:], abs=0.051)


def test_revenue(world):
    site, sql = world
    [[total, mean]] = sql(
        "select sum(revenue_micros)::double / 1e6, avg(revenue_micros) / 1e6 from inside"
        " where revenue_micros is not null"
    )
    found = site.totals(["total_revenue", "average_revenue"], RANGE)
    assert found["total_revenue"]["value"] == pytest.approx(total, abs=0.0051)
    assert found["average_revenue"]["value"] == pytest.approx(mean, abs=0.0051)
    assert found["total_revenue"]["currency"] == "EUR"


def test_who_has_done_something(world):
    site, sql = world
    [[expected]] = sql(
        "select count(*) from inside where kind = 'pageview' and visitor in"
        " (select visitor from inside where name = 'Purchase')"
    )
    filters = [["has_done", ["is", "event:name", ["Purchase"]]]]
    assert site.totals(["pageviews"], RANGE, filters=filters)["pageviews"] == expected


def test_a_funnel(world):
    site, sql = world
    [expected] = sql(
        "with one as (select visitor, min(us) as reached from inside"
        "   where kind = 'pageview' and path = '/pricing' group by visitor),"
        " two as (select i.visitor, min(us) as reached from inside i join one on i.visitor = one.visitor"
        "   and us > reached where name = 'Signup' group by i.visitor),"
        " three as (select i.visitor from inside i join two on i.visitor = two.visitor"
        "   and us > reached where name = 'Purchase' group by i.visitor)"
        " select (select count(*) from one), (select count(*) from two), (select count(*) from three)"
    )
    page = [["is", "event:name", ["pageview"]], ["is", "event:page", ["/pricing"]]]
    names = [[["is", "event:name", [name]]] for name in ("Signup", "Purchase")]
    steps = [{"filters": filters} for filters in (page, *names)]
    found = by_path(site, "funnel", {"steps": steps})
    assert tuple(step["visitors"] for step in found["steps"]) == expected
    assert expected[2] > 0


def test_retention_by_week(world):
    site, sql = world
    rows = sql(
        "with weeks as (select distinct visitor, us // 86400000000 as day,"
        "   day - (day + 3) % 7 as week from inside),"
        " firsts as (select visitor, min(week) as cohort from weeks group by visitor)"
        " select cohort, (week - cohort) // 7, count(distinct w.visitor) from weeks w"
        " join firsts f on w.visitor = f.visitor group by all"
    )
    found = by_path(site, "retention", {"unit": "week"})["cohorts"]
    first = min(cohort for cohort, _, _ in rows)
    for cohort, period, visitors in rows:
        row = found[(cohort - first) // 7]
        assert row["returned"][period] == visitors, (cohort, period)
    assert sum(sum(row["returned"]) for row in found) == sum(count for _, _, count in rows)
