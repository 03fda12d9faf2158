"""Performs the table of docs/languages/conformance.tsv with redis-py."""

import json
import os
import sys
import time

import redis

ACCOUNT = os.environ["ACCOUNT"]
r = redis.from_url(os.environ["REDIS_URL"], decode_responses=True, socket_timeout=None)


def send(account, field, text):
    return r.xadd(f"antre:{{{account}}}:inbox", {field: text}, nomkstream=True)


def wait(id, seconds):
    key = f"antre:{{{ACCOUNT}}}:result:{id}"
    text = r.blmove(key, key, int(seconds), src="LEFT", dest="LEFT")
    return json.loads(text) if text else None


def command(field, text):
    id = send(ACCOUNT, field, text)
    while (answer := wait(id, 30)).get("resolving", 0) > 0:
        time.sleep(0.1)
    return answer


def ended(wanted):
    stream, found = f"antre:{{{ACCOUNT}}}:ended", {}
    r.xgroup_create(stream, "conformance", id="0")
    while not found.keys() >= set(wanted):
        for _, entries in r.xreadgroup("conformance", "runner", {stream: ">"}, block=30_000):
            for entry, fields in entries:
                decoded = {name: json.loads(fields[name]) for name in ("error", "warnings")}
                end = {**fields, **decoded, "is_bill_result": fields["is_bill_result"] == "1"}
                found[fields["job"]] = {name: None if value == "" else value for name, value in end.items()}
                r.xack(stream, "conformance", entry)
    return [found[job] for job in wanted]


ids = {}
for line in open(sys.argv[1], encoding="utf-8").read().splitlines()[1:]:
    _, call, account, name, argument, _ = line.split("\t")
    for known, id in ids.items():
        argument = argument.replace(f"<{known}>", id)
    if call == "enqueue":
        answer = send(ACCOUNT if account == "A" else account, "job", argument)
        ids[name] = answer or ""
    elif call in ("cancel", "retry"):
        answer = command(call, argument)
    elif call == "wait":
        answer = wait(*argument.split())
    elif call == "ended":
        answer = ended(argument.split())
    else:  # `given`: whoever starts this has done it
        continue
    print(name, json.dumps(answer), sep="\t")
