"""Access logs end to end: the program's numbers equal numbers that Python computes from the written
rules, whichever way the lines come in and however often."""

import gzip
import json
import re

import pytest

import log_rules
from conftest import ROOT, Site, wait_until

ODD_CASES = ROOT / "testdata/logs/odd_cases.log"
ODD_HOST = "logs.example"
ODD_ZONE = "Europe/Berlin"

# A real log lies beside the checkout where the tests run for a change; it is not ours to publish.
REAL_LOG = ROOT.parent / "shared/data/logs/apache_combined.log"
REAL_HOST = "semicomplete.com"

METRICS = ["visitors", "visits", "pageviews", "bounce_rate", "visit_duration"]


def import_log(instance, *words, stdin=b""):
    return instance.answer("import", "access-log", *words, "--project", "1", stdin=stdin)


def check_report(report, reading, imported=None):
    assert report["lines"] == reading.lines
    assert report["skipped"] | report["refused"] == dict(reading.skipped)
    assert report["imported"] + report["duplicate"] == len(reading.views)
    assert report["imported"] == (len(reading.views) if imported is None else imported)
    assert [number for number, _ in report["unreadable"]] == reading.unreadable[:5]


def check_api(site, views):
    """Every number of the views, asked over HTTP."""
    assert site.totals(METRICS) == log_rules.totals(views)
    days = site.rows(["time:day"], ["visitors", "visits", "pageviews"])
    assert [row for row in days if row[3]] == log_rules.by_day(views)
    pages = site.rows(["event:page"], ["pageviews", "visitors"])
    assert pages == log_rules.top_pages(views)
    sources = site.rows(["visit:source"], ["visits", "visitors", "pageviews"])
    assert sources == log_rules.top_sources(views)


def check_command(instance, views):
    """The same totals and pages, asked on the command line."""
    query = ["query", "--project", "1", "--range", "all"]
    [row] = instance.answer(*query, "--metrics", ",".join(METRICS))["results"]
    assert dict(zip(METRICS, row["metrics"], strict=True)) == log_rules.totals(views)
    answer = instance.answer(
        *query, "--metrics", "pageviews,visitors", "--dimensions", "event:page", "--limit", "10"
    )
    rows = [row["dimensions"] + row["metrics"] for row in answer["results"]]
    assert rows == log_rules.top_pages(views)[:10]


def check_everything(instance, views):
    check_command(instance, views)
    project = instance.answer("project", "list")["projects"][0]
    check_api(Site(instance.serve(), project), views)
    check_command(instance, views)
    instance.stop()


@pytest.fixture(scope="module")
def odd_bytes():
    return ODD_CASES.read_bytes()


@pytest.fixture(scope="module")
def odd(odd_bytes):
    return log_rules.Reading(odd_bytes, ODD_HOST, ODD_ZONE)


def test_the_second_reading_knows_what_the_odd_lines_are(odd):
    # Counted by eye: so that a mistake in the rules cannot hide on both sides.
    assert odd.skipped["unreadable"] == 8
    assert odd.skipped["unknown_host"] == 1
    assert odd.skipped["spam_referrer"] == 1
    assert odd.skipped["method"] == 12
    pages = {view.page for view in odd.views}
    assert {"/café", "/latin%E9", '/quo"te', "/control", "/leap", "/v1.2/page"} <= pages
    assert not pages & {"/img/Logo.PNG", "/app.js", "/open-proxy", "/moved.png"}


def test_numbers_equal_an_independent_count(instance, odd):
    instance.add_project(ODD_HOST, ODD_ZONE)
    check_report(import_log(instance, ODD_CASES), odd)
    check_everything(instance, odd.views)


def test_static_files_count_where_asked(instance, odd_bytes):
    instance.add_project(ODD_HOST, ODD_ZONE)
    reading = log_rules.Reading(odd_bytes, ODD_HOST, ODD_ZONE, with_assets=True)
    assert any(view.page == "/img/Logo.PNG" for view in reading.views)
    check_report(import_log(instance, ODD_CASES, "--include-static"), reading)
    check_everything(instance, reading.views)


