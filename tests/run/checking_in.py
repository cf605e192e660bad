"""People at work, as a test sees them: signed in through the browser's door, checking in one after the other."""

import http.cookiejar
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

from tests.run.service import Service, eventually

LEAST_AT_A_TIME = 10
# Between two check-ins, in seconds: who sends as fast as it goes leaves a small machine no time for what is tested.
BREATH = 0.1


def fed_key_result(service: Service) -> int:
    """A key result of the example company that adds up, in an objective that contributes to another."""
    with service.database() as database:
        (key_result,) = database.execute(
            """
            SELECT kr.id FROM objectives_keyresult kr
            JOIN objectives_objective o ON o.id = kr.objective_id AND o.state = 'active'
            JOIN objectives_cycle c ON c.id = o.cycle_id AND c.state = 'active'
                AND (now() AT TIME ZONE 'Asia/Tokyo')::date BETWEEN c.start AND c.end
            JOIN objectives_alignment a ON a.child_id = o.id AND a.link = 'contributes'
            WHERE kr.kind = 'cumulative' AND kr.dropped_at IS NULL AND o.level = 'team'
            ORDER BY kr.id LIMIT 1
            """
        ).fetchone()
    return key_result


class Person:
    """A browser without a face: signs in and sends check-ins, repeating one until it is answered."""

    def __init__(self, port: int, email: str) -> None:
        self.home = f"http://127.0.0.1:{port}"
        self.email = email
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def token(self) -> str:
        return next(cookie.value for cookie in self.jar if cookie.name == "csrftoken")

    def sign_in(self) -> None:
        self.opener.open(f"{self.home}/accounts/login/", timeout=60)
        form = {"login": self.email, "password": "try-okr-planner", "csrfmiddlewaretoken": self.token()}
        self.opener.open(f"{self.home}/accounts/login/", urllib.parse.urlencode(form).encode(), timeout=60)

    def check_in(self, key_result: int, value: int, key: str) -> int:
        request = urllib.request.Request(  # noqa: S310 (our own server)
            f"{self.home}/api/v1/o/demo/key-results/{key_result}/check-ins/",
            json.dumps({"value": value, "confidence": 6, "submission_key": key}).encode(),
            {"Content-Type": "application/json", "X-CSRFToken": self.token()},
        )
        with self.opener.open(request, timeout=60) as answer:
            return answer.status


class CheckingIn(threading.Thread):
    """Sends one check-in of 1 after the other; what got no answer is sent again under the same key."""

    def __init__(self, person: Person, key_result: int) -> None:
        super().__init__(daemon=True)
        self.person, self.key_result = person, key_result
        self.acknowledged: list[str] = []
        self.sent: set[str] = set()
        self.refused: list[int] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            key = str(uuid.uuid4())
            self.sent.add(key)
            while not self.enough.is_set():
                try:
                    self.person.check_in(self.key_result, 1, key)
                except urllib.error.HTTPError as failure:
                    if failure.code < 500:
                        self.refused.append(failure.code)
                        return
                except OSError:
                    pass
                else:
                    self.acknowledged.append(key)
                    self.enough.wait(BREATH)
                    break
                time.sleep(0.05)

    def wait_for_more(self) -> None:
        already = len(self.acknowledged)
        eventually(lambda: self.refused or len(self.acknowledged) >= already + LEAST_AT_A_TIME, timeout=60)
        assert self.refused == []
