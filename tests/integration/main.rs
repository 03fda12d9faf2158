//! Each script, each service and whole workers against a real Redis and a simulated Xendit.
#![expect(clippy::unwrap_used, reason = "a broken fixture fails its test")]

mod accepting;
mod accounts;
mod after_outages;
mod ambiguity;
mod apalis_reading;
mod breaking;
mod claiming;
mod clock_steps;
mod configuring;
mod duplicates;
mod expired_by_hand;
mod finishing;
mod foreign;
mod idling;
mod leases;
mod limiting;
mod long_histories;
mod lying_limits;
mod mixed_answers;
mod notifying;
mod ordering;
mod poison_look_ups;
mod poisoning;
mod quota;
mod refusing;
mod retrying;
mod roles;
mod settings_in_force;
mod settling;
mod stale_servers;
mod stopping;
mod strangers;
mod surplus;
mod wire;
mod working;
