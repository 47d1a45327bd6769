"""Speaks to the API, and again under the same idempotency key where no answer came."""

import json
import random
import time
import urllib.error
import urllib.request

# What passes by itself. Everything else stays as it is, however often it is sent.
PASSING = {"STORAGE_UNAVAILABLE", "TIMEOUT", "RATE_LIMITED", "IDEMPOTENCY_IN_FLIGHT"}


class Refused(Exception):
    """The API refused an operation, by the code that it gives."""

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message}")
        self.code = code


class _Again(Exception):
    def __init__(self, why: str, seconds: float = 0):
        super().__init__(why)
        self.seconds = seconds


class Client:
    """`lose` answers to mutations get lost on the way, after the server has given them: to see that nothing is done twice."""

    def __init__(self, url: str, token: str, reason: str, attempts: int = 6, timeout: float = 15, lose: int = 0):
        self.url, self.token, self.reason = url, token, reason
        self.attempts, self.timeout, self.lose = attempts, timeout, lose

    def ask(self, document: str, **variables) -> dict:
        """The data of an operation.

        A mutation is sent again without fear: under its idempotency key it happens once, and who did not hear the answer is
        answered the same again. So make the key first, keep it, and only then send.
        """
        for attempt in range(1, self.attempts + 1):
            try:
                return self._once(document, variables)
            except _Again as again:
                if attempt == self.attempts:
                    raise
                patience = min(30, 0.2 * 2**attempt) * random.uniform(0.5, 1.5)
                time.sleep(max(patience, again.seconds))
        raise AssertionError("an attempt answers or raises")

    def _once(self, document: str, variables: dict) -> dict:
        status, body = self._send(json.dumps({"query": document, "variables": variables}).encode())
        if self.lose > 0 and document.lstrip().startswith("mutation"):
            self.lose -= 1
            raise _Again("the answer was lost")
        if body.get("errors"):
            error = body["errors"][0]
            code = error.get("extensions", {}).get("code", "UNKNOWN")
            if code in PASSING:
                raise _Again(code, error["extensions"].get("retryAfter", 0))
            raise Refused(code, error["message"])
        if status >= 500 or body.get("data") is None:
            raise _Again(f"status {status}")
        return body["data"]

    def _send(self, body: bytes) -> tuple[int, dict]:
        headers = {
            "authorization": f"Bearer {self.token}",
            "content-type": "application/json",
            "accept": "application/graphql-response+json, application/json",
            "x-access-reason": self.reason,
        }
        request = urllib.request.Request(self.url, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            try:
                return error.code, json.load(error)
            except ValueError:
                raise _Again(f"status {error.code}") from error
        except (OSError, ValueError) as error:
            # whether it was done is not known: that is what the key is for
            raise _Again(f"no answer: {error}") from error
