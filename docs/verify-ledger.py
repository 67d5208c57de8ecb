#!/usr/bin/env python3
"""Verifies the ledger from GET /api/v1/ledger alone: verify-ledger.py [--accounts] http://127.0.0.1:8080 [ACCESS_TOKEN, else
LEDGER_TOKEN]; with --accounts the account ledger, GET /api/v1/account-ledger."""
import hashlib, json, os, sys, urllib.request

arguments = [a for a in sys.argv[1:] if a != "--accounts"]
chain = "ledger" if len(arguments) == len(sys.argv) - 1 else "account-ledger"
base, token = arguments[0].rstrip("/"), (arguments[1:] or [os.environ.get("LEDGER_TOKEN", "")])[0]
sequence, last, cursor = 0, "0" * 64, "0"
while cursor is not None:
    url = f"{base}/api/v1/{chain}?after={cursor}&limit=100"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    page = json.load(urllib.request.urlopen(request, timeout=60))
    for item in page["items"]:
        digest = hashlib.sha256(f"{last}\n{item['entry']}".encode()).hexdigest()
        found = (item["sequence"], item["previous_hash"], item["hash"], json.loads(item["entry"])["sequence"])
        if found != (sequence + 1, last, digest, sequence + 1):
            sys.exit(f"the chain breaks at sequence {item['sequence']}")
        sequence, last = item["sequence"], digest
    cursor = page["next_cursor"]
print(sequence, last)
