//! One bill with up to two jobs, two workers, the provider, and time.

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use antre_core::{command::CommandKind, priority::Priority, state::State as JobState};
use antre_model::pacer::Moment;
use antre_store::settings::Settings;
use antre_testkit::queue::quick_settings;

use super::{
    action::{Action, Asked, Fate},
    provider::Provider,
    request::{Awaited, Grant},
};
use crate::model::{Claimed, Claimer, Command, CommandTarget, Entry, Model, place};

pub(super) const BILL: &str = "INV-1";
pub(super) const WORKERS: [&str; 2] = ["a", "b"];
pub(super) const FIRST_AMOUNT: &str = "100";
/// Of the second job, where it differs.
pub(super) const OTHER_AMOUNT: &str = "200";
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(1);
pub(super) const TRUST_ABSENCE_ANSWERED: Duration = Duration::from_secs(1);
pub(super) const TRUST_ABSENCE_UNANSWERED: Duration = Duration::from_secs(2);
const START: Moment = Moment::from_unix_us(1_700_000_000_000_000);
/// A wait that the pace of a limit makes which is never reached: it passes by itself.
const PACE_MAX: Duration = Duration::from_millis(1);

fn settings() -> Settings {
    Settings {
        limits: "10000/1s".parse().unwrap(),
        lease: Duration::from_secs(3),
        request_timeout: REQUEST_TIMEOUT,
        trust_absence_answered: TRUST_ABSENCE_ANSWERED,
        trust_absence_unanswered: TRUST_ABSENCE_UNANSWERED,
        retry_delays: "1s".parse().unwrap(),
        head_start_high: Duration::ZERO,
        head_start_normal: Duration::ZERO,
        breaker_probe: Duration::from_secs(1),
        ..quick_settings()
    }
}

/// How the second job differs from the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Second {
    Same,
    OtherAmount,
    CheckFirst,
}

/// How often what may still go wrong, and people may still do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left {
    /// Of requests: answers that are late, lost or wrong.
    pub(super) faults: u8,
    /// Of workers: ends without a word, long stops, requests that cannot leave.
    pub(super) crashes: u8,
    pub(super) fail_overs: u8,
    pub(super) submissions: u8,
    pub(super) cancels: u8,
    pub(super) retries: u8,
    /// Cancels that programs submit.
    pub(super) asks: u8,
    pub(super) payments: u8,
}

/// What a worker is doing.
#[derive(Clone, Debug)]
pub(super) enum Hand {
    Free,
    Granted(Grant),
    Awaits(Awaited),
}

#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) model: Model,
    pub(super) hands: [Hand; 2],
    pub(super) provider: Provider,
    pub(super) left: Left,
    pub(super) second: Second,
    /// The invoice that each job has to expire before it goes on.
    pub(super) to_expire: BTreeMap<String, String>,
    /// The queue before its last claim or answer.
    pub(super) before: Option<Rc<Model>>,
    submitted: u8,
    /// The cancel that a program submitted last, and whether a worker has taken it in.
    asked: Option<(Asked, String, bool)>,
}

impl State {
    pub(super) fn new(second: Second, left: Left) -> Self {
        let mut model = Model::new(&settings(), START, "server-1");
        "user".clone_into(&mut model.identity.user_id);
        "test".clone_into(&mut model.identity.mode);
        model.identity.keys.insert("key".to_owned(), START.unix_ms());
        for worker in WORKERS {
            model.breaker.serves(worker);
        }
        let hands = [Hand::Free, Hand::Free];
        let mut state = Self {
            model,
            hands,
            provider: Provider::default(),
            left,
            second,
            to_expire: BTreeMap::new(),
            before: None,
            submitted: 0,
            asked: None,
        };
        state.submit();
        state
    }

    pub(super) fn now_ms(&self) -> u64 {
        self.model.clock.unix_ms()
    }

    /// Returns everything that can happen now, each with what comes of it.
    pub(super) fn successors(&self) -> Vec<(Action, Self)> {
        let mut found = Vec::new();
        let mut waits = Vec::new();
        for worker in 0..WORKERS.len() {
            if matches!(self.hands[worker], Hand::Free) {
                let (next, wait) = self.claimed(worker);
                found.extend(next.map(|next| (Action::Claim(worker), next)));
                waits.extend(wait);
            }
        }
        // Nobody waits while something can be done at once.
        if found.is_empty() && !self.is_anything_overdue() {
            found.extend(self.passed(&waits).map(|next| (Action::Pass, next)));
        }
        let others = self.moves_of_workers().into_iter();
        let others = others.chain(self.moves_of_the_provider()).chain(self.moves_of_people());
        found.extend(others.map(|action| (action, self.after(action))));
        found
    }

