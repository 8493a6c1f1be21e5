"""What an access log says, computed a second time: from docs/import.md and docs/semantics.md, with
Python's own tools and none of the program's code. It shares the data files that the rules name."""

import collections
import datetime
import fractions
import ipaddress
import math
import re
import urllib.parse
import zoneinfo

from conftest import ROOT

DATA = ROOT / "crates/ingest/data"
VISIT_GAP_S = 1800
LINE_BYTES_MAX = 64 * 1024

LINE = re.compile(
    r'(?P<client>.*?) \[(?P<time>.*?)\] "(?P<request>.*?)" (?P<status>\d{3})(?![^ ])(?P<rest>.*)',
    re.DOTALL,
)

View = collections.namedtuple("View", "second day visitor page referrer source")


def _block(name):
    text = (ROOT / "docs/import.md").read_text()
    found = re.search(rf"^ *```{name}\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    return [line.strip() for line in found.group(1).splitlines() if line.strip()]


def _lines(name):
    return (DATA / name).read_text().splitlines()


ENDINGS = set(" ".join(_block("endings")).split())
WORDS = _lines("crawler_words.txt")
PATTERNS = [re.compile(line) for line in _lines("crawler_patterns.txt") + _block("patterns")]
LIBRARIES = [line.lower() for line in _lines("libraries.txt")]
BROWSERS = [(re.compile(row[0]), row[1:]) for row in (line.split("\t") for line in _lines("browsers.tsv"))]
SPAM = set(_lines("spam.txt"))
SITES = {host: (name, sort) for sort, name, host in (line.split("\t")[:3] for line in _lines("sources.tsv"))}
SITE_NAMES = {name.lower(): name for name, _ in SITES.values()}


class Skipped(Exception):
    """A line that is no page view, or a page view that is refused, with the reason."""


class Reading:
    """A log, read once, line by line."""

    def __init__(self, log, host, time_zone="UTC", with_assets=False):
        self.host = host
        self.zone = zoneinfo.ZoneInfo(time_zone)
        self.with_assets = with_assets
        self.skipped = collections.Counter()
        self.unreadable = []
        self.views = []
        self.lines = 0
        self._known_agents = {}
        self._last_seen = {}
        for line in log.split(b"\n")[: -1 if log.endswith(b"\n") else None]:
            self.lines += 1
            self._take(line)

    def _take(self, line):
        text = line.strip().decode(errors="replace").strip()
        if not text:
            return
        try:
            if len(line) > LINE_BYTES_MAX:
                raise Skipped("unreadable")
            self.views.append(self._view(text))
        except Skipped as skipped:
            self.skipped[str(skipped)] += 1
            if str(skipped) == "unreadable":
                self.unreadable.append(self.lines)

    def _view(self, text):
        found = LINE.match(text)
        if not found:
            raise Skipped("unreadable")
        words = found["request"].split()
        if len(words) < 2:
            raise Skipped("unreadable")
        at = _time(found["time"])
        _number, _, fields = found["rest"].lstrip().partition(" ")
        referrer, agent = _referrer_and_agent(fields.strip())
        if words[0] != "GET":
            raise Skipped("method")
        if not (found["status"].startswith("2") or found["status"] == "304"):
            raise Skipped("status")
        address = words[1]
        url = f"http://{self.host}{address}" if address.startswith("/") else address
        host, path, query = _address(url)
        if not self.with_assets and _is_asset(path):
            raise Skipped("asset")
        if not _is_below(host, self.host):
            raise Skipped("unknown_host")
        if self._is_program(agent):
            raise Skipped("bot")
        referring_host, referrer = self._referrer(referrer)
        if not SPAM.isdisjoint(_itself_and_above(referring_host)):
            raise Skipped("spam_referrer")
        day = at.astimezone(self.zone).date()
        second = int(at.timestamp())
        return View(
            second=second,
            day=day,
            visitor=self._visitor(day, second, _client(found["client"]), agent),
            page=_readable(path) or "/",
            referrer=referrer,
            source=_source(query, referring_host),
        )

    def _visitor(self, day, second, client, agent):
        """Today's visitor, unless yesterday's was there within a visit's longest gap."""
        yesterday = (day - datetime.timedelta(days=1), client, agent)
        last = self._last_seen.get(yesterday)
        visitor = yesterday if last is not None and second - last <= VISIT_GAP_S else (day, client, agent)
        self._last_seen[visitor] = second
        return visitor

    def _is_program(self, agent):
        if agent not in self._known_agents:
            self._known_agents[agent] = _is_program(agent.strip())
        return self._known_agents[agent]

    def _referrer(self, text):
        try:
            host, path, _ = _address(text.strip())
        except Skipped:
            return "", ""
        if not host or _is_below(host, self.host):
            return "", ""
        return host, host + (_readable(path) or "/").rstrip("/")


def _time(text):
    found = re.fullmatch(r"(\d+/[A-Za-z]{3}/\d{4}:\d+:\d+:)(\d+) ([+-]\d{4})", text)
    if not found:
        raise Skipped("unreadable")
    seconds = min(int(found[2]), 59)
    try:
        return datetime.datetime.strptime(f"{found[1]}{seconds} {found[3]}", "%d/%b/%Y:%H:%M:%S %z")
    except ValueError:
        raise Skipped("unreadable") from None


def _client(text):
    for word in text.split()[:2]:
        try:
            address = ipaddress.ip_address(word)
        except ValueError:
            continue
        mapped = getattr(address, "ipv4_mapped", None)
        return mapped or address
    return None


def _referrer_and_agent(text):
    if not text.startswith('"'):
        return "", ""
    referrer, both, agent = text[1:].partition('" "')
    if not both:
        referrer = referrer.removesuffix('"')
    elif '" ' in agent:
        agent = agent[: agent.rindex('" ')]
    else:
        agent = agent.removesuffix('"')
    return tuple("" if field == "-" else field for field in (referrer, agent))


def _address(url):
    """Host in its one form, path and query of an absolute address."""
    found = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://([^/\\?#]*)([^?#]*)(?:\?([^#]*))?", url)
    if not found:
        raise Skipped("unreadable")
    host = found[1].rpartition("@")[2].partition(":")[0].lower().rstrip(".")
    return host.removeprefix("www."), found[2], found[3] or ""


def _is_asset(path):
    _, dot, ending = path.rpartition("/")[2].rpartition(".")
    return bool(dot) and ending.lower() in ENDINGS


def _is_below(host, above):
    return host == above or host.endswith("." + above)


def _itself_and_above(host):
    labels = host.split(".")
    return [".".join(labels[at:]) for at in range(len(labels))]


def _is_program(agent):
    if not agent or agent == "-":
        return True
    if any(word in agent for word in WORDS) or any(pattern.search(agent) for pattern in PATTERNS):
        return True
    if any(library in agent.lower() for library in LIBRARIES):
        return True
    for pattern, replacements in BROWSERS:
        if found := pattern.search(agent):
            named = replacements[0] if replacements else ""
            return (named or found[1]) == "Spider"
    return False


def _readable(path):
    try:
        path = urllib.parse.unquote(path, errors="strict")
    except UnicodeDecodeError:
        pass
    harmful = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
    return harmful.sub("", path.strip()).strip()


def _source(query, referring_host):
    parameters = {}
    for name, value in urllib.parse.parse_qsl(query):
        parameters.setdefault(name.lower(), value.strip())
    for name in ("utm_source", "source", "ref"):
        if parameters.get(name):
            named = parameters[name]
            return SITE_NAMES.get(named.lower()) or _site(named.lower()) or named
    return _site(referring_host) or referring_host


def _site(host):
    host = host.removeprefix("www.").removeprefix("m.")
    labels = host.split(".")
    for at in range(len(labels) - 1):
        rest = labels[at:]
        ways = [".".join(rest), ".".join(rest[:-1] + ["{}"])]
        if len(rest) > 2 and len(rest[-1]) == 2 and len(rest[-2]) <= 3:
            # `co.uk` and its like.
            ways.append(".".join(rest[:-2] + ["{}"]))
        for way in ways:
            if way in SITES:
                name, sort = SITES[way]
                return None if at and sort == "search" else name
    return None


def visits_of(views):
    """The visits of page views: each a list in the order of their events."""
    by_visitor = collections.defaultdict(list)
    for view in views:
        by_visitor[view.visitor].append(view)
    visits = []
    for own in by_visitor.values():
        own.sort(key=lambda view: (view.second, *(_bytes(text) for text in view[3:])))
        for view in own:
            if visits and visits[-1][-1].visitor == view.visitor:
                if view.second - visits[-1][-1].second <= VISIT_GAP_S:
                    visits[-1].append(view)
                    continue
            visits.append([view])
    return visits


def _visitors(views):
    """Each visitor once a day, the days added up."""
    return len({(view.day, view.visitor) for view in views})


def totals(views):
    """The numbers of a range that holds every view."""
    visits = visits_of(views)
    bounces = sum(len(visit) == 1 for visit in visits)
    seconds = sum(visit[-1].second - visit[0].second for visit in visits)
    return {
        "visitors": _visitors(views),
        "visits": len(visits),
        "pageviews": len(views),
        "bounce_rate": _rounded(fractions.Fraction(bounces * 100, len(visits))),
        "visit_duration": _rounded(fractions.Fraction(seconds, len(visits))),
    }


def by_day(views):
    """Day, visitors, visits, page views, in the order of the days."""
    visits = collections.Counter()
    for visit in visits_of(views):
        visits.update({view.day for view in visit})
    groups = _grouped(views, lambda view: view.day.isoformat())
    return [
        [day, _visitors(own), visits[own[0].day], len(own)]
        for day, own in sorted(groups.items())
    ]


def top_pages(views):
    """Page, page views, visitors; most page views first."""
    groups = _grouped(views, lambda view: view.page)
    return _ordered([page, len(own), _visitors(own)] for page, own in groups.items())


def top_sources(views):
    """Source, visits, visitors, page views; most visits first."""
    groups = _grouped(visits_of(views), lambda visit: visit[0].source or "Direct / None")
    return _ordered(
        [source, len(own), _visitors(sum(own, [])), sum(map(len, own))]
        for source, own in groups.items()
    )


def _grouped(things, key):
    groups = collections.defaultdict(list)
    for thing in things:
        groups[key(thing)].append(thing)
    return groups


def _ordered(rows):
    return sorted(rows, key=lambda row: (-row[1], _bytes(row[0])))


def _bytes(text):
    return text.encode()


def _rounded(number):
    return math.floor(number + fractions.Fraction(1, 2))
