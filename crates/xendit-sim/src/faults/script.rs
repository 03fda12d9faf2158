//! The faults in force, and which of them strike a request.

use std::sync::Mutex;
use std::time::Duration;

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::{Act, Fault, FaultError};
use crate::api::RequestKind;
use crate::locked::locked;

/// A fault in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScriptedFault {
    /// Names the fault when it is to be removed.
    pub id: u64,
    /// The fault; its `times` are those that remain.
    pub fault: Fault,
}

/// The request that faults are looked up for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) kind: RequestKind,
    pub(crate) external_id: Option<&'a str>,
    pub(crate) account: &'a str,
    pub(crate) key: &'a str,
    pub(crate) listener: u32,
}

/// What strikes one request.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Plan {
    pub(crate) before_effect: Duration,
    pub(crate) after_effect: Duration,
    pub(crate) act: Option<Act>,
    /// Whether the act strikes after the effect.
    pub(crate) is_after_creation: bool,
    /// The act, or failing that a delay, for the ledger.
    pub(crate) name: Option<&'static str>,
}

#[derive(Debug, Default)]
pub(crate) struct Script {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    faults: Vec<ScriptedFault>,
    last_id: u64,
}

impl Script {
    pub(crate) fn add(&self, fault: Fault) -> Result<u64, FaultError> {
        fault.check()?;
        let mut inner = locked(&self.inner);
        inner.last_id += 1;
        let id = inner.last_id;
        inner.faults.push(ScriptedFault { id, fault });
        Ok(id)
    }

    pub(crate) fn list(&self) -> Vec<ScriptedFault> {
        locked(&self.inner).faults.clone()
    }

    /// Removes one fault. Returns whether it was in force.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut inner = locked(&self.inner);
        let before = inner.faults.len();
        inner.faults.retain(|scripted| scripted.id != id);
        inner.faults.len() < before
    }

    pub(crate) fn clear(&self) {
        locked(&self.inner).faults.clear();
    }

    /// Decides what strikes a request, and uses up the times of what does.
    pub(crate) fn strike(&self, target: Target<'_>, random: &mut impl Rng) -> Plan {
        let mut inner = locked(&self.inner);
        let mut plan = Plan::default();
        for ScriptedFault { fault, .. } in &mut inner.faults {
            let delay = fault.act.delay();
            if (delay.is_none() && plan.act.is_some()) || !is_struck(fault, target, random) {
                continue;
            }
            fault.times = fault.times.map(|times| times.saturating_sub(1));
            if let Some((before, after)) = delay {
                plan.before_effect += before;
                plan.after_effect += after;
                plan.name.get_or_insert(fault.act.name());
            } else {
                plan.name = Some(fault.act.name());
                plan.act = Some(fault.act.clone());
                plan.is_after_creation = fault.after_creation;
            }
        }
        inner.faults.retain(|scripted| scripted.fault.times != Some(0));
        plan
    }
}

fn is_struck(fault: &Fault, target: Target<'_>, random: &mut impl Rng) -> bool {
    let external_id = target.external_id;
    fault.on.is_none_or(|kind| kind == target.kind)
        && fault.account.as_deref().is_none_or(|account| account == target.account)
        && fault.key.as_deref().is_none_or(|key| key == target.key)
        && fault.listener.is_none_or(|listener| listener == target.listener)
        && fault.external_id.as_deref().is_none_or(|wanted| external_id == Some(wanted))
        && fault
            .external_id_prefix
            .as_deref()
            .is_none_or(|prefix| external_id.is_some_and(|id| id.starts_with(prefix)))
        && fault.probability.is_none_or(|probability| random.random_bool(probability))
}
