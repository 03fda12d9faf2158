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
    let mut lines = Role::ALL.map(|role| role.acl_line(&names)).to_vec();
    if config.redis.has_sentinels() {
        lines.push("# Behind Sentinels each of them needs +role as well.".to_owned());
    }
    lines.join("\n")
}
