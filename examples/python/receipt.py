"""Checks the receipt of a report with the public keys alone, without asking anybody."""

import base64
import hashlib
import json

import ed25519


class Wrong(Exception):
    """A receipt that does not hold."""


def canonical(value) -> bytes:
    """JSON in its canonical form (RFC 8785): names in order, no space. Numbers are whole here."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _given(fields: dict) -> dict:
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def fingerprint(content: dict, request_id: str, author_id: str) -> str:
    """The SHA-256 that the receipt must name: over the content as it was sent, what was left out left out."""
    template = content.get("template") or {"code": "GENERAL", "version": 1}
    defaults = {"precision": "DAY", "thirdParty": False, "locates": False}
    answers = [{name: value for name, value in _given(answer).items() if value is not False} for answer in content.get("answers") or []]
    lines = [defaults | _given(line) for line in content.get("chronology") or []]
    items = [{"thirdParty": False} | _given(item) for item in content.get("restrictedItems") or []]
    for item in items:
        item["readers"] = [_given(reader) for reader in item.get("readers", [])]
    whole = content | {
        "answers": answers,
        "chronology": lines,
        "restrictedItems": [_given(item) for item in items],
        "reportRequestId": request_id,
        "authorId": author_id,
        "template": template["code"],
        "templateVersion": template["version"],
    }
    return hashlib.sha256(canonical(_given(whole))).hexdigest()


def _plain(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def check(token: str, keys: dict, content: dict, request_id: str, author_id: str) -> dict:
    """What a receipt says: a compact JSON web signature (RFC 7515) by Ed25519. Raises `Wrong` where it does not hold."""
    try:
        head, body, signature = token.split(".")
        header, receipt = json.loads(_plain(head)), json.loads(_plain(body))
        key = next(key for key in keys["keys"] if key["kid"] == header["kid"])
    except (ValueError, KeyError, StopIteration) as error:
        raise Wrong("the receipt is signed by no known key") from error
    if header["alg"] != "EdDSA" or not ed25519.verify(_plain(key["x"]), f"{head}.{body}".encode(), _plain(signature)):
        raise Wrong("the signature of the receipt does not hold")
    if receipt["sha256"] != fingerprint(content, request_id, author_id):
        raise Wrong("the receipt is of another text")
    if receipt["reportRequest"] != request_id:
        raise Wrong("the receipt answers another request")
    return receipt
