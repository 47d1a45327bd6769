"""The grouped answer of nonAttendance over many invitations, beside the same statement by psql. Run by scripts/bench-figures."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

QUERY = """query($f: NonAttendanceFilterInput) { nonAttendance(filter: $f, groupBy: [AGENCY_KIND, MONTH]) { buckets { month agencyKind
  invitations withProperNotice attended apologies noWord unrecorded reportsOnTime reportsLate reportsMissing
  rawRate { rate low high } adjustedRate { rate low high } funnel { upper2 upper3 } isPattern } } }"""

# as the program writes it for a service manager without a conflict of interest; months as comparisons with instants
SQL = (Path(__file__).parent / "sql" / "figures.sql").read_text()

FILL = """INSERT INTO invitation SELECT gen_random_uuid(), i.local_authority_id, i.meeting, i.conference_id, i.strategy_meeting_id,
  i.core_group_meeting_id, i.agency_id, i.practitioner_id, i.scheduled_at - make_interval(days => (n * 13) %% 1200),
  i.invited_at - make_interval(days => (n * 13) %% 1200), i.notice_working_days, i.reply, i.replied_at, i.apologies_reason, i.attendance,
  i.report_due_at - make_interval(days => (n * 13) %% 1200), i.report_received_at - make_interval(days => (n * 13) %% 1200), i.version
  FROM (SELECT * FROM invitation WHERE attendance IS NOT NULL LIMIT %(base)d) i, generate_series(1, %(times)d) n LIMIT %(more)d"""


def psql(url, sql, *arguments):
    done = subprocess.run(["psql", url, "-XAtq", "-v", "ON_ERROR_STOP=1", *arguments, "-c", sql], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else sys.exit(done.stderr)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=6_000_000)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--children", type=int, default=20_000)
    given = options.parse_args()
    server = os.environ["QUORATE_TEST_POSTGRES"]
    name = "quorate_bench_figures"
    psql(server, f"DROP DATABASE IF EXISTS {name}")
    psql(server, f"CREATE DATABASE {name}")
    url = server.rsplit("/", 1)[0] + "/" + name
    with tempfile.TemporaryDirectory() as folder:
        tokens = Path(folder, "tokens.json")
        log = open(Path(folder, "log"), "w")
        arguments = ["demo", "--no-graphiql", "--children", str(given.children), "--listen", "127.0.0.1:8097", "--database-url", url]
        demo = subprocess.Popen([os.environ["QUORATE_PROGRAM"], *arguments, "--tokens-file", str(tokens)], stdout=log, stderr=log)
        try:
            wait(demo)
            fill(url, given.rows)
            measure(url, json.loads(tokens.read_text())["personas"]["service_manager"]["token"], given.rounds)
        finally:
            demo.terminate()
            demo.wait()


def wait(demo):
    for _ in range(6000):
        if demo.poll() is not None:
            sys.exit("the server does not start")
        try:
            urllib.request.urlopen("http://127.0.0.1:8097/health/ready").read()
            return
        except OSError:
            time.sleep(0.1)


def fill(url, rows):
    there = int(psql(url, "SELECT count(*) FROM invitation"))
    base = int(psql(url, "SELECT count(*) FROM invitation WHERE attendance IS NOT NULL"))
    # copies name the meetings of what they are copied from
    for index in psql(url, "SELECT indexname FROM pg_indexes WHERE tablename = 'invitation' AND indexname LIKE 'uq_%'").split():
        psql(url, f"DROP INDEX {index}")
    if rows > there:
        psql(url, FILL % {"base": base, "times": (rows - there) // base + 1, "more": rows - there})
    psql(url, "VACUUM ANALYZE invitation")
    of = "local_authority_id = (SELECT id FROM local_authority WHERE name = 'Warwickshire')"
    counted = psql(url, f"SELECT count(*) FROM invitation WHERE {of} AND scheduled_at >= now() - interval '24 months' AND scheduled_at < now()")
    print(f"{psql(url, 'SELECT count(*) FROM invitation').strip()} invitations, {counted.strip()} in the answer")


def measure(url, token, rounds):
    months = psql(url, "SELECT to_char(date_trunc('month', now()) - make_interval(months => 23 - n), 'YYYY-MM-DD') FROM generate_series(0, 23) n")
    months = months.split()
    until = psql(url, "SELECT to_char(now() + interval '1 day', 'YYYY-MM-DD')").strip()
    body = json.dumps({"query": QUERY, "variables": {"f": {"from": months[0], "until": until}}}).encode()
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

    def asked():
        request = urllib.request.Request("http://127.0.0.1:8097/graphql", body, headers)
        begun = time.perf_counter()
        answer = json.load(urllib.request.urlopen(request))
        taken = time.perf_counter() - begun
        assert "errors" not in answer, answer
        return taken, answer["data"]["nonAttendance"]["buckets"]

    at = lambda day: f"'{day} 00:00:00 Europe/London'::timestamptz"
    case = " ".join(f"WHEN i.scheduled_at < {at(month)} THEN {place}" for place, month in enumerate(months[1:]))
    sql = SQL.replace(":slices", f"CASE {case} ELSE 23 END").replace(":from", at(months[0]))
    # the second counts: the first reads the catalogue
    script = "\\timing on\n" + "\n".join([sql.strip()] * 2)

    def counted():
        said = subprocess.run(["psql", url, "-XAtq"], input=script, check=True, capture_output=True, text=True).stdout
        times = [float(line.split()[1]) / 1000 for line in said.splitlines() if line.startswith("Time:")]
        rows = [line for line in said.splitlines() if not line.startswith("Time:")]
        return times[1], rows[: len(rows) // 2]

    asked()
    pairs = [(asked(), counted()) for _ in range(rounds)]
    api, times, rows = [each for each, _ in pairs], [each[0] for _, each in pairs], pairs[-1][1][1]
    total = sum(bucket["invitations"] for bucket in api[-1][1])
    by_hand = sum(int(row.split("|")[2]) for row in rows)
    assert len(rows) == len(api[-1][1]) and total == by_hand, (len(rows), len(api[-1][1]), total, by_hand)
    whole, database = statistics.median(each for each, _ in api), statistics.median(times)
    print(f"{len(rows)} buckets. API {whole * 1000:.0f} ms, psql {database * 1000:.0f} ms; beside the database {100 * (whole - database) / whole:.1f} %")


main()
