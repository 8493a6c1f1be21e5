"""Where visitors are and where programs live, when the operator puts other files in the place of the
old ones."""

import os

from conftest import BROWSER, ROOT, Site, wait_until

CITY = ROOT / "testdata/ingest/GeoIP2-City-Test.mmdb"
LONDON = "81.2.69.142"


def test_a_newer_database_is_taken_while_the_server_runs(instance, tmp_path):
    database = tmp_path / "city.mmdb"
    database.write_bytes(CITY.read_bytes())
    project = instance.add_project("shop.example")
    site = Site(instance.serve(ALMANAC_GEO_DATABASE=str(database)), project)

    def cities(path):
        site.collect(site.event(path=path), ip=LONDON)
        condition = ["is", "event:page", [path]]
        rows = lambda: site.rows(["visit:city_name"], ["visits"], filters=[condition])
        return wait_until(rows, "the event")

    def says(text):
        wait_until(lambda: text in instance.server_log.read_text(), text)

    assert cities("/1") == [["London", 1]]
    # Half a copy, as a program leaves it that does not move files into their place.
    database.write_bytes(b"no database yet")
    says("the GeoIP database stays as it was")
    assert cities("/2") == [["London", 1]]
    whole = tmp_path / "new.mmdb"
    whole.write_bytes(CITY.read_bytes())
    os.replace(whole, database)
    says("a newer GeoIP database was taken")
    assert cities("/3") == [["London", 1]]


def test_a_list_of_data_centres_is_used_and_read_again(instance, tmp_path):
    ranges = tmp_path / "data_centres.txt"
    ranges.write_text("192.0.2.0/24\nnonsense\n")
    project = instance.add_project("shop.example")
    variables = {"ALMANAC_BOTS_DATA_CENTRES": str(ranges)}
    code, _, errors = instance.run("serve", variables=variables | {"ALMANAC_LISTEN": "127.0.0.1:0"})
    assert code != 0 and 'line 2: "nonsense" is no range of addresses' in errors, errors

    ranges.write_text("# made up\n192.0.2.0/24  # east\n")
    site = Site(instance.serve(**variables), project)

    def says(text):
        wait_until(lambda: text in instance.server_log.read_text(), text)

    def pages(traffic):
        rows = site.rows(["event:page"], ["pageviews"], traffic=traffic)
        return sorted(page for page, _ in rows)

    site.post([site.event(path="/cloud")], "192.0.2.9", BROWSER)
    site.collect(site.event(path="/home"), ip="198.51.100.9")
    wait_until(lambda: pages("people") == ["/home"] and pages("bots") == ["/cloud"], "both")
    ranges.write_text("198.51.100.0/33\n")
    says("the list of data centres stays as it was")
    ranges.write_text("198.51.100.0/24\n192.0.2.0/24\n")
    says("a newer list of data centres was taken")
    site.post([site.event(path="/there")], "198.51.100.9", BROWSER)
    wait_until(lambda: pages("bots") == ["/cloud", "/there"], "the bot from the new range")
    # Whoever is in a range is nowhere in the files or the log.
    kept = [path.read_bytes() for path in instance.data.rglob("*") if path.is_file()]
    assert not any(b"192.0.2.9" in content for content in kept)
    assert "192.0.2.9" not in instance.server_log.read_text()
