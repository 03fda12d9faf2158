//! The check of each account: its owner, and the obstacles that keep its workers from sending.

use antre_core::AccountName;
use antre_core::Mode;
use antre_operating::{notices, obstacles};
use antre_store::status::Status;
use antre_worker::Durability;

use super::report::CheckReport;
use crate::output::counted;

const ABOUT: &str = "account";

/// Tells what the account's view shows; `kept_by` is the durability that is configured here, and how many
/// replicas are connected.
pub(super) fn judge(
    name: &AccountName,
    status: &Status,
    kept_by: (Durability, u32),
    report: &mut CheckReport,
) {
    tell_owner(name, status, report);
    // Whether somebody serves it was told already, with what waits.
    for obstacle in obstacles(status).into_iter().filter(|it| it.code != "no_worker") {
        let text = format!("{name}: {}", obstacle.text);
        if obstacle.is_fault {
            report.fault(ABOUT, text);
        } else {
            report.note(ABOUT, text);
        }
    }
    for notice in notices(status) {
        report.note(ABOUT, format!("{name}: {}", notice.text));
    }
    // Workers remember that there was a replica: a primary that lost it must not send on by itself.
    let had_replica = status.in_force.as_ref().is_some_and(|in_force| in_force.is_replicated);
    if kept_by == (Durability::Auto, 0) && had_replica {
        let text = format!(
            "{name}: redis had a replica and has none now, so nothing is sent: bring it back, or set \
             durability = \"local\" if one server alone is to keep claims from now on"
        );
        report.fault(ABOUT, text);
    }
}

fn tell_owner(name: &AccountName, status: &Status, report: &mut CheckReport) {
    let owner = &status.owner;
    if owner.keys.is_empty() {
        return;
    }
    let whose = match &owner.user_id {
        Some(user_id) => format!("it is {user_id} at Xendit"),
        None => "no answer has named it yet".to_owned(),
    };
    let mode = owner.mode.unwrap_or(Mode::Unknown);
    let keys = counted(owner.keys.len().try_into().unwrap_or(u64::MAX), "known key");
    report.fine(ABOUT, format!("{name}: {whose}, {mode} mode, {keys}"));
}
