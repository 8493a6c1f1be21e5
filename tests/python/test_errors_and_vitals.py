"""Errors and web vitals as the browser's extensions send them: errors are counted and end no bounce,
vitals are kept and not counted."""


def test_errors_are_counted_and_vitals_are_not(site):
    error = {"type": "RangeError", "message": "no such size", "source": "https://shop.example/app.js:3:14"}
    site.collect(
        site.event(),
        site.event("error", k="error", i=False, p=error),
        site.event("LCP", k="web_vital", i=False, p={"value": 1900.123, "rating": "good"}),
    )
    site.wait_for_events(2)
    totals = site.totals(["pageviews", "events", "visits", "bounce_rate"])
    assert totals == {"pageviews": 1, "events": 2, "visits": 1, "bounce_rate": 100}
    named = site.rows(["event:name"], ["events"])
    assert sorted(named) == [["error", 1], ["pageview", 1]]
    [[kind, count]] = [
        row for row in site.rows(["event:props:type"], ["events"]) if row[0] == "RangeError"
    ]
    assert (kind, count) == ("RangeError", 1)
