//! Which accounts there are, and that each has a key of its own.

use antre_core::AccountName;

use super::account::{self, Account};
use super::document::Document;
use super::environment::Environment;
use super::fault::{Faults, Origin};
use super::options::ACCOUNT;
use super::reader::Reader;
use super::{Purpose, secret};

/// Returns the configured accounts; without any in the file, `default` alone.
pub(super) fn read(
    document: &Document,
    environment: &Environment,
    purpose: Purpose,
    faults: &mut Faults,
) -> Vec<Account> {
    let variables = environment.entries(&ACCOUNT);
    let default = AccountName::default();
    let names = if document.accounts.is_empty() {
        vec![default.clone()]
    } else {
        document.accounts.keys().cloned().collect()
    };
    if !names.contains(&default) {
        for entry in variables.values() {
            let message =
                "is for the account default, which the file does not have; write it there";
            faults.add(entry.origin.clone(), "", message);
        }
    }
    let mut accounts: Vec<Account> = Vec::new();
    for name in names {
        let section = document.accounts.get(&name).map(|section| &section.entries);
        let of_default = (name == default).then_some(&variables);
        let layers = of_default.into_iter().chain(section).chain([&document.top]);
        let mut reader = Reader::new(layers, prefix(&name, document), faults);
        let key = match purpose {
            Purpose::Queue | Purpose::Http | Purpose::Gateway => None,
            Purpose::Serving => secret::find_key(&name, environment, &mut reader),
        };
        let account = account::read(name, key, &mut reader);
        let twin = accounts.iter().find(|other| is_same(other, &account));
        if let Some(twin) = twin {
            let message = format!(
                "is the one of {}, too; one Xendit account has one limit and one queue: remove one, or name the sub-account of each in \
                 for_user_id",
                twin.name
            );
            let origin = document.accounts.get(&account.name).map(|section| section.origin.clone());
            let option = format!("accounts.{}.secret_key", account.name);
            faults.add(origin.unwrap_or(Origin::Nowhere), &option, message);
        }
        accounts.push(account);
    }
    accounts
}

/// Sub-accounts are reached with the key of their platform, and each has its own invoices.
fn is_same(one: &Account, other: &Account) -> bool {
    one.key.is_some() && one.key == other.key && one.for_user_id == other.for_user_id
}

/// Options are named with their account only where there are several places for them.
fn prefix(name: &AccountName, document: &Document) -> String {
    if document.accounts.is_empty() { String::new() } else { format!("accounts.{name}.") }
}
