"""The files of the store read by programs of others while the server writes them: DuckDB and
pyarrow see what the API answers, and docs/data-files.md tells the columns as they are."""

import datetime
import re

import duckdb
import pyarrow.parquet
import pytest

from conftest import ROOT, Site, fresh_id, wait_until

DOCUMENT = ROOT / "docs/data-files.md"
# Rows are sealed into files as soon as may be, and merged every two seconds.
QUICK = {"ALMANAC_STORE_SEAL_AGE_S": "1"}

PAGES = ["/", "/about", "/pricing", "/a b", "/größe"]

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)

TOOL_CALL = {
    "n": "search",
    "kind": "tool_call",
    "tool": {
        "name": "search",
        "service": "catalogue",
        "version": "2.1",
        "status": "error",
        "error_type": "timeout",
        "duration_ms": 12.5,
        "cache_hit": True,
    },
}
MODEL_CALL = {
    "n": "answer",
    "kind": "model_call",
    "model": {
        "provider": "acme",
        "name": "large",
        "version": "large-2026-01",
        "operation": "chat",
        "status": "success",
        "finish_reason": "stop",
        "duration_ms": 900,
        "first_token_ms": 120.25,
        "input_tokens": 1000,
        "output_tokens": 250,
        "cached_tokens": 400,
        "cache_write_tokens": 30,
        "reasoning_tokens": 60,
        "cost_usd": 0.0125,
        "quality": 0.875,
    },
}


class Shop:
    """A site whose events are counted while they are sent, to compare with what is read."""

    def __init__(self, site):
        self.site = site
        self.pages = dict.fromkeys(PAGES, 0)
        self.plans = {"team": 0, "free": 0}
        self.counted = 0

    def visit(self, number):
        page = PAGES[number % len(PAGES)]
        plan = "team" if number % 3 else "free"
        visitor = f"203.0.113.{number % 200}"
        view = self.site.event(path=page.replace(" ", "%20"))
        signup = self.site.event("Signup", page.replace(" ", "%20"), p={"plan": plan, "größe": "XL"})
        self.site.collect(view, signup, ip=visitor)
        self.pages[page] += 1
        self.plans[plan] += 1
        self.counted += 2


@pytest.fixture
def shop(instance):
    project = instance.add_project("shop.example", "Europe/Berlin")
    return Shop(Site(instance.serve(**QUICK), project))


def glob_of(shop):
    project = shop.site.project["id"]
    return str(shop.site.instance.data / f"store/events/{project}/*/*.parquet")


def by_duckdb(question):
    with duckdb.connect() as connection:
        return connection.sql(question).fetchall()


def settled(check, shop):
    """A check of files that a merge may be replacing at this moment: for an instant events are in
    two files, or a listed file is gone. Nothing is being sent, so it must come true and stay."""

    def attempt():
        try:
            check(shop)
        except (AssertionError, duckdb.IOException) as failure:
            attempt.last = failure
            return False
        return True

    attempt.last = None
    wait_until(attempt, lambda: f"the files to agree: {attempt.last}")


def files_of(shop):
    return sorted((shop.site.instance.data / "store/events").rglob("*.parquet"))


def rows_in_files(shop):
    try:
        [(rows,)] = by_duckdb(f"SELECT count(*) FROM read_parquet('{glob_of(shop)}')")
    except duckdb.IOException:
        # There is no file yet, or a merge took one away since DuckDB listed them.
        return None
    return rows


def wait_for_files(shop):
    """Waits until everything that was sent lies in files."""
    wait_until(lambda: rows_in_files(shop) == shop.counted, "all events to be sealed")


def check_duckdb(shop):
    source = f"read_parquet('{glob_of(shop)}', union_by_name = true)"
    pages = by_duckdb(f"SELECT path, count(*) FROM {source} WHERE kind = 'pageview' GROUP BY path")
    assert dict(pages) == {page: count for page, count in shop.pages.items() if count}
    answered = shop.site.rows(["event:page"], ["pageviews"])
    assert {page: count for page, count in answered} == dict(pages)
    plans = by_duckdb(
        f"SELECT properties['plan'], count(*) FROM {source} WHERE name = 'Signup' GROUP BY 1"
    )
    assert dict(plans) == {plan: count for plan, count in shop.plans.items() if count}
    signups = [["is", "event:name", ["Signup"]]]
    answered = shop.site.rows(["event:props:plan"], ["events"], filters=signups)
    assert {plan: count for plan, count in answered} == dict(plans)
    [(first_visitors,)] = by_duckdb(f"SELECT count(DISTINCT visitor) FROM {source}")
    assert shop.site.totals(["visitors"])["visitors"] == first_visitors


def check_pyarrow(shop):
    pages = dict.fromkeys(PAGES, 0)
    plans = {"team": 0, "free": 0}
    for file in files_of(shop):
        table = pyarrow.parquet.read_table(file)
        for row in table.to_pylist():
            assert row["time"].tzinfo is not None
            if row["kind"] == "pageview":
                pages[row["path"]] += 1
            else:
                properties = dict(row["properties"])
                assert properties["größe"] == "XL"
                plans[properties["plan"]] += 1
    assert (pages, plans) == (shop.pages, shop.plans)


