"""Whatever the description of the interface allows, asked as everybody who may ask: no fault of the
server, and no answer that is not described. What comes back is checked by schemathesis."""

import json
import os
import subprocess
import sys

import pytest

# Requests that are invented for each operation and phase. `cargo xtask soak` asks for many more.
INVENTED = "200" if os.environ.get("ALMANAC_SOAK") else "3"
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
]
PASSWORD = "a quiet evening of tea"
EXCLUDED = [
    # Signing out would end the role that asks.
    ["--exclude-path", "/api/session"],
    # It answers for as long as somebody listens.
    ["--exclude-path", "/api/projects/{id}/live"],
    # Streams of Arrow and of log lines, for nobody but this machine.
    ["--exclude-tag", "This machine"],
]


def sign_in(instance, email):
    wish = {"email": email, "password": PASSWORD}
    headers = {"content-type": "application/json"}
    status, answered, text = instance.request("POST", "/api/session", wish, headers)
    assert status == 200, text
    return "Cookie: " + answered["set-cookie"].split(";")[0]


def user(instance, role):
    email = f"{role}@shop.example"
    words = ["user", "add", "--email", email, "--role", role]
    instance.answer(*words, variables={"ALMANAC_PASSWORD": PASSWORD})
    return sign_in(instance, email)


def key(instance, scope):
    made = instance.answer("key", "add", "--project", "shop.example", "--scope", scope)
    return f"Authorization: Bearer {made['key']}"


def admin_key(instance):
    made = instance.answer("key", "add", "--admin")
    return f"Authorization: Bearer {made['key']}"


ROLES = {
    "nobody": lambda instance: "Accept: application/json",
    "owner": lambda instance: user(instance, "owner"),
    "admin": lambda instance: user(instance, "admin"),
    "editor": lambda instance: user(instance, "editor"),
    "viewer": lambda instance: user(instance, "viewer"),
    "stats_key": lambda instance: key(instance, "stats"),
    "ingest_key": lambda instance: key(instance, "ingest"),
    "write_key": lambda instance: key(instance, "project:write"),
    "admin_key": admin_key,
}


@pytest.mark.parametrize("role", ROLES)
def test_nothing_that_is_described_breaks_the_server_or_its_word(instance, role):
    instance.add_project("shop.example")
    instance.serve(ALMANAC_RATE_LIMIT="off")
    header = ROLES[role](instance)
    command = [sys.executable, "-m", "schemathesis.cli", "run", "--no-color"]
    command += [f"{instance.base}/api/openapi.json", "--header", header]
    command += ["--max-examples", INVENTED, "--phases", "examples,coverage,fuzzing"]
    command += ["--checks", ",".join(CHECKS), "--seed", "1", *sum(EXCLUDED, [])]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=1200)
    assert asked.returncode == 0, asked.stdout.partition("WARNINGS")[0] + asked.stderr
    status, _, text = instance.request("GET", "/api/health")
    assert (status, json.loads(text)["status"]) == (200, "ok")
