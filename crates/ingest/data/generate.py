#!/usr/bin/env python3
"""Turns public lists into the tables beside this file; README.md names each source and licence.

usage: generate.py SOURCES_DIR, holding regexes.yaml, crawler-user-agents.json, SearchEngines.yml,
Socials.yml, AIAssistants.yml, spammers.txt, zone.tab and tzdata.zi
"""

import json
import pathlib
import re
import sys
import urllib.parse

import yaml

HERE = pathlib.Path(__file__).parent
SOURCES = pathlib.Path(sys.argv[1])

# Programs that people run: listed upstream as crawlers because a crawler can be written with them,
# but a library also sends events on behalf of users. They go to a list of their own.
LIBRARIES = {
    "Python-urllib", "python-requests", "aiohttp", "httpx", "libwww-perl", "httpunit",
    "Go-http-client", "okhttp", "AHC\\/", "^Apache-HttpClient", "Jetty", "[wW]get", "curl",
    "axios", "node-fetch", "undici", "got", "GuzzleHttp", "Java\\/", "PycURL", "lwp-trivial",
    "^curl", "^PHP-Curl-Class", "^HTTPie\\/", "[mM]echanize", "Pcore-HTTP", "http_get",
    "Fetch\\/", "NetAPI", "Indy Library", "python-httpx", "reqwest",
}
MORE_LIBRARIES = [
    "axios/", "curl/", "Dart/", "Faraday v", "GuzzleHttp/", "hackney/", "Java/", "node-fetch",
    "PostmanRuntime/", "Ruby", "RestSharp", "Symfony HttpClient", "undici", "ureq/", "reqwest/",
    "Wget", "Deno/", "Bun/", "HTTPie/", "python-urllib3", "Java-http-client", "WinHttp",
]
# Apps, devices and editors in which people read pages: not crawlers, whatever else they do.
PEOPLE = {
    "AP3A\\.240617\\.008", "MetaIAB Facebook", "Code\\/1\\.", "Trae\\/", "Fluid", "Sonic",
    "Goodreads", "Tumblr\\/", "Notion\\/", "PayPal\\/", "mail\\.ru", "Butterfly", "Fever",
    "RED\\/", "Operator\\/", "Instapaper\\/", "PocketCasts\\/", "Overcast\\/",
}
META = re.compile(r"[\\\[\](){}?*+^$|.]")


def write(name, lines):
    (HERE / name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    print(name, len(lines))


def user_agents():
    data = yaml.safe_load((SOURCES / "regexes.yaml").read_text(encoding="utf-8"))

    def rows(parsers, fields):
        for parser in parsers:
            row = [parser["regex"]] + [str(parser.get(field, "")) for field in fields]
            assert not any("\t" in cell or "\n" in cell for cell in row), row
            yield "\t".join(row).rstrip("\t")

    write("browsers.tsv", list(rows(data["user_agent_parsers"],
          ["family_replacement", "v1_replacement", "v2_replacement"])))
    write("systems.tsv", list(rows(data["os_parsers"],
          ["os_replacement", "os_v1_replacement", "os_v2_replacement"])))


def crawlers():
    entries = json.loads((SOURCES / "crawler-user-agents.json").read_text(encoding="utf-8"))
    words, patterns, libraries = set(), set(), set(MORE_LIBRARIES)
    for pattern in (entry["pattern"] for entry in entries):
        if pattern in PEOPLE:
            continue
        word = pattern.replace("\\/", "/").replace("\\.", "\0")
        plain = not META.search(word)
        word = word.replace("\0", ".")
        if pattern in LIBRARIES:
            libraries.add(word.removeprefix("^").replace("[wW]get", "wget").replace("[mM]", "m"))
        elif plain:
            words.add(word)
        else:
            patterns.add(pattern)
    write("crawler_words.txt", sorted(words))
    write("crawler_patterns.txt", sorted(patterns))
    write("libraries.txt", sorted(libraries))


def sources():
    rows = {}

    def put(kind, name, host):
        host = urllib.parse.unquote(host).strip().lower()
        name = urllib.parse.unquote(name).strip()
        host = re.sub(r"^(www\.|m\.)(?=.*\..)", "", host)
        if "/" in host or "{}." in host or not host:
            return  # paths are not looked at, and a leading wildcard is a subdomain
        rows.setdefault(host, (kind, name))

    for line in (HERE / "own_sources.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, name, host = line.split("\t")
            put(kind, name, host)
    for name, hosts in yaml.safe_load((SOURCES / "AIAssistants.yml").read_text()).items():
        for host in hosts:
            put("ai", name, host)
    for name, hosts in yaml.safe_load((SOURCES / "Socials.yml").read_text()).items():
        for host in hosts:
            put("social", name, host)
    for name, groups in yaml.safe_load((SOURCES / "SearchEngines.yml").read_text()).items():
        for group in groups:
            for host in group["urls"]:
                put("search", str(name), host)
    ordered = sorted(rows.items(), key=lambda row: (row[1], row[0]))
    write("sources.tsv", [f"{kind}\t{name}\t{host}" for host, (kind, name) in ordered])


def spam():
    lines = (SOURCES / "spammers.txt").read_text(encoding="utf-8").split()
    write("spam.txt", sorted({line.lower() for line in lines if line.isascii()}))


def zones():
    country = {}
    for line in (SOURCES / "zone.tab").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            code, _, zone = line.split("\t")[:3]
            country[zone] = code
    links = [line.split()[1:3] for line in (SOURCES / "tzdata.zi").read_text().splitlines()
             if line.startswith("L ")]
    for _ in range(3):  # links may point at links
        for target, alias in links:
            if target in country and "/" in alias:
                country.setdefault(alias, country[target])
    write("zones.tsv", [f"{zone}\t{code}" for zone, code in sorted(country.items())])


user_agents()
crawlers()
sources()
spam()
zones()
