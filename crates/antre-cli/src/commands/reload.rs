//! The options that a reload changes, and those that need a restart.

use crate::config::{Account, Config};

/// Gives a new configuration what only a restart can change, and tells the log of it.
pub(super) fn keep_what_needs_a_restart(new: &mut Config, old: &Config) {
    let mut kept = Vec::new();
    if new.redis != old.redis {
        new.redis = old.redis.clone();
        kept.push("redis_url and the other options of redis");
    }
    if new.http.listen != old.http.listen {
        // Who may read and change something depends on the address, so all of it stays.
        new.http = old.http.clone();
        kept.push("http_listen and the other options of http");
    }
    let fixed = |config: &Config| (config.gateway.listen, config.gateway.waiting_max);
    if fixed(new) != fixed(old) {
        (new.gateway.listen, new.gateway.waiting_max) = fixed(old);
        kept.push("gateway_listen and gateway_waiting_max");
    }
    if (new.log_format, &new.log_filter) != (old.log_format, &old.log_filter) {
        (new.log_format, new.log_filter) = (old.log_format, old.log_filter.clone());
        kept.push("log_format");
    }
    if !kept.is_empty() {
        tracing::warn!("SIGHUP does not change {}: restart the process for that", kept.join(", "));
    }
}

/// Tells the log which accounts came, went, or have another key or other limits.
pub(super) fn tell(new: &Config, old: &Config) {
    let find = |config: &Config, name: &str| -> Option<Account> {
        config.accounts.iter().find(|account| account.name.as_str() == name).cloned()
    };
    for account in &new.accounts {
        let name = account.name.as_str();
        match find(old, name) {
            None => tracing::info!(account = name, "reloaded: the account is served from now on"),
            Some(before) => tracing::info!(
                account = name,
                has_new_key = account.key != before.key,
                limits_before = %before.settings.limits,
                limits = %account.settings.limits,
                "reloaded"
            ),
        }
    }
    for account in &old.accounts {
        let name = account.name.as_str();
        if find(new, name).is_none() {
            tracing::info!(account = name, "reloaded: the account is no longer served");
        }
    }
}

/// Says why the old configuration stays, in one line however many faults there are.
pub(super) fn refuse(why: &str) {
    let why = why.lines().map(str::trim).collect::<Vec<_>>().join("; ");
    tracing::error!("SIGHUP: the old configuration stays in force: {why}");
}
