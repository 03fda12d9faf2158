//! What must hold whatever the model says: the promises themselves, counted in true time.

use std::collections::{BTreeMap, BTreeSet};

use antre_model::{
    machine::{Outcome, Reading},
    pacer::Moment,
};
use antre_store::{
    claim::{Grant, GrantKind},
    settings::Settings,
};

use crate::seen::{Hash, PLACES, Seen};

/// Grants, creates and look-ups of a run, with the times at which they happened for the model outside.
#[derive(Debug)]
pub(crate) struct Guarantees {
    settings: Settings,
    grants: Vec<Sent>,
    creates: BTreeMap<String, Create>,
    /// When the last look-up was claimed that showed no invoice, by bill.
    shown_absent_at: BTreeMap<String, Moment>,
    invoices_reported: BTreeSet<String>,
    reads: ReadsSeen,
}

/// What is known of reads.
#[derive(Debug, Default)]
struct ReadsSeen {
    /// Until when each is waited for that was not granted, Unix milliseconds.
    waiting: BTreeMap<String, u64>,
    /// Those of them that may be forgotten: their time was over once.
    overdue: BTreeSet<String>,
    granted: BTreeMap<String, u64>,
    /// Requests for jobs since the last one.
    others_since: Option<u32>,
}

/// A request that was answered.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) claimed_at: Moment,
    pub(crate) claim_token: &'a str,
    pub(crate) external_id: &'a str,
}

#[derive(Debug)]
struct Sent {
    claim_token: String,
    at: Moment,
    latest: Moment,
}

/// A create that may have had an effect which nobody has seen.
#[derive(Debug)]
struct Create {
    external_id: String,
    trusted_after: Moment,
}

