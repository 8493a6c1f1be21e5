"""Events in bulk: what one project exports, in every format, another imports and answers alike;
pyarrow and DuckDB read and write the same files; and importing twice changes nothing."""

import csv
import gzip
import io
import json

import duckdb
import pyarrow
import pyarrow.parquet
import pytest

from conftest import BROWSER, Site

FORMATS = ["parquet", "ndjson", "csv"]
TOTALS = ["visitors", "visits", "pageviews", "events", "bounce_rate", "visit_duration"]
DAYS = 3
# 2025-06-01T00:00:00Z.
BEGIN_S = 1_748_736_000


def rows():
    """Enriched events as other programs have them: 3 days, texts that need escaping, properties."""
    made = []
    for number in range(1_200):
        made.append(
            {
                "visitor": (number * 7_919) % 97 + 2**63,
                "time": BEGIN_S * 1_000_000 + number * (DAYS * 86_400_000_000 // 1_200) + 250,
                "kind": ["pageview", "custom", "engagement"][number % 3],
                "name": ["pageview", 'Sign "up", now', "engagement"][number % 3],
                "interactive": number % 4 > 0,
                "hostname": "shop.example",
                "path": ["/", "/a,b", '/"quoted"', "/größe", "/line\nbreak"][number % 5],
                "country": ["DE", "US", None][number % 3],
                "engaged_ms": 1_500 if number % 3 == 2 else None,
                "properties": [("plan", "team"), ("größe", '"XL", €')] if number % 3 == 1 else [],
            }
        )
    return made


def write_parquet(path, made):
    properties = pyarrow.map_(pyarrow.string(), pyarrow.string())
    schema = pyarrow.schema(
        [
            ("visitor", pyarrow.uint64()),
            ("time", pyarrow.timestamp("us", "UTC")),
            ("kind", pyarrow.string()),
            ("name", pyarrow.string()),
            ("interactive", pyarrow.bool_()),
            ("hostname", pyarrow.string()),
            ("path", pyarrow.string()),
            ("country", pyarrow.string()),
            ("engaged_ms", pyarrow.int64()),
            ("properties", properties),
        ]
    )
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(made, schema), path)


def imported(instance, path, project, *words):
    """Imports a file: rows read, events that are new, events that were there."""
    ending = path.suffix.removeprefix(".")
    report = instance.answer("import", ending, path, "--project", project, *words)
    assert report["unreadable"] == 0 and report["refused"] == {}, report
    return report["rows"], report["imported"], report["duplicate"]


def answers(site):
    """What a project answers to many questions."""
    told = [site.totals(TOTALS)]
    for dimension in ["event:page", "event:name", "visit:country", "event:props:größe", "time:day"]:
        metrics = ["visitors", "events"]
        told.append(sorted(site.rows([dimension], metrics)))
    return told


@pytest.fixture
def source(instance, tmp_path):
    """A project with all rows, of an instance whose server is stopped."""
    project = instance.add_project("shop.example", "Europe/Berlin", "stable")
    path = tmp_path / "rows.parquet"
    write_parquet(path, rows())
    assert imported(instance, path, project["id"]) == (1_200, 1_200, 0)
    return project


@pytest.mark.parametrize("server", ["stopped", "running"])
@pytest.mark.parametrize("ending", FORMATS)
def test_what_is_exported_answers_alike_where_it_is_imported(
    instance, source, tmp_path, ending, server
):
    other = instance.add_project("copy.example", "Europe/Berlin", "stable")
    if server == "running":
        instance.serve()
    path = tmp_path / f"events.{ending}"
    told = instance.answer("export", "--project", source["id"], "-o", path)
    assert (told["days"], told["bytes"]) == (4, path.stat().st_size)
    assert not path.with_name(path.name + ".parts").exists()
    assert imported(instance, path, other["id"]) == (1_200, 1_200, 0)
    assert imported(instance, path, other["id"]) == (1_200, 0, 1_200)
    assert imported(instance, path, source["id"]) == (1_200, 0, 1_200), "where it came from"
    if server == "stopped":
        instance.serve()
    assert answers(Site(instance, other)) == answers(Site(instance, source))


def by_path(found):
    counts = {}
    for path in found:
        counts[path] = counts.get(path, 0) + 1
    return counts


def test_others_read_what_is_exported(instance, source, tmp_path):
    expected = by_path(row["path"] for row in rows())
    for ending in FORMATS:
        path = tmp_path / f"events.{ending}"
        instance.answer("export", "--project", source["id"], "-o", path)
    table = pyarrow.parquet.read_table(tmp_path / "events.parquet")
    assert table.num_rows == 1_200
    assert by_path(table["path"].to_pylist()) == expected
    with duckdb.connect() as connection:
        for reader in [
            f"read_parquet('{tmp_path}/events.parquet')",
            f"read_json('{tmp_path}/events.ndjson', format = 'newline_delimited')",
            f"read_csv('{tmp_path}/events.csv')",
        ]:
            found = connection.sql(f"SELECT path, count(*) FROM {reader} GROUP BY path").fetchall()
            assert dict(found) == expected, reader
    lines = [json.loads(line) for line in (tmp_path / "events.ndjson").open()]
    assert by_path(line["path"] for line in lines) == expected
    texts = {line["properties"]["größe"] for line in lines if "properties" in line}
    assert texts == {'"XL", €'}
    with (tmp_path / "events.csv").open(newline="") as file:
        assert by_path(row["path"] for row in csv.DictReader(file)) == expected


