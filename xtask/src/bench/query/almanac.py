#!/usr/bin/env python3
"""Almanac's half of `cargo xtask bench query`: loads site 1 of the events of gen_events.py through
the command line, and asks a running server the questions that engines.py asks the others.

usage: almanac.py load  BINARY DIR
       almanac.py query BINARY DIR
       almanac.py cold  BINARY DIR

Prints one JSON line per result, in the form of engines.py. A question is asked for one more row each
time, so that no whole answer is kept from the time before; columns and totals of days are.
"""
import glob, http.client, json, os, re, shutil, statistics, subprocess, sys, time, urllib.parse

RANGES = {"30d": ["2025-12-02", "2025-12-31"], "365d": ["2025-01-01", "2025-12-31"]}
WARM_RUNS = 5
CACHE = "4 GiB"
HOST = "site1.example.com"
COOKIELESS_HOST = "cookieless.example.com"
# What the columns of the generator are called here. Visits are derived, so its sessions are not needed.
MAP = ",".join([
    "ts=time", "visitor_id=visitor", "referrer_host=source", "props=properties",
    "referrer_path=-", "session_id=-", "site_id=-"])
BREAKDOWNS = ["event:page", "visit:entry_page", "visit:exit_page", "visit:source", "visit:channel",
              "visit:country", "visit:city", "visit:browser", "visit:os", "visit:device"]
TOTALS = ["visitors", "visits", "pageviews", "bounce_rate", "visit_duration"]


def paths():
    """Questions about what visitors did one after another, which have endpoints of their own: name to
    endpoint, question and where the answer's rows are."""
    def step(name, *filters):
        return {"name": name, "filters": [["is", "event:name", [name]], *filters]}
    steps = [step("pageview", ["is", "event:page", ["/pricing"]]), step("signup"), step("purchase")]
    return {"Q6": ("/api/v2/funnel", {"steps": steps}, "steps"),
            "Q7": ("/api/v2/retention", {"unit": "week"}, "cohorts")}


def questions():
    """Name to the questions that it is made of: metrics and the rest."""
    page = [["is", "event:name", ["pageview"]]]
    german = [["is", "visit:country", ["DE"]], ["is", "visit:device", ["mobile"]],
              ["is_not", "visit:source", [""]]]
    tools = [["is", "event:name", ["tool_call"]]]
    compared = {"include": {"comparisons": {"mode": "previous_period"}}}
    return {
        "Q1": [(TOTALS, {})],
        "Q2": [(["visitors", "pageviews"], {"dimensions": ["time:day"]})],
        "Q3": [(["visitors"], {"dimensions": ["event:page"], "filters": page})],
        "Q4": [(["visitors"], {"dimensions": ["visit:source"], "filters": german})],
        "Q5": [(["visits"], {"dimensions": [name]}) for name in ("visit:entry_page", "visit:exit_page")],
        "Q8": [(["duration_p50_ms", "duration_p95_ms", "duration_p99_ms", "error_rate", "calls"],
                {"dimensions": ["event:tool", "time:hour"], "filters": tools})],
        "overview": [(TOTALS, compared), (["visitors", "visits", "pageviews"], {"dimensions": ["time:day"]})]
        + [(["visitors"], {"dimensions": [name]}) for name in BREAKDOWNS],
        "overview, 2 filters": [(TOTALS, compared | {"filters": german[:2]}),
                                (["visitors", "visits", "pageviews"],
                                 {"dimensions": ["time:day"], "filters": german[:2]})]
        + [(["visitors"], {"dimensions": [name], "filters": german[:2]}) for name in BREAKDOWNS],
    }


class Almanac:
    def __init__(self, binary, directory):
        self.binary, self.data = binary, os.path.join(directory, "almanac")

    def run(self, *words):
        environment = os.environ | {"ALMANAC_DATA_DIR": self.data}
        answer = subprocess.run([self.binary, *words, "--json"], env=environment, check=True,
                                stdout=subprocess.PIPE)
        return json.loads(answer.stdout)

    def serve(self):
        """Starts the server; answers with how long it took to be ready, seconds."""
        # The other engines take as much memory as they like.
        environment = os.environ | {"ALMANAC_DATA_DIR": self.data, "ALMANAC_LOG_LEVEL": "error",
                                    "ALMANAC_STORE_CACHE_BYTES": CACHE}
        begun = time.perf_counter()
        self.server = subprocess.Popen([self.binary, "serve", "--listen", "127.0.0.1:0"], env=environment,
                                       stdout=subprocess.PIPE, text=True)
        for line in self.server.stdout:
            if found := re.search(r"http://(127\.0\.0\.1:\d+)", line):
                self.connection = http.client.HTTPConnection(found.group(1))
                break
        while self.request("GET", "/readyz", None, {})[0] != 200:
            pass
        return time.perf_counter() - begun

    def request(self, method, path, body, headers):
        self.connection.request(method, path, body, headers)
        reply = self.connection.getresponse()
        return reply.status, reply.read()

    def ask(self, key, question, endpoint="/api/v2/query", rows="results"):
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        status, answer = self.request("POST", endpoint, json.dumps(question), headers)
        while status == 429:
            time.sleep(1)
            status, answer = self.request("POST", endpoint, json.dumps(question), headers)
        assert status == 200, (question, answer)
        return json.loads(answer)[rows]


