"""Gives a report that your agency is asked for: draft, submit, receipt, feed. Tells each step as a line of JSON."""

import argparse
import json
import os
import sys
import urllib.request
import uuid
from pathlib import Path

import receipt
from client import Client
from withheld import field, in_words

ME = "query Me { viewer { practitioner { id fullName } agency { name } } }"

OPEN = """query OpenRequests($status: ReportRequestStatus!) { reportRequests(status: $status, first: 50) { nodes {
  id dueAt status child { id nhsNumber firstLanguage legalStatus withheld } } } }"""

SAVE = """mutation SaveDraft($input: SaveConferenceReportDraftInput!) { it: saveConferenceReportDraft(input: $input) {
  conferenceReport { id revision missing { code } } userErrors { field code message } } }"""

SUBMIT = """mutation SubmitDraft($input: SubmitConferenceReportDraftInput!) {
  it: submitConferenceReportDraft(input: $input) {
    conferenceReport { id version state receipt { token } } userErrors { field code message } } }"""

FEED = """query Feed($after: String) { events(first: 100, after: $after) {
  nodes { kind occurredAt conferenceReport { id } } pageInfo { hasNextPage endCursor } } }"""


class State:
    """What must outlive this process: the idempotency keys of what was begun, and the place in the feed."""

    def __init__(self, file: Path):
        self.file = file
        self.kept = json.loads(file.read_text()) if file.exists() else {"keys": {}, "cursor": None}

    def key(self, act: str) -> str:
        """The key of an act: made the first time, and kept before it is used."""
        key = self.kept["keys"].setdefault(act, str(uuid.uuid4()))
        self.keep()
        return key

    def keep(self):
        # written beside and moved: a crash leaves the one or the other, never half
        beside = self.file.with_suffix(".new")
        beside.write_text(json.dumps(self.kept, indent=2))
        beside.replace(self.file)


def tell(step: str, **what):
    print(json.dumps({"step": step, **what}), flush=True)


def done(payload: dict) -> dict:
    """What was written, or the findings: what the caller can put right."""
    if payload["conferenceReport"] is not None:
        return payload["conferenceReport"]
    sys.exit("\n".join(f"{each['field']}: {each['message']} ({each['code']})" for each in payload["userErrors"]))


def follow(client: Client, after: str | None, is_past: bool) -> str | None:
    """Reads the feed from a cursor to its end; answers where to go on. Each event comes once, in order, without gaps."""
    while True:
        page = client.ask(FEED, after=after)["events"]
        # where nothing was read before, the past is passed over
        for event in [] if is_past else page["nodes"]:
            tell("event", kind=event["kind"], conferenceReport=(event["conferenceReport"] or {}).get("id"))
        after = page["pageInfo"]["endCursor"] or after
        if not page["pageInfo"]["hasNextPage"]:
            return after


def to_write(client: Client) -> dict:
    """What is due soon comes first."""
    for status in ("DUE", "OPEN"):
        nodes = client.ask(OPEN, status=status)["reportRequests"]["nodes"]
        if nodes:
            return nodes[0]
    sys.exit("nothing is asked of your agency")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default=os.environ.get("QUORATE_URL", "http://127.0.0.1:8080/graphql"))
    parser.add_argument("--report", type=Path, default=Path(__file__).parent.parent / "report.json")
    parser.add_argument("--state", type=Path, default=Path("report-state.json"))
    parser.add_argument("--lose", type=int, default=0, help="answers to mutations that get lost on the way")
    args = parser.parse_args()
    token = os.environ.get("QUORATE_TOKEN") or sys.exit("set QUORATE_TOKEN to a token of your agency")
    client = Client(args.url, token, "Writing our report", lose=args.lose)
    content, state = json.loads(args.report.read_text()), State(args.state)

    author = client.ask(ME)["viewer"]["practitioner"] or sys.exit("this token is a system's: name the author yourself")
    request = to_write(client)
    child = request["child"]
    # three states, not two: "withheld" is not "there is none"
    number = field(child, "nhsNumber", "IDENTITY").state
    language = in_words(field(child, "firstLanguage", "IDENTITY"))
    legal = in_words(field(child, "legalStatus", "LEGAL"))
    tell("request", id=request["id"], dueAt=request["dueAt"], nhsNumber=number, firstLanguage=language, legalStatus=legal)

    # from now on in the feed, before anything is done
    before = follow(client, state.kept["cursor"], is_past=state.kept["cursor"] is None)

    key = state.key(f"draft {request['id']}")
    written = {**content, "idempotencyKey": key, "reportRequestId": request["id"]}
    draft = done(client.ask(SAVE, input=written)["it"])
    tell("draft", id=draft["id"], revision=draft["revision"], missing=[each["code"] for each in draft["missing"]])

    key = state.key(f"submit {request['id']}")
    sent = {"idempotencyKey": key, "conferenceReportId": draft["id"], "expectedRevision": draft["revision"]}
    report = done(client.ask(SUBMIT, input=sent)["it"])
    tell("submitted", id=report["id"], state=report["state"], version=report["version"])

    # the keys are public and seldom change: fetch them once and keep them
    with urllib.request.urlopen(args.url.replace("/graphql", "/receipts/keys"), timeout=15) as answer:
        keys = json.load(answer)
    says = receipt.check(report["receipt"]["token"], keys, content, request["id"], author["id"])
    tell("receipt", sha256=says["sha256"], says=says["says"], same=True)

    state.kept["cursor"] = follow(client, before, is_past=False)
    state.keep()


if __name__ == "__main__":
    main()
