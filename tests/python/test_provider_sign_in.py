"""Signing in through a real provider, npm's oidc-provider: who gets in, who does not, and that an
answer is good once, for the browser that asked."""

import http.cookiejar
import json
import re
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest

from conftest import ROOT, WAIT_S

NODE = ROOT / "tests/node"
CALLBACK = "/api/oidc/callback"
# Steps that a browser is led through at most: the provider's own pages and redirects.
STEPS_MAX = 20


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing by itself."""

    def redirect_request(self, *_):
        return None


class Browser:
    """Cookies, and requests that follow no redirect."""

    def __init__(self, base):
        self.base = base
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(self.jar),
            Stay(),
        )

    def ask(self, method, url, body=None, headers=None):
        """One request: status, headers, text."""
        url = urllib.parse.urljoin(self.base, url)
        asked = urllib.request.Request(url, body, headers or {}, method=method)
        try:
            with self.opener.open(asked, timeout=WAIT_S) as reply:
                return reply.status, reply.headers, reply.read().decode()
        except urllib.error.HTTPError as answered:
            with answered:
                return answered.code, answered.headers, answered.read().decode()

    def json(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        status, _, text = self.ask(method, path, data, headers)
        return status, json.loads(text) if text else None

    def begin(self, purpose="sign_in"):
        """Where the provider is, for a sign-in that this browser began."""
        status, answer = self.json("POST", "/api/oidc/start", {"purpose": purpose})
        assert status == 200, answer
        return answer["url"]

    def at_provider(self, url, name):
        """Signs in as `name` and agrees to all that is asked; gives the address that leads back."""
        for _ in range(STEPS_MAX):
            status, headers, text = self.ask("GET", url)
            if status in (302, 303):
                url = urllib.parse.urljoin(url, headers["location"])
                if CALLBACK in url:
                    return url
                continue
            assert status == 200, f"{url}: {status} {text}"
            form = {"prompt": re.search(r'name="prompt" value="(\w+)"', text).group(1)}
            if form["prompt"] == "login":
                form |= {"login": name, "password": "any"}
            action = re.search(r'action="([^"]+)"', text).group(1)
            data = urllib.parse.urlencode(form).encode()
            status, headers, text = self.ask("POST", urllib.parse.urljoin(url, action), data)
            assert status in (302, 303), text
            url = urllib.parse.urljoin(url, headers["location"])
        pytest.fail(f"the provider leads nowhere: {url}")

    def come_back(self, url):
        """Shows the answer to the server: where it leads."""
        status, headers, text = self.ask("GET", url)
        assert status == 303, text
        assert headers["location"].startswith(self.base), headers["location"]
        return headers["location"].removeprefix(self.base)

    def sign_in(self, name, purpose="sign_in"):
        return self.come_back(self.at_provider(self.begin(purpose), name))

    def leave_provider(self):
        """Forgets who this browser is at the provider; cookies do not tell ports apart."""
        for cookie in list(self.jar):
            if not cookie.name.startswith("almanac"):
                self.jar.clear(cookie.domain, cookie.path, cookie.name)

    def who(self):
        status, answer = self.json("GET", "/api/session")
        return answer["user"]["email"] if status == 200 else None


class World:
    """A server and its provider."""

    def __init__(self, instance, domains=""):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.instance = instance
        self.owner = instance.answer("user", "add", "--email", "owner@shop.example")
        instance.serve(
            ALMANAC_OIDC_ISSUER=f"http://127.0.0.1:{port}",
            ALMANAC_OIDC_CLIENT_ID="almanac",
            ALMANAC_OIDC_CLIENT_SECRET="a-secret-of-the-provider",
            ALMANAC_OIDC_NAME="Shop ID",
            ALMANAC_OIDC_DOMAINS=domains,
            ALMANAC_OIDC_ROLE="editor",
            ALMANAC_OUTBOUND_TRUSTED=f"127.0.0.1:{port}",
            ALMANAC_RATE_LIMIT="off",
        )
        words = ["node", "provider.mjs", str(port), instance.base + CALLBACK]
        self.provider = subprocess.Popen(words, cwd=NODE, stdout=subprocess.PIPE)
        assert self.provider.stdout.readline(), "the provider does not start"

    def browser(self):
        return Browser(self.instance.base)

    def by_password(self):
        browser = self.browser()
        account = {"email": "owner@shop.example", "password": self.owner["password"]}
        assert browser.json("POST", "/api/session", account)[0] == 200
        return browser

    def stop(self):
        self.provider.terminate()
        self.provider.wait(WAIT_S)
        self.provider.stdout.close()


@pytest.fixture
def closed(instance):
    """Nobody new gets in uninvited."""
    world = World(instance)
    yield world
    world.stop()


@pytest.fixture
def opened(instance):
    """Whoever has an address at the shop gets in."""
    world = World(instance, domains="shop.example")
    yield world
    world.stop()


def test_a_stranger_stays_out_and_a_guest_comes_in_once_as_invited(closed):
    browser = closed.browser()
    assert browser.json("GET", "/api/setup")[1]["provider"] == "Shop ID"
    assert browser.sign_in("bob") == "/login?failed=stranger"
    assert browser.who() is None

    owner = closed.by_password()
    invitation = {"email": "bob@shop.example", "role": "viewer"}
    assert owner.json("POST", "/api/team/invitations", invitation)[0] == 201
    impostor = closed.browser()
    assert impostor.sign_in("unverified-bob") == "/login?failed=stranger"
    guest = closed.browser()
    assert guest.sign_in("bob") == "/"
    assert guest.who() == "bob@shop.example"
    assert guest.json("GET", "/api/session")[1]["user"]["role"] == "viewer"
    team = owner.json("GET", "/api/team")[1]
    assert team["invitations"] == []
    again = closed.browser()
    assert again.sign_in("bob") == "/"

    [bob] = [each for each in team["members"] if each["email"] == "bob@shop.example"]
    assert owner.json("PATCH", f"/api/team/{bob['id']}", {"disabled": True})[0] == 200
    assert closed.browser().sign_in("bob") == "/login?failed=disabled"
    assert guest.who() is None


def test_a_domain_that_is_named_lets_in_with_its_role_but_opens_no_account(opened):
    browser = opened.browser()
    assert browser.sign_in("carol") == "/"
    assert browser.json("GET", "/api/session")[1]["user"]["role"] == "editor"
    assert opened.browser().sign_in("unverified-carol") == "/login?failed=stranger"
    # The owner's address, verified by the provider, is not the owner.
    thief = opened.browser()
    assert thief.sign_in("owner") == "/login?failed=unlinked"
    assert thief.who() is None


def test_an_account_is_linked_by_its_owner_and_unlinked_again(closed):
    owner = closed.by_password()
    assert owner.json("GET", "/api/account")[1]["provider_linked"] is False
    assert owner.sign_in("somebody-else", "link") == "/settings/security"
    assert owner.json("GET", "/api/account")[1]["provider_linked"] is True
    browser = closed.browser()
    assert browser.sign_in("somebody-else") == "/"
    assert browser.who() == "owner@shop.example"

    invitation = {"email": "bob@shop.example", "role": "viewer"}
    assert owner.json("POST", "/api/team/invitations", invitation)[0] == 201
    bob = closed.browser()
    assert bob.sign_in("bob") == "/"
    bob.leave_provider()
    assert bob.sign_in("somebody-else", "link") == "/settings/security?failed=taken"
    assert bob.who() == "bob@shop.example"
    assert owner.json("DELETE", "/api/account/provider")[0] == 204
    assert owner.json("DELETE", "/api/account/provider")[0] == 404
    assert closed.browser().sign_in("somebody-else") == "/login?failed=stranger"
    actions = [entry["action"] for entry in owner.json("GET", "/api/audit")[1]["entries"]]
    assert {"identity.link", "identity.unlink", "identity.join"} <= set(actions)
    # Nobody links an account without being signed in to it.
    status, _ = closed.browser().json("POST", "/api/oidc/start", {"purpose": "link"})
    assert status == 401


def test_an_answer_is_good_once_for_the_browser_that_asked(opened):
    browser = opened.browser()
    back = browser.at_provider(browser.begin(), "dave")
    stranger = opened.browser()
    assert stranger.come_back(back) == "/login?failed=attempt", "another browser"
    assert browser.come_back(back) == "/login?failed=attempt", "it is spent by that"

    back = browser.at_provider(browser.begin(), "dave")
    assert browser.come_back(back) == "/"
    assert browser.come_back(back) == "/login?failed=attempt", "twice"

    def bent(**changes):
        """A good answer with some of it changed, shown by the browser that asked."""
        asking = opened.browser()
        place, _, query = asking.at_provider(asking.begin(), "dave").partition("?")
        fields = dict(urllib.parse.parse_qsl(query)) | changes
        fields = {name: value for name, value in fields.items() if value is not None}
        return asking.come_back(f"{place}?{urllib.parse.urlencode(fields)}")

    assert bent() == "/"
    assert bent(state=None) == "/login?failed=attempt"
    assert bent(state="x" * 43) == "/login?failed=attempt"
    assert bent(iss="https://evil.example") == "/login?failed=issuer"
    assert bent(iss=None) == "/login?failed=issuer", "this provider says that it names itself"
    assert bent(code="x") == "/login?failed=provider"
    assert bent(code=None) == "/login?failed=denied"
    assert bent(error="access_denied") == "/login?failed=denied"

    # A code that somebody else's sign-in earned: the proof of possession does not fit.
    other = opened.browser()
    stolen = dict(urllib.parse.parse_qsl(other.at_provider(other.begin(), "eve").partition("?")[2]))
    assert bent(code=stolen["code"]) == "/login?failed=provider"


def test_without_its_provider_a_server_says_so_and_goes_on(closed):
    closed.provider.terminate()
    closed.provider.wait(WAIT_S)
    status, answer = closed.browser().json("POST", "/api/oidc/start", {})
    assert status == 503 and "Shop ID" in answer["error"]
    assert closed.by_password().who() == "owner@shop.example"