impl Guarantees {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            settings: settings.clone(),
            grants: Vec::new(),
            creates: BTreeMap::new(),
            shown_absent_at: BTreeMap::new(),
            invoices_reported: BTreeSet::new(),
            reads: ReadsSeen::default(),
        }
    }

    /// Notes that a read waits until `deadline_ms`.
    pub(crate) fn asked(&mut self, id: &str, deadline_ms: u64) {
        self.reads.waiting.insert(id.to_owned(), deadline_ms);
    }

    /// Notes what Redis' clock shows.
    pub(crate) fn clock_is(&mut self, clock: Moment) {
        let reads = &mut self.reads;
        let is_overdue = |(_, deadline_ms): &(&String, &u64)| **deadline_ms <= clock.unix_ms();
        reads.overdue.extend(reads.waiting.iter().filter(is_overdue).map(|(id, _)| id.clone()));
    }

    /// Notes that a granted read was not sent.
    pub(crate) fn unsent(&mut self, id: &str, clock: Moment) {
        if let Some(deadline_ms) = self.reads.granted.remove(id) {
            self.reads.waiting.insert(id.to_owned(), deadline_ms);
            self.clock_is(clock);
        }
    }

    /// Notes that somebody is told how a read ended.
    pub(crate) fn read_ended(&mut self, id: &str) {
        self.reads.waiting.remove(id);
    }

    /// Checks that reads and others get their shares: `clock` is Redis', `seen` what it held before.
    pub(crate) fn in_turn(
        &mut self,
        clock: Moment,
        grant: &Grant,
        seen: &Seen,
    ) -> Result<(), String> {
        let reads = &mut self.reads;
        let now_ms = clock.unix_ms();
        let least = self.settings.read_share - 1;
        let is_others_turn = reads.others_since.is_some_and(|others| others < least);
        let is_undisturbed = !is_disturbed(seen, &grant.worker.name);
        if grant.kind == GrantKind::Read {
            let Some(deadline_ms) = reads.waiting.remove(&grant.id) else {
                return Err(format!("{} is granted again, or its end was told", grant.id));
            };
            if deadline_ms <= now_ms {
                return Err(format!("{} is granted after its deadline", grant.id));
            }
            if is_others_turn && is_undisturbed && has_ready_job(seen) {
                return Err(format!("{} is granted in the turn of a job", grant.id));
            }
            reads.granted.insert(grant.id.clone(), deadline_ms);
            reads.others_since = Some(0);
            return Ok(());
        }
        if grant.kind == GrantKind::Probe {
            return Ok(());
        }
        let waits = reads.waiting.keys().find(|id| !reads.overdue.contains(*id));
        if let Some(waits) = waits
            && is_undisturbed
            && !is_others_turn
        {
            return Err(format!("{} is granted in the turn of {waits}", grant.id));
        }
        reads.others_since = reads.others_since.map(|others| others + 1);
        Ok(())
    }

    /// Notes a grant: no window at the receiver may hold it as one too many, however late the others left.
    pub(crate) fn granted(
        &mut self,
        at: Moment,
        claim_token: &str,
        send_within: std::time::Duration,
    ) -> Result<(), String> {
        for limit in self.settings.limits.iter() {
            let nth = usize::try_from(limit.requests()).unwrap();
            let Some(first) = self.grants.len().checked_sub(nth).map(|index| &self.grants[index])
            else {
                continue;
            };
            let arrived = first.latest + self.settings.jitter_allowance;
            if at < arrived + limit.window() {
                return Err(format!(
                    "a window of {limit} may hold one too many: granted at {} and now at {}",
                    first.at.unix_us(),
                    at.unix_us(),
                ));
            }
        }
        self.grants.push(Sent {
            claim_token: claim_token.to_owned(),
            at,
            latest: at + send_within,
        });
        // A wider deadline of an earlier grant may last longer.
        self.grants.sort_by_key(|sent| sent.latest);
        Ok(())
    }

    pub(crate) fn returned(&mut self, claim_token: &str) {
        self.grants.retain(|sent| sent.claim_token != claim_token);
        self.creates.remove(claim_token);
    }

    /// Notes the claim of a create that leaves at `latest`: every other create of this bill must be old enough when the look-up
    /// was claimed that showed no invoice.
    pub(crate) fn creating(
        &mut self,
        latest: Moment,
        claim_token: &str,
        external_id: &str,
    ) -> Result<(), String> {
        let shown_absent_at = self.shown_absent_at.get(external_id).copied().unwrap_or_default();
        let too_early = self.creates.iter().find(|(_, create)| {
            create.external_id == external_id && create.trusted_after >= shown_absent_at
        });
        if let Some((earlier, _)) = too_early {
            return Err(format!(
                "a create of {external_id} while that of {earlier} may have an effect"
            ));
        }
        let trusted_after =
            latest + self.settings.request_timeout + self.settings.trust_absence_unanswered;
        let create = Create { external_id: external_id.to_owned(), trusted_after };
        self.creates.insert(claim_token.to_owned(), create);
        Ok(())
    }

    /// Notes an answer that had an effect on its job.
    pub(crate) fn answered(&mut self, now: Moment, request: &Request<'_>, outcome: &Outcome) {
        let Request { claimed_at, claim_token, external_id } = *request;
        match outcome {
            Outcome::Created(invoice, _) | Outcome::Adopted(invoice, _) => {
                self.invoices_reported.insert(invoice.clone());
                // The bill has an invoice; what else its creates made is for surplus and audits.
                self.creates.retain(|_, create| create.external_id != external_id);
            }
            Outcome::Absent => {
                self.shown_absent_at.insert(external_id.to_owned(), claimed_at);
            }
            Outcome::Ambiguous(Reading::Answered) => {
                if let Some(create) = self.creates.get_mut(claim_token) {
                    create.trusted_after = now + self.settings.trust_absence_answered;
                }
            }
            Outcome::Rejected(_)
            | Outcome::NotSent
            | Outcome::Refused
            | Outcome::KeyRefused
            | Outcome::Limited => {
                self.creates.remove(claim_token);
            }
            _ => {}
        }
    }

    pub(crate) fn reported(&mut self, invoice: &str) {
        self.invoices_reported.insert(invoice.to_owned());
    }

    /// Checks what Redis holds.
    pub(crate) fn check(&self, seen: &Seen) -> Result<(), String> {
        check_places(seen)?;
        check_claim_tokens(seen)?;
        check_bills(seen)?;
        check_results(seen)?;
        check_counters(seen)?;
        self.check_follow_ups(seen)
    }

    fn check_follow_ups(&self, seen: &Seen) -> Result<(), String> {
        for (_, id) in &seen.sets["follow_ups"] {
            let follow_up = &seen.follow_ups[id];
            let is_reasonable = match field(follow_up, "kind") {
                "expire" => self.invoices_reported.contains(field(follow_up, "invoice_id")),
                "audit" if id.starts_with("audit-3-") || id.starts_with("close-") => true,
                "audit" => seen.jobs.get(field(follow_up, "job")).is_none_or(|job| {
                    number(job, "creates") > 1 || !field(job, "touched").is_empty()
                }),
                _ => false,
            };
            if !is_reasonable {
                return Err(format!("follow_up {id} without a reason: {follow_up:?}"));
            }
        }
        Ok(())
    }
}

