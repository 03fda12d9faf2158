//! What Redis does hold, in one pipelined round trip.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use antre_store::{Queue, inspect::bill_fields};
use redis::{Value, aio::MultiplexedConnection};

use crate::snapshot::{Fields, Snapshot, counters_text, set_text};

pub(crate) type Hash<T = String> = HashMap<String, T>;

pub(crate) const PLACES: [&str; 7] =
    ["high", "normal", "low", "scheduled", "leases", "done", "dead"];
const OTHER_SETS: [&str; 4] = ["follow_ups", "suspects", "grants", "reads"];

/// The names that a run ever used: what to look at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) jobs: BTreeSet<String>,
    pub(crate) bills: BTreeSet<String>,
    pub(crate) follow_ups: BTreeSet<String>,
    pub(crate) reads: BTreeSet<String>,
    pub(crate) batches: BTreeSet<String>,
    pub(crate) commands: BTreeSet<String>,
    pub(crate) workers: BTreeSet<String>,
}

/// The keyspace of one account.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) jobs: BTreeMap<String, Hash>,
    pub(crate) results: BTreeMap<String, String>,
    pub(crate) duplicates: BTreeMap<String, Vec<String>>,
    pub(crate) bills: BTreeMap<String, Hash>,
    pub(crate) follow_ups: BTreeMap<String, Hash>,
    reads: BTreeMap<String, Hash>,
    pub(crate) batches: BTreeMap<String, BTreeMap<String, i64>>,
    pub(crate) sets: BTreeMap<String, Vec<(u64, String)>>,
    pub(crate) pacer: Hash,
    pub(crate) totals: BTreeMap<String, i64>,
    pub(crate) ends: u64,
    pub(crate) identity: Hash,
    pub(crate) strangers: Hash,
    /// Their answers.
    pub(crate) commands: BTreeMap<String, String>,
    pub(crate) early_cancels: Hash,
    pub(crate) workers: BTreeMap<String, Hash>,
}

/// Reads replies one after the other.
struct Replies(std::vec::IntoIter<Value>);

impl Replies {
    fn next<T: redis::FromRedisValue>(&mut self) -> T {
        redis::from_redis_value(self.0.next().unwrap()).unwrap()
    }
}

impl Seen {
    pub(crate) async fn read(
        queue: &Queue,
        connection: &mut MultiplexedConnection,
        names: &Names,
    ) -> Self {
        let keys = queue.keys();
        let mut pipe = redis::pipe();
        for id in &names.jobs {
            pipe.hgetall(keys.meta(id)).lindex(keys.result(id), 0);
            pipe.lrange(keys.named(&format!("duplicates:{id}")), 0, -1);
        }
        for external_id in &names.bills {
            pipe.get(keys.bill(external_id));
        }
        for id in &names.follow_ups {
            pipe.hgetall(keys.named(&format!("follow_up:{id}")));
        }
        for id in &names.reads {
            pipe.hgetall(keys.named(&format!("read:{id}")));
        }
        for batch in &names.batches {
            pipe.hgetall(keys.batch(batch));
        }
        for set in PLACES.iter().chain(&OTHER_SETS) {
            pipe.zrange_withscores(keys.named(set), 0, -1);
        }
        pipe.hgetall(keys.named("pacer")).hgetall(keys.named("totals"));
        pipe.xlen(keys.named("ended"));
        pipe.hgetall(keys.named("identity")).hgetall(keys.named("strangers"));
        for worker in &names.workers {
            pipe.hgetall(keys.named(&format!("breaker:{worker}")));
        }
        for id in &names.commands {
            pipe.lindex(keys.result(id), 0);
        }
        pipe.hgetall(keys.named("cancels"));
        let replies: Vec<Value> = pipe.query_async(connection).await.unwrap();
        Self::decode(names, Replies(replies.into_iter()))
    }