    /// Returns whether something has to happen before time goes on.
    fn is_anything_overdue(&self) -> bool {
        let now_ms = self.now_ms();
        let is_overdue = |hand: &Hand| match hand {
            Hand::Free => false,
            Hand::Granted(_) => true,
            Hand::Awaits(awaited) => !awaited.is_frozen && awaited.until_ms <= now_ms,
        };
        self.hands.iter().any(is_overdue)
            || self.provider.on_their_way.iter().any(|create| create.until_ms <= now_ms)
    }

    fn moves_of_workers(&self) -> Vec<Action> {
        let mut moves = Vec::new();
        for (worker, hand) in self.hands.iter().enumerate() {
            let is_crash_left = self.left.crashes > 0;
            match hand {
                Hand::Free => continue,
                Hand::Granted(grant) => {
                    let fates = grant.fates().iter();
                    let possible =
                        fates.filter(|fate| **fate == Fate::Good || self.left.faults > 0);
                    moves.extend(possible.map(|fate| Action::Send(worker, *fate)));
                    moves.extend(is_crash_left.then_some(Action::GiveBack(worker)));
                }
                Hand::Awaits(awaited) => {
                    if awaited.answer.is_some() {
                        moves.push(Action::Answer(worker));
                    } else if awaited.is_frozen || awaited.until_ms <= self.now_ms() {
                        moves.push(Action::TimeOut(worker));
                    }
                    let may_freeze = is_crash_left && !awaited.is_frozen;
                    moves.extend(may_freeze.then_some(Action::Freeze(worker)));
                }
            }
            moves.extend(is_crash_left.then_some(Action::Crash(worker)));
        }
        moves
    }

    fn moves_of_the_provider(&self) -> Vec<Action> {
        let mut moves = Vec::new();
        if !self.provider.on_their_way.is_empty() {
            moves.extend([Action::Arrive, Action::Vanish]);
        }
        let is_hidden = self.provider.invoices.iter().any(|one| one.hidden_until_ms.is_some());
        moves.extend(is_hidden.then_some(Action::Reveal));
        moves
    }

    fn moves_of_people(&self) -> Vec<Action> {
        let can_fail_over = self.left.fail_overs > 0 && self.before.is_some();
        let can_retry = self.left.retries > 0 && self.first_dead().is_some();
        let possible = [
            (self.left.submissions > 0, Action::Submit),
            (self.left.cancels > 0, Action::Cancel),
            (matches!(&self.asked, Some((_, _, false))), Action::Take),
            (self.left.payments > 0 && self.provider.payable() > 0, Action::Pay),
            (can_retry, Action::Retry),
            (can_fail_over, Action::FailOver),
        ];
        let asks = Asked::ALL.map(|asked| (self.left.asks > 0, Action::Ask(asked)));
        possible
            .into_iter()
            .chain(asks)
            .filter(|(is_possible, _)| *is_possible)
            .map(|(_, action)| action)
            .collect()
    }

    fn first_dead(&self) -> Option<&String> {
        let mut records = self.model.records.iter();
        let dead = records.find(|(_, record)| {
            record.job.state == JobState::Dead && record.duplicate_of.is_none()
        });
        dead.map(|(id, _)| id)
    }

    /// Returns the state after one of these moves.
    fn after(&self, action: Action) -> Self {
        let mut next = self.clone();
        match action {
            Action::Claim(_) | Action::Pass => unreachable!("made where it is found"),
            Action::Send(worker, fate) => {
                next.left.faults -= u8::from(fate != Fate::Good);
                next.send(worker, fate);
            }
            Action::GiveBack(worker) => {
                next.left.crashes -= 1;
                next.give_back(worker);
            }
            Action::Freeze(worker) => {
                next.left.crashes -= 1;
                next.freeze(worker);
            }
            Action::Crash(worker) => {
                next.left.crashes -= 1;
                next.hands[worker] = Hand::Free;
            }
            Action::Answer(worker) => next.answer(worker),
            Action::TimeOut(worker) => next.time_out(worker),
            Action::Arrive => {
                let create = next.provider.on_their_way.remove(0);
                next.provider.make(create.amount, create.mark, None);
            }
            Action::Vanish => {
                next.provider.on_their_way.remove(0);
            }
            Action::Reveal => next.provider.reveal(u64::MAX),
            Action::Submit => {
                next.left.submissions -= 1;
                next.before = None;
                next.submit();
            }
            Action::Cancel => {
                next.left.cancels -= 1;
                next.before = None;
                let last = next.model.records.keys().next_back().cloned().unwrap_or_default();
                next.model.cancel(&last);
            }
            Action::Retry => {
                next.left.retries -= 1;
                next.before = None;
                let dead = self.first_dead().cloned().unwrap_or_default();
                next.model.retry(&dead);
            }
            Action::Ask(asked) => {
                next.left.asks -= 1;
                next.ask(asked);
            }
            Action::Take => next.take(),
            Action::Pay => {
                next.left.payments -= 1;
                next.provider.pay();
            }
            Action::FailOver => next.fail_over(),
        }
        next
    }

