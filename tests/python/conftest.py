"""Starts the real program for tests from outside: one data directory, its command line and, where
a test asks for it, a server on a free port of the loopback address. Owns no expectation."""

import json
import os
import pathlib
import re
import select
import subprocess
import time
import urllib.error
import urllib.request
import uuid

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("ALMANAC_BIN", ROOT / "target/debug/almanac"))

# Longest that a test waits for something that always comes, seconds. Only a hang reaches it.
WAIT_S = 60.0
# Between two looks at a condition, seconds.
LOOK_S = 0.02

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

# What could reach the program from whoever runs the tests.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")


def wait_until(condition, what):
    """The first true answer of `condition`; fails when it never comes. `what` is a text, or gives
    one then."""
    deadline = time.monotonic() + WAIT_S
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            told = what() if callable(what) else what
            pytest.fail(f"waited {WAIT_S} s in vain for {told}")
        time.sleep(LOOK_S)


class Instance:
    """A data directory and the program that works on it."""

    def __init__(self, directory):
        self.data = directory / "data"
        self.server_log = directory / "server.log"
        self.server = None
        self.base = None
        self.greeting = ""

    def environment(self, variables=None):
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return kept | {"ALMANAC_DATA_DIR": str(self.data)} | (variables or {})

    def start_command(self, *words, **options):
        """Starts a command and leaves it running."""
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        environment = self.environment(options.pop("variables", None))
        return subprocess.Popen([BINARY, *map(str, words)], env=environment, **options)

    def run(self, *words, stdin=b"", variables=None):
        """Runs a command to its end: exit code, output and errors as text."""
        with self.start_command(*words, stdin=subprocess.PIPE, variables=variables) as process:
            out, errors = process.communicate(stdin, timeout=WAIT_S)
        return process.returncode, out.decode(), errors.decode()

    def answer(self, *words, stdin=b"", variables=None):
        """Runs a command that succeeds, and reads its answer."""
        code, out, errors = self.run(*words, "--json", stdin=stdin, variables=variables)
        assert code == 0, errors
        return json.loads(out)

    def refusal(self, *words, stdin=b"", variables=None):
        """Runs a command that fails: exit code and message."""
        code, out, errors = self.run(*words, "--json", stdin=stdin, variables=variables)
        assert code != 0, out
        told = json.loads(errors.splitlines()[-1])
        assert told["exit_code"] == code
        return code, told["error"]

    def add_project(self, host, time_zone="UTC", identity="cookieless"):
        words = ["--name", host, "--host", host, "--time-zone", time_zone, "--identity", identity]
        return self.answer("project", "add", *words)["project"]

    def serve(self, **variables):
        """Starts the server on a free port and waits until it is ready."""
        assert self.server is None
        with self.server_log.open("ab") as log:
            self.server = self.start_command(
                "serve", "--listen", "127.0.0.1:0", stderr=log, variables=variables
            )
        self.greeting = self._greeting()
        self.base = re.search(r"http://127\.0\.0\.1:\d+", self.greeting).group()
        wait_until(lambda: self.request("GET", "/readyz")[0] == 200, "the server to be ready")
        return self

    def _greeting(self):
        """What the server prints when it listens: all of it is written at once."""
        readable, _, _ = select.select([self.server.stdout], [], [], WAIT_S)
        assert readable, "the server printed nothing"
        text = os.read(self.server.stdout.fileno(), 65536).decode()
        assert text, self.server_log.read_text()
        return text

    def stop(self):
        """Stops the server as an operator does; it must end well."""
        if self.server is None:
            return
        self.server.terminate()
        code = self.server.wait(WAIT_S)
        self.server.stdout.close()
        self.server = None
        assert code == 0, self.server_log.read_text()

    def request(self, method, path, body=None, headers=None):
        """One request: status, headers, text."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        asked = urllib.request.Request(self.base + path, data, headers or {}, method=method)
        # Whatever proxy the environment names, the server is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(asked, timeout=WAIT_S) as reply:
                return reply.status, reply.headers, reply.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.headers, refused.read().decode()


class Site:
    """A project of a running server, as its visitors and its owner see it."""

    def __init__(self, instance, project):
        self.instance = instance
        self.project = project
        self.host = project["domain"]
        words = ["--project", project["id"], "--scope", "stats"]
        self.key = instance.answer("key", "add", *words)["key"]

    def post(self, events, ip="203.0.113.1", agent=BROWSER, **headers):
        """Sends a body to the collector: status, headers, text."""
        headers = {"x-forwarded-for": ip, "user-agent": agent, "content-type": "text/plain"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.instance.request("POST", "/api/event", events, headers)

    def collect(self, *events, ip="203.0.113.1", agent=BROWSER):
        """Sends events that must all be taken."""
        status, headers, text = self.post(list(events), ip, agent)
        assert (status, headers.get("x-almanac-dropped")) == (202, None), text

    def event(self, name="pageview", path="/", **fields):
        return {"n": name, "u": f"https://{self.host}{path}", "d": self.host} | fields

    def ask_raw(self, question):
        body = {"site_id": self.host} | question
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        status, _, text = self.instance.request("POST", "/api/v2/query", body, headers)
        return status, json.loads(text)

    def ask(self, metrics, date_range="all", **rest):
        """The whole answer to a question that must be answered."""
        status, answer = self.ask_raw({"metrics": metrics, "date_range": date_range} | rest)
        assert status == 200, answer
        return answer

    def totals(self, metrics, date_range="all", **rest):
        """The numbers of a question without dimensions."""
        [row] = self.ask(metrics, date_range, **rest)["results"]
        return dict(zip(metrics, row["metrics"], strict=True))

    def rows(self, dimensions, metrics, date_range="all", **rest):
        """The rows of a question: dimensions, then numbers, in one list each."""
        answer = self.ask(metrics, date_range, dimensions=dimensions, **rest)
        return [row["dimensions"] + row["metrics"] for row in answer["results"]]

    def wait_for_events(self, count):
        """Waits until so many counted events are part of answers."""
        wait_until(lambda: self.totals(["events"])["events"] == count, f"{count} events")


@pytest.fixture
def instance(tmp_path):
    """An empty data directory; a server that a test started is stopped at its end."""
    made = Instance(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def site(instance):
    """A project `shop.example` in UTC on a running server."""
    project = instance.add_project("shop.example")
    return Site(instance.serve(), project)


def fresh_id():
    return str(uuid.uuid4())