@pytest.mark.skipif(not REAL_LOG.exists(), reason="shared/data/logs is not beside the checkout")
def test_numbers_of_a_real_log_equal_an_independent_count(instance):
    instance.add_project(REAL_HOST, "America/Los_Angeles")
    reading = log_rules.Reading(REAL_LOG.read_bytes(), REAL_HOST, "America/Los_Angeles")
    assert reading.lines == 10_000
    check_report(import_log(instance, REAL_LOG), reading)
    check_everything(instance, reading.views)


def test_importing_again_changes_nothing(instance, odd):
    instance.add_project(ODD_HOST, ODD_ZONE)
    import_log(instance, ODD_CASES)
    check_report(import_log(instance, ODD_CASES), odd, imported=0)
    check_everything(instance, odd.views)


def test_a_log_that_has_grown_adds_only_its_new_lines(instance, odd, odd_bytes, tmp_path):
    instance.add_project(ODD_HOST, ODD_ZONE)
    lines = odd_bytes.splitlines(keepends=True)
    log = tmp_path / "access.log"
    log.write_bytes(b"".join(lines[:120]))
    first = import_log(instance, log)
    log.write_bytes(odd_bytes)
    check_report(import_log(instance, log), odd, len(odd.views) - first["imported"])
    check_everything(instance, odd.views)


def test_gzip_and_standard_input_are_the_same_lines(instance, odd, odd_bytes, tmp_path):
    instance.add_project(ODD_HOST, ODD_ZONE)
    half = len(odd_bytes) // 2
    packed = tmp_path / "access.log.2.gz"
    # Two members in one file, as log rotation with appending leaves them.
    packed.write_bytes(gzip.compress(odd_bytes[:half]) + gzip.compress(odd_bytes[half:]))
    check_report(import_log(instance, packed), odd)
    check_report(import_log(instance, "-", stdin=odd_bytes), odd, imported=0)
    check_report(import_log(instance, "-", stdin=gzip.compress(odd_bytes)), odd, imported=0)
    check_everything(instance, odd.views)


def test_overlapping_files_count_their_common_lines_once(instance, odd, odd_bytes, tmp_path):
    instance.add_project(ODD_HOST, ODD_ZONE)
    lines = odd_bytes.splitlines(keepends=True)
    older, newer = tmp_path / "access.log.1", tmp_path / "access.log"
    older.write_bytes(b"".join(lines[:200]))
    newer.write_bytes(b"".join(lines))
    report = import_log(instance, older, newer)
    assert report["lines"] == 200 + odd.lines
    assert report["imported"] == len(odd.views)
    check_everything(instance, odd.views)


def test_a_running_server_takes_the_log_and_shows_it(instance, odd, odd_bytes):
    project = instance.add_project(ODD_HOST, ODD_ZONE)
    site = Site(instance.serve(), project)
    check_report(import_log(instance, ODD_CASES), odd)
    check_api(site, odd.views)
    packed = gzip.compress(odd_bytes)
    check_report(import_log(instance, "-", stdin=packed), odd, imported=0)
    check_api(site, odd.views)
    # What lies on disk is the same without the server.
    instance.stop()
    check_everything(instance, odd.views)