    fn ask(&mut self, asked: Asked) {
        self.submitted += 1;
        let id = format!("{}-{}", self.now_ms(), self.submitted);
        self.asked = Some((asked, id, false));
    }

    /// A worker takes the cancel in that a program submitted.
    fn take(&mut self) {
        self.before = None;
        let Some((asked, id, is_taken)) = &mut self.asked else { return };
        *is_taken = true;
        let first = self.model.records.keys().next().cloned().unwrap_or_default();
        let command = Command {
            kind: CommandKind::Cancel,
            target: match asked {
                Asked::Cancel | Asked::Expire => CommandTarget::ExternalId(BILL.to_owned()),
                Asked::ExpireFirst => CommandTarget::Job(first),
            },
            expire: *asked != Asked::Cancel,
            counts: BTreeMap::new(),
        };
        self.model.take_command(id, command);
    }

    fn fail_over(&mut self) {
        self.left.fail_overs -= 1;
        let clock = self.model.clock;
        if let Some(before) = self.before.take() {
            self.model = (*before).clone();
        }
        self.model.clock = clock;
        "server-2".clone_into(&mut self.model.server);
    }

    /// Keeps the queue as it was before its last claim or answer, for the server that has not heard of it.
    pub(super) fn remember(&mut self, before: Model) {
        self.before = (self.left.fail_overs > 0).then(|| Rc::new(before));
    }

    /// Lets a worker ask for work. Returns what came of it, if anything, and how long it has to wait otherwise.
    fn claimed(&self, worker: usize) -> (Option<Self>, Option<Duration>) {
        let mut next = self.clone();
        let claim_token = self.fresh_claim_token();
        let wait = loop {
            let claimer = Claimer {
                claim_token: &claim_token,
                worker: WORKERS[worker],
                fingerprint: "key",
                mode: "test",
                held: 0,
            };
            match next.model.claim(&claimer) {
                Claimed::Granted { id, request, .. } => {
                    next.hands[worker] = Hand::Granted(Grant::new(&next, id, request, claim_token));
                    next.remember(self.model.clone());
                    return (Some(next), None);
                }
                Claimed::Again => {}
                Claimed::Wait { wait, .. } if wait < PACE_MAX => {
                    next.model.clock = next.model.clock + wait;
                }
                Claimed::Wait { wait, .. } | Claimed::Stranger { wait, .. } => break Some(wait),
                Claimed::Idle { due } => break due,
            }
        };
        // Leases may have run out, and waits ended.
        let has_moved = next.model.essence() != self.model.essence();
        next.before = None;
        (has_moved.then_some(next), wait)
    }

    /// Returns the state at the next instant at which something is due.
    fn passed(&self, waits: &[Duration]) -> Option<Self> {
        let now_ms = self.now_ms();
        let hands = self.hands.iter().filter_map(|hand| match hand {
            Hand::Awaits(awaited) if !awaited.is_frozen => Some(awaited.until_ms),
            Hand::Awaits(_) | Hand::Granted(_) | Hand::Free => None,
        });
        let coming = self.provider.on_their_way.iter().map(|one| one.until_ms);
        let hidden = self
            .provider
            .invoices
            .iter()
            .filter_map(|one| one.hidden_until_ms.map(|until_ms| until_ms + 1));
        let waits = waits.iter().map(|wait| (self.model.clock + *wait).unix_us().div_ceil(1000));
        let next_ms =
            hands.chain(coming).chain(hidden).chain(waits).filter(|at_ms| *at_ms > now_ms).min()?;
        let mut next = self.clone();
        next.model.clock = Moment::from_unix_us(next_ms * 1000);
        next.provider.reveal(next_ms);
        for hand in &self.hands {
            if let Hand::Awaits(Awaited { grant, is_frozen: false, .. }) = hand {
                next.model.renew(&grant.id, &grant.claim_token);
            }
        }
        Some(next)
    }

    fn submit(&mut self) {
        let is_first = self.submitted == 0;
        self.submitted += 1;
        let amount = if is_first || self.second != Second::OtherAmount {
            FIRST_AMOUNT
        } else {
            OTHER_AMOUNT
        };
        self.model.accept(&Entry {
            id: format!("{}-{}", self.now_ms(), self.submitted),
            external_id: BILL.to_owned(),
            amount: amount.to_owned(),
            priority: Priority::Normal,
            run_at_ms: None,
            batch: String::new(),
            is_check_first: !is_first && self.second == Second::CheckFirst,
            attempts_max: 2,
            error_code: String::new(),
        });
    }

