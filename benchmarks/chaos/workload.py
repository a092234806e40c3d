"""People, accounts and prompts: drawn from the seed, with troubles of the service written into the prompts."""

import logging
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass

import requests
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections

from accounts import syncing
from accounts.models import Account, User
from generations.enqueue import enqueue
from midjourney.upstream import UpstreamError

logger = logging.getLogger(__name__)

# Of a hundred jobs so many meet this. Those of the second kind were accepted and paid although the answer is lost.
TROUBLES = {
    "429x2": 3, "502": 2, "500": 1, "503": 1, "504": 1, "drop-before": 2, "html": 1, "delay-before=2": 2,
    "moderated": 2, "invalid": 1, "fail": 2, "expired": 1,
    "drop-after": 4, "502-after-accept": 3, "503-after-accept": 1, "504-after-accept": 1, "504-runs-anyway": 1,
    "html-after-accept": 1, "truncated-json": 3, "cut-off": 2, "empty-answer": 1, "slow=4": 2, "slow=18": 1,
    "trickle=3": 2,
}  # fmt: skip
VIDEOS = 2  # of a hundred
START_IMAGE = "https://img.example.org/start.png"
SUBJECTS = ("a lighthouse", "an old clockmaker", "a paper boat", "a fox in the snow", "a city at night", "a teapot")


@dataclass(frozen=True)
class Order:
    """One job that somebody asks for."""

    text: str
    account: int  # by number
    person: int
    by_web: bool
    at: float  # seconds after the start


def draw(seed: int, jobs: int, accounts: int, people: int, spread: float, by_web: float = 0.1) -> list[Order]:
    """Who asks for what when: half of it at the start, the rest over `spread` seconds."""
    rng = random.Random(f"workload/{seed}")
    orders = []
    for number in range(jobs):
        account = rng.randrange(accounts)
        at = 0.0 if number % 2 else rng.uniform(0, spread)
        text = _text(rng, number, is_quick=account == accounts - 1)
        orders.append(Order(text, account, rng.randrange(people), rng.random() < by_web, at))
    return sorted(orders, key=lambda order: order.at)


def _text(rng: random.Random, number: int, *, is_quick: bool) -> str:
    words, weights = [*TROUBLES, ""], [*TROUBLES.values(), 100 - sum(TROUBLES.values())]
    trouble = rng.choices(words, weights)[0]
    parts = [rng.choice(SUBJECTS), f"number {number}", f"sim:{trouble}" if trouble else ""]
    if rng.randrange(100) < VIDEOS:
        parts = [START_IMAGE, *parts, "--video"]
    elif is_quick and rng.random() < 0.1:
        # Such a job may end before the quarantine does, so on this account a lost answer that is not found goes to
        # a person; on the others absence can prove that a job never started.
        parts.append("--turbo")
    return " ".join(filter(None, parts))


def make_people(count: int) -> list[User]:
    return [User.objects.create_user(f"person{number}@studio.test", name=f"Person {number}") for number in range(count)]


def make_accounts(count: int, slots: int) -> list[Account]:
    """Accounts on the simulator, each with two channels."""
    accounts = []
    for number in range(count):
        account = Account(name=f"Account {number}", base_url=settings.SIMULATOR_URL)
        account.set_token(f"user:{2000 + number}-chaos-ch2-max{slots}")
        account.save()
        accounts.append(account)
    return accounts


def sync(accounts: list[Account]) -> None:
    """Wait until the simulator has named the channels of all accounts. Raises UpstreamError."""
    for account in accounts:
        for attempt in range(50):
            try:
                syncing.sync_account(account)
                break
            except UpstreamError:
                if attempt == 49:
                    raise
                time.sleep(0.2)


class Visitors:
    """Asks for the jobs at their times, some in the browser's way, and asks again until it was heard.

    The same request again, after an answer that never came, must not make a second job.
    """

    def __init__(self, orders: list[Order], people: list[User], accounts: list[Account], url: str) -> None:
        self.orders, self.people, self.accounts, self.url = orders, people, accounts, url
        self.repeats: Counter[str] = Counter()
        self.left = len(orders)
        self._cookies = [_sign_in(person) for person in people]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="visitors", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    @property
    def is_done(self) -> bool:
        return not self._thread.is_alive()

    def _run(self) -> None:
        began = time.monotonic()
        for order in self.orders:
            while (wait := began + order.at - time.monotonic()) > 0:
                if self._over.wait(min(wait, 0.5)):
                    return
            ask = self._ask_by_web if order.by_web else self._ask
            key = uuid.uuid4().hex
            while not ask(order, key):
                self.repeats["by web" if order.by_web else "direct"] += 1
                if self._over.wait(0.5):
                    return
            self.left -= 1

    def _ask(self, order: Order, key: str) -> bool:
        try:
            close_old_connections()
            enqueue(self.people[order.person], order.text, account=self.accounts[order.account], key=key)
        except Exception as error:  # noqa: BLE001  # the database is away: ask again with the same key
            logger.info("ask again: %s", type(error).__name__)
            return False
        return True

    def _ask_by_web(self, order: Order, key: str) -> bool:
        body = {
            "text": order.text, "account": self.accounts[order.account].pk, "key": key, "changed": "",
            "csrfmiddlewaretoken": _CSRF,
        }  # fmt: skip
        try:
            answer = requests.post(
                f"{self.url}/prompts/",
                data=body,
                cookies=self._cookies[order.person],
                allow_redirects=False,
                timeout=10,
            )
        except requests.RequestException:
            return False
        return answer.status_code == 302 and answer.headers.get("Location") == "/"


_CSRF = "c" * 32


def _sign_in(person: User) -> dict[str, str]:
    """The cookies of a browser in which this person has signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return {settings.SESSION_COOKIE_NAME: str(session.session_key), settings.CSRF_COOKIE_NAME: _CSRF}