def load(binary, directory):
    almanac = Almanac(binary, directory)
    shutil.rmtree(almanac.data, ignore_errors=True)
    almanac.run("project", "add", "--name", "Site 1", "--host", HOST, "--identity", "stable")
    files = sorted(glob.glob(os.path.join(directory, "events_s01_*.parquet")))
    begun = time.time()
    report = almanac.run("import", "parquet", *files, "--project", HOST, "--map", MAP)
    took = time.time() - begun
    size = 0
    for folder, _, names in os.walk(os.path.join(almanac.data, "store")):
        size += sum(os.path.getsize(os.path.join(folder, name)) for name in names)
    print(json.dumps(dict(engine="almanac", what="load", rows=report["rows"], s=round(took, 1),
                          rows_s=int(report["rows"] / took),
                          bytes_per_event=round(size / report["rows"], 2))))


def query(binary, directory):
    almanac = Almanac(binary, directory)
    key = almanac.run("key", "add", "--project", HOST, "--scope", "stats")["key"]
    ready_s = almanac.serve()
    print(json.dumps(dict(engine="almanac", what="start", s=round(ready_s, 3))), flush=True)
    try:
        for name, days in RANGES.items():
            for q, parts in questions().items():
                def asked(page):
                    return [almanac.ask(key, rest | {
                        "site_id": HOST, "metrics": metrics, "date_range": days,
                        "pagination": {"limit": 10_000 if q == "Q8" else page}})
                        for metrics, rest in parts]
                measure(name, q, asked)
            for q, (endpoint, question, rows) in paths().items():
                body = question | {"site_id": HOST, "date_range": days}
                # Answers of these are never kept whole.
                measure(name, q, lambda _: [almanac.ask(key, body, endpoint, rows)])
    finally:
        almanac.server.terminate()
        almanac.server.wait()


def cold(binary, directory):
    """The overview of a year as a project without cookies has it, of the same events: right after a
    start with nothing of the data in the page cache, and again."""
    almanac = Almanac(binary, directory)
    almanac.run("project", "add", "--name", "Site 1, cookieless", "--host", COOKIELESS_HOST)
    files = sorted(glob.glob(os.path.join(directory, "events_s01_*.parquet")))
    almanac.run("import", "parquet", *files, "--project", COOKIELESS_HOST, "--map", MAP)
    key = almanac.run("key", "add", "--project", COOKIELESS_HOST, "--scope", "stats")["key"]
    for q in ("overview", "overview, 2 filters"):
        forget_pages(almanac.data)
        almanac.serve()
        try:
            cold_ms, warm_ms = overview(almanac, key, questions()[q])
        finally:
            almanac.server.terminate()
            almanac.server.wait()
        print(json.dumps(dict(engine="almanac", what=f"{q}, cookieless, 365d", cold_ms=round(cold_ms),
                              warm_ms=round(warm_ms))), flush=True)


def overview(almanac, key, parts):
    """Milliseconds of all its questions, the first time and the median of later times."""
    times = []
    for page in range(100, 101 + WARM_RUNS):
        begun = time.perf_counter()
        for metrics, rest in parts:
            almanac.ask(key, rest | {"site_id": COOKIELESS_HOST, "metrics": metrics,
                                     "date_range": RANGES["365d"], "pagination": {"limit": page}})
        times.append((time.perf_counter() - begun) * 1000)
    return times[0], statistics.median(times[1:])


def forget_pages(directory):
    """Takes the files of a directory out of the page cache."""
    for folder, _, names in os.walk(directory):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure(name, q, asked):
    """Asks several times, for a page one row longer each time, and prints the median of all but the
    first."""
    times, first_rows = [], []
    for run in range(WARM_RUNS + 1):
        begun = time.perf_counter()
        answers = asked(11 + run)
        times.append(time.perf_counter() - begun)
        first_rows = first_rows or answers[0]
    first_ms = times.pop(0)
    head = json.dumps(first_rows[0], ensure_ascii=False)[:130] if first_rows else ""
    print(json.dumps(dict(engine="almanac", range=name, q=q,
                          ms=round(statistics.median(times) * 1000, 2),
                          first_ms=round(first_ms * 1000, 1), rows=len(first_rows),
                          head=head)), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("load", "query", "cold"):
        sys.exit(__doc__)
    {"load": load, "query": query, "cold": cold}[sys.argv[1]](*sys.argv[2:])
