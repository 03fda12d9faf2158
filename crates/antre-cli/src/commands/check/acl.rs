//! The users that this configuration needs of its Redis.

use antre_core::AccountName;
use antre_store::rights::Role;

use crate::config::Config;

/// Returns the lines for redis.conf, one for each kind of user.
pub(super) fn page(config: &Config) -> String {
    let mut names: Vec<AccountName> = config.accounts.iter().map(|it| it.name.clone()).collect();
    if names.is_empty() {
        names.push(AccountName::default());
    }
    let right_besides = config.redis.right_besides().map(|right| format!(" {right}"));
    let right_besides = right_besides.unwrap_or_default();
    Role::ALL.map(|role| format!("{}{right_besides}", role.acl_line(&names))).join("\n")
}