def test_neither_a_proxy_nor_odd_names_come_between_commands_and_server(instance, odd):
    project = instance.add_project(ODD_HOST, ODD_ZONE)
    instance.serve()
    # Nothing listens there: a command that asked the proxy for the server would not find it.
    variables = {name: "http://127.0.0.1:9" for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY")}
    words = ["import", "access-log", ODD_CASES, "--project", ODD_HOST]
    report = instance.answer(*words, variables=variables)
    check_report(report, odd)
    code, message = instance.refusal("import", "access-log", ODD_CASES, "--project", "a&b=c d")
    assert code == 3
    assert message == f'there is no project "a&b=c d"; there are: {project["domain"]}'
    # A host is sent as it is, and takes no part of the question for itself.
    report = instance.answer(*words, "--host", f"{ODD_HOST}&with_assets=true")
    assert report["imported"] == 0
    assert "asset" in report["skipped"]


def long_log(count):
    """Page views enough for several rounds of storing: a stop then falls between them."""
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0"
    return [
        f"192.0.{at % 251}.{at % 241} - - [{1 + at * 28 // count:02}/Feb/2023:{at % 24:02}:{at % 60:02}:00 +0000] "
        f'"GET /page/{at % 977} HTTP/1.1" 200 7 "-" "{agent}"\n'.encode()
        for at in range(count)
    ]


def test_a_killed_import_is_finished_by_running_it_again(instance, tmp_path):
    instance.add_project(ODD_HOST)
    lines = long_log(120_000)
    log = tmp_path / "access.log"
    log.write_bytes(b"".join(lines))
    words = ["import", "access-log", "-", "--project", "1"]
    with instance.start_command(*words, stdin=-1) as process:
        process.stdin.write(b"".join(lines[:110_000]))
        process.stdin.flush()
        # The manifest names a file only when all of it is there.
        events = instance.data / "store/events"
        wait_until(lambda: any(events.rglob("*.parquet")), "a part of the log to be stored")
        process.kill()
        assert process.wait() == -9
    reading = log_rules.Reading(log.read_bytes(), ODD_HOST)
    report = import_log(instance, log)
    assert report["imported"] + report["duplicate"] == len(reading.views) == len(lines)
    check_everything(instance, reading.views)
    assert import_log(instance, log)["imported"] == 0


def test_an_overlong_line_is_one_unreadable_line(instance):
    instance.add_project(ODD_HOST)
    [good] = long_log(1)
    # Behind the limit stands what would be a line of its own.
    overlong = b"x" * log_rules.LINE_BYTES_MAX + good
    report = import_log(instance, "-", stdin=overlong + good)
    assert (report["lines"], report["imported"]) == (2, 1)
    assert report["skipped"] == {"unreadable": 1}


def test_what_cannot_be_read_is_told_with_its_line(instance):
    instance.add_project(ODD_HOST)
    [good] = long_log(1)
    log = good + b"first nonsense\n" + good + b"second nonsense\n"
    report = import_log(instance, "-", stdin=log)
    assert report["unreadable"] == [[2, "first nonsense"], [4, "second nonsense"]]
    assert report["imported"] == 2
    code, out, _ = instance.run("import", "access-log", "-", "--project", "1", stdin=log)
    assert code == 0
    assert "line 2 cannot be read: first nonsense" in out.splitlines()
    assert re.search(r"^0 page views imported, 2 were there already$", out, re.MULTILINE)


@pytest.mark.parametrize("is_serving", [False, True])
def test_a_file_that_is_not_there_stops_before_anything_is_imported(instance, is_serving):
    instance.add_project(ODD_HOST)
    if is_serving:
        instance.serve()
    words = ["import", "access-log", ODD_CASES, "nowhere.log", "--project", "1"]
    code, message = instance.refusal(*words)
    assert code == 3
    assert message == "there is no file nowhere.log; nothing was imported"
    assert import_log(instance, ODD_CASES)["duplicate"] == 0


def test_mistakes_are_named(instance, tmp_path):
    code, message = instance.refusal("import", "access-log", ODD_CASES, "--project", ODD_HOST)
    assert code == 7
    assert message.startswith("there is no data in "), message
    instance.add_project("other.example")
    code, message = instance.refusal("import", "access-log", ODD_CASES, "--project", ODD_HOST)
    assert code == 3
    assert message == f'there is no project "{ODD_HOST}"; there are: other.example'
    code, message = instance.refusal("import", "access-log", tmp_path, "--project", "1")
    assert code == 1
    assert message == f"{tmp_path} is a directory; name the log files in it"
    packed = gzip.compress(ODD_CASES.read_bytes())
    broken = tmp_path / "broken.gz"
    broken.write_bytes(packed[: len(packed) // 2])
    code, message = instance.refusal("import", "access-log", broken, "--project", "1")
    assert code == 1
    assert message.startswith(f"{broken} breaks off after line "), message


def test_pages_of_another_host_are_refused_by_name(instance, odd):
    instance.add_project(ODD_HOST, ODD_ZONE)
    report = import_log(instance, ODD_CASES, "--host", "elsewhere.example")
    reason = json.dumps(report["refused"])
    assert report["imported"] == 2, "the two requests for a whole address of the project"
    assert "unknown_host" in reason
