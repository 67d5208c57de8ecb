"""Runs SQL by DuckDB for benches/statistics: loads the tables of a folder into its own columns in memory, then reads one JSON object a
line, {"run": [statements]}, and answers {"seconds": ..., "last": rows of the last statement}."""

import json
import sys
import time

import duckdb

folder = sys.argv[1]
db = duckdb.connect(":memory:")
for table in ("standings", "endings"):
    db.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{folder}/{table}.csv', header = true, sample_size = 200000)")


def say(what):
    print(json.dumps(what), flush=True)


say({"version": duckdb.__version__, "threads": db.execute("SELECT current_setting('threads')").fetchone()[0]})
for line in sys.stdin:
    started = time.perf_counter()
    rows = []
    for statement in json.loads(line)["run"]:
        rows = db.execute(statement).fetchall()
    say({"seconds": time.perf_counter() - started, "last": [[int(v) if v is not None and not isinstance(v, str) else v for v in r] for r in rows[:10]]})