def test_some_days_go_to_standard_output(instance, source):
    words = ["--from", "2025-06-02", "--to", "2025-06-02", "-o", "-"]
    code, out, errors = instance.run("export", "--project", source["id"], *words)
    assert code == 0, errors
    times = [json.loads(line)["time"] for line in out.splitlines()]
    # Berlin's day begins at 22:00 UTC.
    assert len(times) == 400
    assert min(times) >= "2025-06-01T22:00:00" and max(times) < "2025-06-02T22:00:00"


def test_an_export_that_was_cut_off_goes_on(instance, source, tmp_path):
    path = tmp_path / "events.ndjson"
    parts = tmp_path / "events.ndjson.parts"
    # As a run leaves it that was killed in its second day: the first is whole.
    words = ["--project", source["id"], "--from", "2025-06-01", "--to", "2025-06-01", "-o", "-"]
    _, first, _ = instance.run("export", *words)
    parts.mkdir()
    (parts / "about").write_text(f"project {source['id']} as Ndjson\n")
    (parts / "2025-06-01").write_text(first)
    (parts / "unfinished").write_text('{"visitor":')
    told = instance.answer("export", "--project", source["id"], "-o", path)
    assert told["days"] == 4
    assert sum(1 for _ in path.open()) == 1_200
    parts.mkdir()
    (parts / "about").write_text("project 77 as Ndjson\n")
    code, message = instance.refusal("export", "--project", source["id"], "-o", path)
    assert (code, "another export" in message) == (5, True), message


def test_columns_of_others_are_mapped(instance, tmp_path):
    project = instance.add_project("shop.example", "UTC", "stable")
    path = tmp_path / "old.csv"
    path.write_text(
        "when,who,page,ms,tier,secret\n"
        "2025-06-01 10:00:00,ada,/,12.5,gold,x\n"
        "2025-06-01T12:00:01+02:00,ada,/b,,,x\n"
        "2025-06-01T10:00:02Z,bob,/b,7,,x\n"
        "soon,bob,/c,7,,x\n"
    )
    names = "when=time,who=visitor,page=path,ms=duration_ms,tier=properties.plan"
    report = instance.answer("import", "csv", path, "--project", "1", "--map", names)
    assert (report["rows"], report["imported"], report["unreadable"]) == (3, 3, 1)
    [fault] = report["unreadable_first"]
    assert fault["row"] == 5 and "soon" in fault["reason"], fault
    site = Site(instance.serve(), project)
    assert site.totals(["visitors", "visits", "pageviews"]) == {
        "visitors": 2,
        "visits": 2,
        "pageviews": 3,
    }
    assert sorted(site.rows(["event:page"], ["visitors"])) == [["/", 1], ["/b", 2]]
    assert ["gold", 1] in site.rows(["event:props:plan"], ["events"])
    instance.stop()
    [row] = [row for row in exported(instance) if row["path"] == "/"]
    assert (row["duration_us"], row["kind"], row["properties"]) == (12_500, "pageview", {"plan": "gold"})


def exported(instance):
    code, out, errors = instance.run("export", "--project", "1", "-o", "-")
    assert code == 0, errors
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("server", ["stopped", "running"])
def test_raw_rows_are_enriched_as_live_events_are(instance, tmp_path, server):
    instance.add_project("shop.example")
    if server == "running":
        instance.serve()
    lines = io.BytesIO()
    for number, page in enumerate(["/?utm_source=mail", "/b", "/b"]):
        line = {
            "time": f"2025-06-01T10:00:0{number}Z",
            "url": f"https://shop.example{page}",
            "ip": "203.0.113.9",
            "user_agent": BROWSER,
            "properties": {"plan": "team"},
        }
        lines.write(json.dumps(line).encode() + b"\n")
    lines.write(b'{"time":"2025-06-01T10:00:09Z","url":"https://other.example/","ip":"203.0.113.9"}\n')
    path = tmp_path / "raw.ndjson"
    path.write_bytes(gzip.compress(lines.getvalue()))
    for expected in [(3, 0), (0, 3)]:
        report = instance.answer("import", "ndjson", path, "--project", "1")
        assert report["refused"] == {"unknown_host": 1}
        assert (report["imported"], report["duplicate"]) == expected
    found = exported(instance)
    assert {row["browser"] for row in found} == {"Firefox"}
    assert [row["source"] for row in found if "source" in row] == ["mail"]
    assert len({row["visitor"] for row in found}) == 1
    assert not any("ip" in row or "user_agent" in row for row in found)


def test_what_cannot_be_imported_is_named(instance, tmp_path):
    instance.add_project("shop.example")
    path = tmp_path / "odd.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"at": ["2025-06-01"], "path": ["/"]}), path)
    words = ["import", "parquet", path, "--project", "1"]
    code, message = instance.refusal(*words)
    assert "no column is time" in message and "--map" in message
    code, message = instance.refusal(*words, "--map", "at=tiem")
    assert (code, "did you mean time?" in message) == (2, True), message
    code, message = instance.refusal(*words, "--map", "When=time")
    assert "no column When" in message and "at, path" in message
    path.write_bytes(b"PAR1 but not for long")
    assert instance.refusal(*words)[0] == 1
    assert exported(instance) == []
