//! Each service and whole workers against a real Redis and a simulated Xendit.
#![expect(clippy::unwrap_used, reason = "a broken fixture fails its test")]

mod accounts;
mod after_outages;
mod already_paid;
mod ambiguity;
mod apalis_reading;
mod breaking;
mod clusters;
mod commands;
mod configuring;
mod duplicates;
mod expired_by_hand;
mod foreign;
mod idle_lines;
mod idling;
mod leases;
mod limiting;
mod long_histories;
mod lost_bills;
mod lying_limits;
mod mixed_answers;
mod nearly_right;
mod notifying;
mod ordering;
mod poison_look_ups;
mod poisoning;
mod quota;
mod refusing;
mod retrying;
mod roles;
mod settings_in_force;
mod stopping;
mod strangers;
mod surplus;
mod wire;
mod working;
