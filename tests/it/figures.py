"""Counts the figures of non-attendance again, from the rows, in other words than the program: the standard library alone.

Reads {now, rows, answers} from its input. The score interval is found by solving its equation, the tail of the binomial
distribution by whole numbers, the limits of the funnel from the normal distribution of the library.
"""
import json
import sys
from collections import defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import comb, sqrt
from statistics import NormalDist
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
Z = NormalDist().inv_cdf(0.975)
STAGES = {("STRATEGY_MEETING", ""): "ENQUIRY", ("CORE_GROUP", ""): "PLAN"}
CAME = {"IN_PERSON", "REMOTE", "DEPUTY"}
MISSED = {"APOLOGIES", "NO_WORD"}


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def month(day, months):
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def plus(first, months):
    n = first.year * 12 + first.month - 1 + months
    return date(n // 12, n % 12 + 1, 1)


def wilson(some, of):
    """The proportions p for which (some/of - p)^2 = z^2 p (1 - p) / of, by bisection."""
    rate = some / of
    off = lambda p: (rate - p) ** 2 - Z * Z * p * (1 - p) / of

    def root(low, high):
        for _ in range(200):
            middle = (low + high) / 2
            if (off(low) > 0) == (off(middle) > 0):
                low = middle
            else:
                high = middle
        return low

    return (0.0 if some == 0 else root(0.0, rate), 1.0 if some == of else root(1.0, rate))


def tail(some, of, centre):
    p = Fraction(centre).limit_denominator(10**12)
    return float(sum(comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(some, of + 1)))


def near(told, counted, what):
    assert told is not None and abs(told - counted) < 1e-7, f"{what}: told {told}, counted {counted}"


def main():
    given = json.load(sys.stdin)
    now = instant(given["now"])
    rows = []
    for text in given["rows"]:
        agency, kind, meeting, of, at, notice, attendance, due, came, ident, child, chair, team = text.split("|")
        at = instant(at)
        stage = STAGES.get((meeting, of), of)
        rows.append(dict(agency=agency, kind=kind, meeting=meeting, stage=stage, at=at, day=at.astimezone(LONDON).date(),
                         proper=int(notice) >= 5, attendance=attendance, due=instant(due), came=instant(came), id=ident, child=child, chair=chair or None, team=team or None))
    checked = 0
    for each in given["answers"]:
        checked += check(each, rows, now)
    print(f"{checked} buckets agree")


def check(each, rows, now):
    answer, by, narrow = each["answer"], each["by"], each["filter"]
    start, end = date.fromisoformat(answer["from"]), date.fromisoformat(answer["until"])
    months = 1 if "MONTH" in by else 3 if "QUARTER" in by else None
    keep = lambda r, all_agencies: (
        r["at"] < now and r["day"] < end
        and narrow.get("meetingKind") in (None, r["meeting"])
        and narrow.get("stage") in (None, r["stage"])
        and (all_agencies or "chairId" not in narrow or r["chair"] == each["chair"])
        and (all_agencies or narrow.get("agencyKind") in (None, r["kind"])))
    units = {}
    for r in rows:
        # one row a child; one invitation once, unless children are counted
        units[(r["id"], r["child"]) if narrow.get("countBy") == "CHILD" else r["id"]] = r
    slice_of = lambda r: month(r["day"], months) if months else "all" if r["day"] >= start else "before"
    first = plus(month(start, months), -months) if months else start - (end - start)
    before_first = lambda r: r["day"] >= start or (months and r["day"] < month(start, months)) or not months
    key_of = lambda r: (r["agency"] if "AGENCY" in by else None, r["kind"] if "AGENCY_KIND" in by else None,
                        r["meeting"] if "MEETING" in by else None, r["stage"] if "STAGE" in by else None,
                        r["chair"] if "CHAIR" in by else None, r["team"] if "TEAM" in by else None)
    groups = defaultdict(list)
    for r in units.values():
        if keep(r, False) and r["day"] >= first and before_first(r):
            groups[(slice_of(r) if r["day"] >= start or not months else first, key_of(r))].append(r)
    everybody = [r for r in units.values() if keep(r, True) and r["day"] >= start]
    share = lambda rs, fair: (sum(r["attendance"] in MISSED and (r["proper"] or not fair) for r in rs),
                              sum(r["attendance"] in MISSED | CAME and (r["proper"] or not fair) for r in rs))
    some, of = share(everybody, True)
    assert (answer["partnership"]["missed"], answer["partnership"]["of"]) == (some, of), answer["partnership"]
    centre = some / of
    runs = streaks(rows, lambda r: keep(r, False) and r["day"] >= start)
    seen = set()
    for bucket in answer["buckets"]:
        key = ((bucket["agency"] or {}).get("name"), bucket["agencyKind"], bucket["meetingKind"], bucket["stage"],
               (bucket["chair"] or {}).get("fullName"), bucket["teamName"])
        at = date.fromisoformat(bucket["month"]) if bucket["month"] else "all"
        assert (at, key) not in seen, "a bucket twice"
        seen.add((at, key))
        rs = groups[(at, key)]
        counts = dict(
            invitations=len(rs), withProperNotice=sum(r["proper"] for r in rs), attended=sum(r["attendance"] in CAME for r in rs),
            apologies=sum(r["attendance"] == "APOLOGIES" for r in rs), noWord=sum(r["attendance"] == "NO_WORD" for r in rs),
            unrecorded=sum(r["attendance"] == "" for r in rs),
            reportsOnTime=sum(bool(r["due"] and r["came"] and r["came"] <= r["due"]) for r in rs),
            reportsLate=sum(bool(r["due"] and r["came"] and r["came"] > r["due"]) for r in rs),
            reportsMissing=sum(bool(r["due"] and not r["came"] and r["due"] < now) for r in rs))
        told = {name: bucket[name] for name in counts}
        assert told == counts, f"{at} {key}: {told} {counts}"
        for name, fair in (("rawRate", False), ("adjustedRate", True)):
            some, of = share(rs, fair)
            rate = bucket[name]
            if of == 0:
                assert rate is None
                continue
            assert (rate["missed"], rate["of"]) == (some, of), f"{name} {rate}"
            low, high = wilson(some, of)
            near(rate["rate"], some / of, name), near(rate["low"], low, "low"), near(rate["high"], high, "high")
        some, of = share(rs, True)
        if of:
            funnel, half = bucket["funnel"], sqrt(centre * (1 - centre) / of)
            near(funnel["centre"], centre, "centre")
            for sigma in (2, 3):
                near(funnel[f"lower{sigma}"], max(0, centre - sigma * half), "lower")
                near(funnel[f"upper{sigma}"], min(1, centre + sigma * half), "upper")
            chance = tail(some, of, centre)
            near(funnel["chance"], chance, "chance")
            method = answer["method"]
            flagged = some >= method["least"] and some / of >= method["times"] * centre and chance <= min(1 - NormalDist().cdf(3), method["byLuck"] / len(answer["buckets"]))
            assert bucket["isPattern"] == flagged, f"{key}: {some} of {of}, {chance}"
        earlier = groups.get((plus(at, -months) if months else "before", key), [])
        trend(bucket["trend"], share(earlier, True), share(rs, True))
        if "AGENCY" in by:
            run = runs.get(key[0])
            assert (bucket["streak"] or {}).get("longest") == (max(run) if run else None), f"{key}: {bucket['streak']} {run}"
            assert not run or bucket["streak"]["children"] == sum(n >= answer["method"]["running"] for n in run)
    counted = {k for k, rs in groups.items() if rs and k[0] != "before" and (k[0] == "all" or k[0] >= month(start, months))}
    assert seen == counted, f"{seen ^ counted}"
    return len(seen)


def trend(told, before, after):
    if not before[1] or not after[1]:
        assert told is None, told
        return
    was, now = before[0] / before[1], after[0] / after[1]
    both = (before[0] + after[0]) / (before[1] + after[1])
    error = sqrt(both * (1 - both) * (1 / before[1] + 1 / after[1]))
    z = (now - was) / error if error else 0
    near(told["before"], was, "before"), near(told["difference"], now - was, "difference")
    assert told["direction"] == ("UP" if z >= Z else "DOWN" if z <= -Z else "STEADY"), told


def streaks(rows, keep):
    told = defaultdict(list)
    for r in rows:
        if r["attendance"] and keep(r):
            told[(r["agency"], r["child"])].append((r["at"], r["id"], r["attendance"] in MISSED))
    runs = defaultdict(list)
    for (agency, _), those in told.items():
        n = 0
        for _, _, missed in sorted(those, reverse=True):
            if not missed:
                break
            n += 1
        runs[agency].append(n)
    return runs


main()
