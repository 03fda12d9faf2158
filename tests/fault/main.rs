//! What breaks while jobs are under way: workers, Redis, Xendit and the network between them.
//!
//! Workers are processes of the real program. Each test brings about one fault at one exact position
//! and ends with the checker of `antre_tests::chaos::check`; `bounded_chaos` draws faults from a seed.
#![expect(clippy::unwrap_used, reason = "a broken fixture fails its test")]

mod bounded_chaos;
mod checker;
mod clusters;
mod crash_bystanders;
mod crash_loop;
mod crash_positions;
mod cut_primary;
mod fixture;
mod full_redis;
mod key_rotation;
mod lying_xendit;
mod redis_outages;
mod refused_finish;
mod replicas;
mod restored_backup;
mod sentinels;
mod server_changes;
mod sick_egress;
mod stopped_workers;
mod strange_keys;
