//! Remarks on a configuration that is not wrong.

use std::time::Duration;

use antre_core::Mode;
use antre_core::duration_text::DurationText;

use super::{Account, Environment, RedisAccess};

/// A bill's second audit comes 15 minutes after its job's end; as long again for one that is late.
const RETENTION_DONE_MIN: Duration = Duration::from_mins(30);

/// Returns what is worth saying of an account.
pub(super) fn about(account: &Account) -> Option<String> {
    let kept = account.settings.retention_done;
    // A live key is refused with this.
    if account.mode() == Mode::Live || kept >= RETENTION_DONE_MIN {
        return None;
    }
    Some(format!(
        "account {}: retention_done {} is shorter than {}: the second audit of a bill, 15m after its \
         job's end, finds no record and is dropped, and an extra invoice stays payable",
        account.name,
        DurationText(kept),
        DurationText(RETENTION_DONE_MIN),
    ))
}

/// Returns the remark about a variable that begins like ours.
pub(super) fn about_stranger(name: &str) -> String {
    format!("the variable {name} is none of Antre's and has no effect")
}

/// Returns the remark about certificates for a connection without TLS: the address may come from another layer.
pub(super) fn about_certificates(redis: &RedisAccess) -> Option<String> {
    redis.has_idle_certificates().then(|| {
        "redis_ca_file and redis_client_cert_file have no effect: redis_url has no TLS; write rediss:// if the server \
         speaks it"
            .to_owned()
    })
}

/// Variables by which other programs are told of a proxy.
const PROXIES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"];

/// Returns the remark about proxies that are not used. Their addresses may hold passwords and are not shown.
pub(super) fn about_proxies(environment: &Environment) -> Option<String> {
    let set = PROXIES.into_iter().filter(|name| environment.get(name).is_some());
    let names = set.collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| {
        format!(
            "{names}: no proxy is used. A request must leave within milliseconds after its grant, so a worker \
             keeps a connection to Xendit open and opens it itself. Let this machine reach Xendit's port 443"
        )
    })
}