    /// Returns a name of a claim that nobody uses any more, so that equal states have equal names.
    fn fresh_claim_token(&self) -> String {
        let is_used = |claim_token: &str| {
            let in_hand = self.hands.iter().any(|hand| match hand {
                Hand::Free => false,
                Hand::Granted(grant) => grant.claim_token == claim_token,
                Hand::Awaits(awaited) => awaited.grant.claim_token == claim_token,
            });
            let has = |known: &Option<String>| known.as_deref() == Some(claim_token);
            in_hand
                || self.model.records.values().any(|record| has(&record.claim_token))
                || self.model.follow_ups.values().any(|follow_up| has(&follow_up.claim_token))
        };
        (1..=9)
            .map(|number| format!("f{number}"))
            .find(|claim_token| !is_used(claim_token))
            .unwrap()
    }

    /// Returns whether nothing is left to happen but what people may do.
    pub(super) fn is_at_rest(&self) -> bool {
        let is_ended = self.model.records.values().all(|record| record.job.state.is_ended());
        let is_free = self.hands.iter().all(|hand| matches!(hand, Hand::Free));
        is_ended
            && is_free
            && !matches!(&self.asked, Some((_, _, false)))
            && self.model.follow_ups.is_empty()
            && self.provider.on_their_way.is_empty()
    }

    /// Returns what must not be so once nothing is left to happen.
    pub(super) fn broken(&self) -> Option<String> {
        if self.provider.payable() > 1 {
            return Some(format!("{} invoices can be paid", self.provider.payable()));
        }
        let bill = &self.model.bills[BILL];
        let is_paid = self.provider.is_paid(&bill.invoice_id);
        // One that a cancel has expired is not delivered again.
        let is_over = bill.expires_at.parse::<u64>().is_ok_and(|at_ms| at_ms <= self.now_ms());
        if bill.state == "done"
            && !is_paid
            && !is_over
            && !self.provider.is_payable(&bill.invoice_id)
        {
            return Some(format!("the bill's link is {}, which cannot be paid", bill.invoice_id));
        }
        if bill.state == "cancelled" && self.provider.has_known_payable() {
            return Some("the bill is cancelled and can be paid".to_owned());
        }
        self.broken_cancel()
    }

    /// Returns what a cancel that a program submitted must have brought once nothing is left to happen.
    fn broken_cancel(&self) -> Option<String> {
        let (asked, id, _) = self.asked.as_ref()?;
        let count = |word| self.model.commands[id].counts.get(word).copied().unwrap_or_default();
        if count("resolving") > 0 {
            return Some("the cancel is never resolved".to_owned());
        }
        let later = self.model.records.iter().filter(|(job, _)| place(job) > place(id));
        let later: Vec<_> = later.map(|(_, record)| &record.job).collect();
        if later.iter().any(|job| job.state == JobState::Cancelled) {
            return Some("a job that was submitted after the cancel is cancelled".to_owned());
        }
        let invoices = later.iter().filter_map(|job| job.invoice_id.as_ref());
        let is_good = |id: &String| self.provider.is_payable(id) || self.provider.is_paid(id);
        if let Some(invoice) = invoices.into_iter().find(|id| !is_good(id)) {
            return Some(format!("{invoice} is delivered after the cancel and cannot be paid"));
        }
        let is_obeyed = later.is_empty() && *asked != Asked::Cancel && count("too_late") == 0;
        if is_obeyed && self.provider.payable() > 0 {
            return Some("an open invoice is left".to_owned());
        }
        None
    }

    /// Returns a text that is equal for two states with the same future.
    pub(super) fn essence(&self) -> String {
        let hands = self.hands.iter().map(|hand| match hand {
            Hand::Free => "free".to_owned(),
            Hand::Granted(grant) => format!("granted {}", grant.essence(self.now_ms())),
            Hand::Awaits(awaited) => awaited.essence(self.now_ms()),
        });
        let before =
            self.before.as_ref().filter(|_| self.left.fail_overs > 0).map(|model| model.essence());
        let asked = self.asked.as_ref().map(|(asked, id, is_taken)| {
            let later = self.model.records.keys().filter(|job| place(job) > place(id)).count();
            (asked, later, is_taken)
        });
        format!(
            "{}\n{:?}\n{}\n{:?} {:?} {asked:?}\n{before:?}",
            self.model.essence(),
            hands.collect::<Vec<_>>(),
            self.provider.essence(self.now_ms()),
            self.left,
            self.to_expire.values().collect::<Vec<_>>(),
        )
    }
}