/// Returns whether a breaker decides what may leave.
fn is_disturbed(seen: &Seen, worker: &str) -> bool {
    let own = seen.workers.get(worker).map_or("", |own| field(own, "reason"));
    !field(&seen.pacer, "breaker").is_empty() || !own.is_empty()
}

/// Returns whether a job waits that nothing but its turn keeps back.
fn has_ready_job(seen: &Seen) -> bool {
    let waiting = ["high", "normal", "low"].iter().flat_map(|set| &seen.sets[*set]);
    let mut jobs = waiting.filter_map(|(_, id)| seen.jobs.get(id));
    jobs.any(|job| field(job, "pending_charge").is_empty())
}

fn field<'a>(hash: &'a Hash, name: &str) -> &'a str {
    hash.get(name).map_or("", String::as_str)
}

fn number(hash: &Hash, name: &str) -> u64 {
    field(hash, name).parse().unwrap_or_default()
}

fn is_duplicate(job: &Hash) -> bool {
    !field(job, "duplicate_of").is_empty()
}

/// Every job is in the one set that its state names; duplicates and cancelled ones are in none.
fn check_places(seen: &Seen) -> Result<(), String> {
    let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for place in PLACES {
        for (_, id) in &seen.sets[place] {
            places.entry(id).or_default().push(place);
        }
    }
    for (id, job) in &seen.jobs {
        let expected: Vec<&str> = match field(job, "state") {
            _ if is_duplicate(job) => vec![],
            "waiting" => vec![field(job, "priority")],
            "scheduled" => vec!["scheduled"],
            "running" => vec!["leases"],
            "done" => vec!["done"],
            "dead" => vec!["dead"],
            "cancelled" => vec![],
            other => return Err(format!("job {id} is {other}")),
        };
        let found = places.remove(id.as_str()).unwrap_or_default();
        if found != expected {
            return Err(format!("job {id} is {} and in {found:?}", field(job, "state")));
        }
    }
    places.pop_first().map_or(Ok(()), |(id, found)| Err(format!("{id} in {found:?} has no record")))
}

/// A running job has one claim token, which no other has; others have none.
fn check_claim_tokens(seen: &Seen) -> Result<(), String> {
    let mut claim_tokens = BTreeSet::new();
    for (id, job) in &seen.jobs {
        let claim_token = field(job, "claim_token");
        if (field(job, "state") == "running") == claim_token.is_empty() {
            return Err(format!(
                "job {id} is {} with claim token {claim_token:?}",
                field(job, "state")
            ));
        }
    }
    let held =
        seen.jobs.values().chain(seen.follow_ups.values()).map(|hash| field(hash, "claim_token"));
    match held
        .filter(|claim_token| !claim_token.is_empty())
        .find(|claim_token| !claim_tokens.insert(*claim_token))
    {
        Some(claim_token) => Err(format!("two claims with claim token {claim_token}")),
        None => Ok(()),
    }
}