    fn decode(names: &Names, mut replies: Replies) -> Self {
        let mut seen = Self::default();
        for id in &names.jobs {
            seen.jobs.insert(id.clone(), replies.next());
            if let Some(result) = replies.next::<Option<String>>() {
                seen.results.insert(id.clone(), result);
            }
            seen.duplicates.insert(id.clone(), replies.next());
        }
        for external_id in &names.bills {
            let bill = replies.next::<Option<String>>().map(|text| bill_fields(text.as_bytes()));
            seen.bills.insert(external_id.clone(), bill.unwrap_or_default());
        }
        for id in &names.follow_ups {
            seen.follow_ups.insert(id.clone(), replies.next());
        }
        for id in &names.reads {
            seen.reads.insert(id.clone(), replies.next());
        }
        for batch in &names.batches {
            seen.batches.insert(batch.clone(), replies.next());
        }
        for set in PLACES.iter().chain(&OTHER_SETS) {
            let members: Vec<(String, String)> = replies.next();
            let members = members.into_iter().map(|(id, score)| (exact(&score), id)).collect();
            seen.sets.insert((*set).to_owned(), members);
        }
        seen.pacer = replies.next();
        seen.totals = replies.next();
        seen.ends = replies.next();
        seen.identity = replies.next();
        seen.strangers = replies.next();
        for worker in &names.workers {
            seen.workers.insert(worker.clone(), replies.next());
        }
        for id in &names.commands {
            let answer = replies.next::<Option<String>>().unwrap_or_default();
            seen.commands.insert(id.clone(), answer);
        }
        seen.early_cancels = replies.next();
        seen.jobs.retain(|_, job| !job.is_empty());
        seen
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (id, job) in &self.jobs {
            snapshot.put(format!("meta:{id}"), job_text(job));
        }
        for (id, result) in &self.results {
            let result: serde_json::Value = serde_json::from_str(result).unwrap();
            snapshot.put(format!("result:{id}"), result["state"].as_str().unwrap());
        }
        for (id, list) in &self.duplicates {
            snapshot.put(format!("duplicates:{id}"), list.join(" "));
        }
        for (external_id, bill) in &self.bills {
            let bill = &self.with_first_sent(bill);
            snapshot.put(format!("bill:{external_id}"), text_of(bill, &BILL_FIELDS, &[]));
        }
        for (id, follow_up) in &self.follow_ups {
            snapshot.put(
                format!("follow_up:{id}"),
                text_of(follow_up, &FOLLOW_UP_FIELDS, &FOLLOW_UP_OPTIONS),
            );
        }
        for (id, read) in &self.reads {
            snapshot.put(format!("read:{id}"), text_of(read, &READ_FIELDS, &[]));
        }
        for (id, answer) in &self.commands {
            let answer: Hash<serde_json::Value> = serde_json::from_str(answer).unwrap();
            let counts =
                answer.into_iter().filter_map(|(word, count)| Some((word, count.as_i64()?)));
            snapshot.put(format!("command:{id}"), counters_text(&counts.collect()));
        }
        let early = self.early_cancels.iter().filter(|(target, _)| *target != "last");
        let mut early: Vec<_> = early.map(|(target, id)| format!("{target}={id}")).collect();
        early.sort();
        snapshot.put("cancels", early.join(" "));
        for (batch, counters) in &self.batches {
            snapshot.put(format!("batch:{batch}"), counters_text(counters));
        }
        for (name, members) in &self.sets {
            snapshot.put(format!("set:{name}"), set_text(members));
        }
        let mut totals = self.totals.clone();
        let ready_us = totals.remove("ready_us").unwrap_or_default();
        snapshot.put("ready_us", ready_us.to_string());
        snapshot.put("totals", counters_text(&totals));
        snapshot.put("ended", self.ends.to_string());
        snapshot.put("pacer", text_of(&self.pacer, &PACER_FIELDS, &["since_read"]));
        for (worker, hash) in &self.workers {
            snapshot.put(format!("worker:{worker}"), text_of(hash, &WORKER_FIELDS, &[]));
        }
        self.put_identity(&mut snapshot);
        snapshot
    }

