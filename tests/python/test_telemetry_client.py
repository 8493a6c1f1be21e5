"""The Python client against the real program: what it sends is counted as it says, once, also when
the server was away in between."""

import re
import sys

from conftest import ROOT, wait_until

sys.path.insert(0, str(ROOT / "sdk/python/src"))

from almanac_telemetry import Options, Telemetry  # noqa: E402


def telemetry(site, **options):
    given = {"endpoint": site.instance.base, "project": site.host, "version": "1.2.0"}
    return Telemetry(Options(**given | {"exit_wait_s": 0.0} | options))


def test_every_level_is_taken_by_the_server(site):
    for level in ("minimal", "standard", "detailed"):
        client = telemetry(site, level=level, service="indexer")
        client.record(
            f"search-{level}",
            "error",
            duration_ms=12.5,
            error_type="ParseError",
            cache_hit=False,
            parameters={"limit": 3, "deep": {"wide": True}},
            session_id="run-1",
        )
        assert client.flush(60)
    site.wait_for_events(3)
    metrics = site.instance.request("GET", "/metrics")[2]
    refused = [line for line in metrics.splitlines() if 'fate="refused"' in line]
    assert all(line.endswith(" 0") for line in refused), refused


def test_what_was_spooled_while_the_server_was_away_is_counted_once(site, tmp_path):
    spool = tmp_path / "spool"
    client = telemetry(site, spool_dir=spool)
    client.tool("first")(lambda: None)()
    assert client.flush(60)
    site.instance.stop()
    client.tool("second")(lambda: None)()
    assert not client.flush(60)
    client.close()
    [kept] = spool.iterdir()
    copy = kept.read_text()

    site.instance.serve()
    (spool / kept.name.replace(".json", "-again.json")).write_text(copy)
    following = telemetry(site, spool_dir=spool)
    following.tool("third")(lambda: None)()
    assert following.flush(60)
    wait_until(lambda: not list(spool.iterdir()), "the spool to be empty")
    site.wait_for_events(3)
    metrics = site.instance.request("GET", "/metrics")[2]
    assert re.search(r'almanac_events_total\{fate="duplicate"[^}]*\} 1$', metrics, re.M), metrics
