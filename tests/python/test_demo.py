"""The demo: the same numbers on every machine, loaded once however often, and believable."""

import pytest

from conftest import Instance, Site

DEMO = ["demo", "--scale", "0.02", "--today", "2026-06-30"]
YEAR = ["2025-06-30", "2026-06-30"]
HOSTS = ["shop.example", "docs.example", "tools.example"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A server with the demo's year, and what loading it twice answered."""
    instance = Instance(tmp_path_factory.mktemp("demo"))
    first = instance.answer(*DEMO)
    second = instance.answer(*DEMO)
    instance.serve()
    sites = {project["domain"]: Site(instance, project) for project in first["projects"]}
    yield first, second, sites
    instance.stop()


def test_three_projects_are_loaded_once(demo):
    first, second, sites = demo
    assert [project["domain"] for project in first["projects"]] == HOSTS
    assert second == first | {"events": 0}
    counted = sum(site.totals(["events"], YEAR)["events"] for site in sites.values())
    # Engagement is loaded too and is no event to count.
    assert 20_000 < counted < first["events"] < 100_000


def test_another_machine_gets_the_same_year(demo, tmp_path):
    first, _, sites = demo
    other = Instance(tmp_path)
    assert other.answer(*DEMO) == first
    metrics = ["visitors", "visits", "pageviews", "events", "bounce_rate", "visit_duration"]
    for host, site in sites.items():
        words = ["--project", host, "--metrics", ",".join(metrics), "--range", ",".join(YEAR)]
        [row] = other.answer("query", *words)["results"]
        assert dict(zip(metrics, row["metrics"], strict=True)) == site.totals(metrics, YEAR), host


@pytest.mark.parametrize("host", ["shop.example", "docs.example"])
def test_people_behave_like_people(demo, host):
    site = demo[2][host]
    totals = site.totals(["visits", "bounce_rate", "visit_duration", "views_per_visit"], YEAR)
    assert 25 <= totals["bounce_rate"] <= 75, totals
    assert 20 <= totals["visit_duration"] <= 900, totals
    assert 1.2 <= totals["views_per_visit"] <= 8, totals
    devices = dict(site.rows(["visit:device"], ["visits"], YEAR))
    mobile = devices["Mobile"] / totals["visits"]
    bounds = (0.3, 0.7) if host == "shop.example" else (0.1, 0.7)
    assert bounds[0] <= mobile <= bounds[1], devices
    sources = dict(site.rows(["visit:source"], ["visits"], YEAR))
    assert {"Google", "Direct / None"} <= set(sources)
    assert max(sources.values()) < totals["visits"] * 0.7, sources
    assert len(site.rows(["visit:country"], ["visits"], YEAR)) >= 10


@pytest.mark.parametrize("host", HOSTS)
def test_the_year_is_whole_and_grows(demo, host):
    site = demo[2][host]
    months = [visits for _, visits in site.rows(["time:month"], ["visits"], ["2025-07-01", "2026-06-30"])]
    assert len(months) == 12 and all(months)
    assert sum(months[6:]) > sum(months[:6]) * 1.05, months


def test_tools_and_models_are_called_and_sometimes_fail(demo):
    site = demo[2]["tools.example"]
    names = dict(site.rows(["event:name"], ["events"], YEAR))
    assert {"tool_call", "model_call"} <= set(names), names
    tools = site.rows(["event:tool"], ["events"], YEAR, filters=[["is_not", "event:tool", [""]]])
    models = site.rows(["event:model"], ["events"], YEAR, filters=[["is_not", "event:model", [""]]])
    assert len(tools) >= 3 and len(models) >= 2, (tools, models)
    status = dict(site.rows(["event:status"], ["events"], YEAR, filters=[["is_not", "event:status", [""]]]))
    assert 0.005 < status["error"] / sum(status.values()) < 0.2, status


def test_a_running_server_keeps_the_demo_out(instance):
    instance.serve()
    code, message = instance.refusal(*DEMO)
    assert code == 8
    assert message == (
        f"another almanac is using {instance.data}; stop it first, or choose another directory "
        "with ALMANAC_DATA_DIR"
    )
    # Nothing was begun.
    assert instance.answer("project", "list")["projects"] == []


@pytest.mark.parametrize("scale", ["0", "-1", "nan", "1e9"])
def test_a_scale_that_makes_no_sense_is_refused(instance, scale):
    code, message = instance.refusal("demo", f"--scale={scale}")
    assert (code, "--scale" in message) == (2, True), message
