"""Where visitors are, when the operator puts another GeoIP database in the place of the old one."""

import os

from conftest import ROOT, Site, wait_until

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