    /// While the bill's job lives, it is the job's record that knows when its first create was granted.
    fn with_first_sent(&self, bill: &Hash) -> Hash {
        let mut bill = bill.clone();
        let job = bill.get("job").and_then(|job| self.jobs.get(job));
        if let Some(first_sent) = job.and_then(|job| job.get("first_sent")) {
            bill.insert("first_sent".to_owned(), first_sent.clone());
        }
        bill
    }

    fn put_identity(&self, snapshot: &mut Snapshot) {
        let mut names: Vec<&String> = self.identity.keys().collect();
        names.sort();
        let keys = names.iter().filter_map(|name| name.strip_prefix("key:"));
        let known = text_of(&self.identity, &["user_id", "mode", "sent", "may_have_sent"], &[]);
        let keys: Vec<&str> = keys.collect();
        snapshot.put("identity", format!("{known} {}", keys.join(" ")));
        for (fingerprint, json) in &self.strangers {
            let stranger: serde_json::Value = serde_json::from_str(json).unwrap();
            let text = format!("{} {}", stranger["reason"].as_str().unwrap(), stranger["ask"]);
            snapshot.put(format!("stranger:{fingerprint}"), text);
        }
    }
}

const FATE_FIELDS: [&str; 7] = [
    "cancelled_by",
    "state",
    "priority",
    "external_id",
    "error_code",
    "invoice_id",
    "duplicate_of",
];
const MOVE_FIELDS: [&str; 16] = [
    "origin",
    "ready_us",
    "claim_token",
    "request",
    "attempts",
    "tries",
    "creates",
    "crashes",
    "limited",
    "limited_at",
    "pending_charge",
    "last_create",
    "claimed_at",
    "state",
    "touched",
    "own_failures",
];
/// They may be zero.
const MOVE_OPTIONS: [&str; 5] = [
    "refused_at",
    "effective_until",
    "previous_effective_until",
    "lookup_failed_at",
    "create_failed_at",
];
const BILL_FIELDS: [&str; 11] = [
    "closed_before",
    "effective_until",
    "job",
    "origin",
    "amount",
    "state",
    "sent",
    "closed_invoices",
    "first_sent",
    "invoice_id",
    "expires_at",
];
const FOLLOW_UP_FIELDS: [&str; 7] =
    ["cancelled_by", "kind", "job", "external_id", "invoice_id", "attempts", "claim_token"];
const FOLLOW_UP_OPTIONS: [&str; 1] = ["lookup_failed_at"];
const READ_FIELDS: [&str; 4] = ["kind", "came_ms", "deadline_ms", "claim_token"];
const WORKER_FIELDS: [&str; 11] = [
    "reason",
    "scope",
    "probe_at_us",
    "failures",
    "suspects",
    "answered",
    "answered_at",
    "created_at",
    "limited",
    "limited_creates",
    "reopened",
];
const PACER_FIELDS: [&str; 15] = [
    "recheck_all_before_ms",
    "answered",
    "create_failures",
    "breaker_scope",
    "prober",
    "recheck_before_ms",
    "recheck_new_until_ms",
    "next_at_us",
    "pause_until_us",
    "budget",
    "failures",
    "successes",
    "breaker",
    "probe_at_us",
    "recheck_left",
];

/// Returns a score, which Redis prints with up to 17 digits.
fn exact(score: &str) -> u64 {
    score.parse().unwrap_or_else(|_| panic!("a score that is no whole number: {score}"))
}

fn job_text(job: &Hash) -> String {
    if !job.contains_key("origin") {
        return text_of(job, &FATE_FIELDS, &[]);
    }
    let all: Vec<_> = FATE_FIELDS.iter().chain(&MOVE_FIELDS).copied().collect();
    text_of(job, &all, &MOVE_OPTIONS)
}

fn text_of(hash: &Hash, names: &[&'static str], options: &[&'static str]) -> String {
    let mut fields = Fields::default();
    for name in names {
        fields.put(name, hash.get(*name).map_or("", String::as_str));
    }
    for name in options {
        fields.put_option(name, hash.get(*name).filter(|value| !value.is_empty()));
    }
    fields.text()
}