def test_other_programs_read_the_files_while_the_server_writes_them(shop):
    for number in range(40):
        shop.visit(number)
    wait_for_files(shop)
    settled(check_duckdb, shop)
    first_files = set(files_of(shop))
    # Each round becomes a file of its own until a merge takes them together.
    number = 40
    while first_files & set(files_of(shop)):
        for _ in range(5):
            shop.visit(number)
            number += 1
        wait_for_files(shop)
        assert number < 4_000, "no merge ever came"
    settled(check_duckdb, shop)
    shop.site.instance.stop()
    check_pyarrow(shop)


def test_files_lie_in_folders_of_project_and_local_day(instance):
    # 2015-05-17 20:00 UTC is the next day in Kolkata.
    instance.add_project("shop.example", "Asia/Kolkata")
    line = '192.0.2.1 - - [17/May/2015:20:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "A browser"\n'
    instance.answer("import", "access-log", "-", "--project", "1", stdin=line.encode())
    [file] = (instance.data / "store/events").rglob("*.parquet")
    assert file.relative_to(instance.data / "store/events").parts[:-1] == ("1", "2015-05-18")
    [row] = pyarrow.parquet.read_table(file).to_pylist()
    assert row["time"] == datetime.datetime(2015, 5, 17, 20, tzinfo=datetime.timezone.utc)


def documented_columns():
    """The table of columns: name to type and whether a row may have none."""
    text = DOCUMENT.read_text()
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", text, re.MULTILINE)
    assert len(rows) == len(dict(rows)), "a column is described twice"
    return dict(rows)


def one_event_with_every_column(site):
    """Events that together have a value in each column that a client can fill."""
    page = "https://shop.example/a?utm_source=x&utm_medium=y&utm_campaign=z&utm_term=t&utm_content=c"
    purchase = {
        "n": "Purchase",
        "u": page,
        "r": "https://news.example/story",
        "t": "A title",
        "s": "1920x1080",
        "l": "de-DE",
        "z": "Europe/Berlin",
        "uid": "user-1",
        "sid": "session-1",
        "id": fresh_id(),
        "i": False,
        "$": {"currency": "EUR", "amount": "12.50"},
        "p": {"plan": "team"},
    }
    engagement = {"n": "engagement", "u": page, "sd": 80, "e": 5400}
    vital = {"n": "web_vital", "kind": "web_vital", "u": page, "p": {"metric": "LCP", "value": "1.25"}}
    return [purchase, engagement, vital, TOOL_CALL, MODEL_CALL]


def test_the_document_names_every_column_with_its_type(instance):
    project = instance.add_project("shop.example", "Europe/Berlin", "stable")
    site = Site(instance.serve(), project)
    for event in one_event_with_every_column(site):
        site.collect({"d": "shop.example", "vid": "browser-1"} | event, agent=WINDOWS)
    # Stopping seals what is in memory.
    instance.stop()
    documented = documented_columns()
    found = {}
    for file in (instance.data / "store/events").rglob("*.parquet"):
        for field in pyarrow.parquet.read_schema(file):
            found[field.name] = str(field.type)
    types = {
        "uint64": "uint64",
        "timestamp": "timestamp[us, tz=UTC]",
        "bool": "bool",
        "text": "dictionary<values=string, indices=int32, ordered=0>",
        "int64": "int64",
        "map of text to text": "map<string, string ('properties')>",
    }
    unknown = found.keys() - documented.keys()
    assert not unknown, "columns that the document does not name"
    for name, written in found.items():
        assert types[documented[name]] == written, name
    # What no event above can fill: places need a database of addresses.
    assert documented.keys() - found.keys() <= {"region", "city", "vital_micros"}


def test_the_example_of_the_document_runs(shop):
    for number in range(12):
        shop.visit(number)
    wait_for_files(shop)
    text = DOCUMENT.read_text()
    example = re.search(r"```sql\n(.*?)```", text, re.DOTALL).group(1)
    question = example.replace("almanac-data", str(shop.site.instance.data))

    def check_example(_):
        rows = by_duckdb(question)
        assert {path: views for _, path, views, _ in rows} == {p: n for p, n in shop.pages.items() if n}

    settled(check_example, shop)


def test_values_have_the_units_of_their_names(instance):
    project = instance.add_project("shop.example", identity="stable")
    site = Site(instance.serve(), project)
    for event in one_event_with_every_column(site):
        site.collect({"d": "shop.example", "vid": "browser-1"} | event, agent=WINDOWS)
    instance.stop()
    by_kind = {}
    with duckdb.connect() as connection:
        files = f"{instance.data}/store/events/*/*/*.parquet"
        events = connection.sql(
            f"SELECT * EXCLUDE (time) FROM read_parquet('{files}', union_by_name = true)"
        )
        for row in events.fetchall():
            event = dict(zip(events.columns, row, strict=True))
            by_kind[event["kind"]] = event
    purchase, engagement = by_kind["custom"], by_kind["engagement"]
    tool, model = by_kind["tool_call"], by_kind["model_call"]
    assert (purchase["revenue_micros"], purchase["currency"]) == (12_500_000, "EUR")
    assert purchase["interactive"] is False
    assert (purchase["country"], purchase["referrer"]) == ("DE", "news.example/story")
    assert (engagement["engaged_ms"], engagement["scroll_depth"]) == (5_400, 80)
    assert (tool["duration_us"], tool["cache_hit"], tool["tool"]) == (12_500, 1, "search")
    assert (model["first_token_us"], model["cost_nanos"]) == (120_250, 12_500_000)
    assert (model["quality_micros"], model["reasoning_tokens"]) == (875_000, 60)
    assert model["model_version"] == "large-2026-01"
