"""Performs the table of docs/languages/conformance.tsv with this module. What it cannot send, it leaves out."""

import dataclasses
import json
import os
import sys

import antre

ACCOUNT = os.environ["ACCOUNT"]
client = antre.Client(account=ACCOUNT)


def enqueue(account, text):
    job = json.loads(text)
    invoice = job.pop("invoice")
    try:
        return antre.Client(account=account).enqueue(invoice, **job)
    except antre.NotServed:
        return None


def result(id, seconds):
    found = client.result(id, wait=float(seconds))
    return found and dataclasses.asdict(found)


def ended(wanted):
    found = {}

    def keep(end):
        found[end.job] = dataclasses.asdict(end)

    while not found.keys() >= set(wanted):
        antre.write_back(keep, group="conformance", consumer="runner", accounts=[ACCOUNT], failed=keep, idle=0.5)
    return [found[job] for job in wanted]


ids = {}
for line in open(sys.argv[1], encoding="utf-8").read().splitlines()[1:]:
    _, call, account, name, argument, _ = line.split("\t")
    for known, id in ids.items():
        argument = argument.replace(f"<{known}>", id)
    if "<" in argument:  # the result of a row that was left out
        continue
    try:
        if call == "enqueue":
            answer = enqueue(ACCOUNT if account == "A" else account, argument)
            ids[name] = answer or ""
        elif call == "cancel":
            answer = client.cancel(**json.loads(argument))
        elif call == "retry":
            answer = client.retry_dead(**json.loads(argument))
        elif call == "wait":
            answer = result(*argument.split())
        elif call == "ended":
            answer = ended(argument.split())
        else:  # `given`: whoever starts this has done it
            continue
    except (ValueError, TypeError):  # no JSON, or no argument of this module
        continue
    print(name, json.dumps(answer), sep="\t")