/// A bill and the job that it names agree, and every living job is named by its bill.
fn check_bills(seen: &Seen) -> Result<(), String> {
    for (external_id, bill) in &seen.bills {
        let Some(job) = seen.jobs.get(field(bill, "job")) else { continue };
        let state = match field(job, "state") {
            "waiting" | "scheduled" | "running" => "open",
            ended => ended,
        };
        if field(bill, "state") != state {
            return Err(format!(
                "bill {external_id} is {} and its job {state}",
                field(bill, "state")
            ));
        }
        if state == "done" && field(bill, "invoice_id") != field(job, "invoice_id") {
            return Err(format!("bill {external_id} and its job have different invoices"));
        }
    }
    for (id, job) in seen.jobs.iter().filter(|(_, job)| !is_duplicate(job)) {
        let is_living = matches!(field(job, "state"), "waiting" | "scheduled" | "running");
        let bill = &seen.bills[field(job, "external_id")];
        if is_living && field(bill, "job") != id {
            return Err(format!("job {id} lives and its bill names {:?}", bill.get("job")));
        }
    }
    Ok(())
}

/// Results exist exactly for ended jobs and name their state and invoice.
fn check_results(seen: &Seen) -> Result<(), String> {
    for (id, job) in &seen.jobs {
        let state = field(job, "state");
        let is_ended = matches!(state, "done" | "dead" | "cancelled");
        let Some(result) = seen.results.get(id) else {
            if is_ended {
                return Err(format!("job {id} is {state} without a result"));
            }
            continue;
        };
        let result: serde_json::Value =
            serde_json::from_str(result).map_err(|error| format!("result of {id}: {error}"))?;
        let invoice = result["invoice_id"].as_str().unwrap_or_default();
        if result["state"] != state
            || result["job"] != id.as_str()
            || invoice != field(job, "invoice_id")
        {
            return Err(format!("job {id} is {state} and its result is {result}"));
        }
        check_bill_of(seen, id, job, &result)?;
    }
    Ok(())
}

/// A result names a job that its bill belonged to, and says for the bill's own job alone what the bill has: of the job
/// that the bill belongs to now, always.
fn check_bill_of(
    seen: &Seen,
    id: &str,
    job: &Hash,
    result: &serde_json::Value,
) -> Result<(), String> {
    let owner = result["bill_job"].as_str().unwrap_or_default();
    let is_of_bill = owner == id || (!owner.is_empty() && owner == field(job, "duplicate_of"));
    let bill = seen.bills.get(field(job, "external_id"));
    let is_owner_now = bill.is_some_and(|bill| field(bill, "job") == id);
    let says = result["is_bill_result"] == true;
    if says != is_of_bill || (is_owner_now && !says) {
        return Err(format!("job {id} of bill {bill:?} has the result {result}"));
    }
    Ok(())
}

/// What batches count is what a recount finds.
fn check_counters(seen: &Seen) -> Result<(), String> {
    for (batch, counters) in &seen.batches {
        let jobs = || seen.jobs.values().filter(|job| field(job, "batch") == batch);
        let duplicates = jobs().filter(|job| is_duplicate(job)).count();
        let recounted = ["done", "cancelled"].map(|state| {
            (state, jobs().filter(|job| !is_duplicate(job) && field(job, "state") == state).count())
        });
        for (name, count) in recounted.into_iter().chain([("duplicates", duplicates)]) {
            if counters.get(name).copied().unwrap_or_default() != i64::try_from(count).unwrap() {
                return Err(format!(
                    "batch {batch} counts {counters:?}, a recount finds {count} {name}"
                ));
            }
        }
    }
    Ok(())
}
