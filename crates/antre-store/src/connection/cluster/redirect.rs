//! A node's word that a call belongs elsewhere, or has to wait.

use redis::{Arg, Cmd, ErrorKind, RedisError, RedisResult, ServerErrorKind, Value};

use super::slots::{Address, SLOTS, Slot};

/// Where a call that was not taken has to go. Nothing of it has happened.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Redirect {
    /// The slot has another owner from now on.
    Moved { slot: Slot, owner: Address },
    /// The slot is being handed over, and this key is there already, or nowhere.
    Ask(Address),
    /// The slot is being handed over, and some of the keys are there already.
    Later,
}

impl Redirect {
    /// `own_host` is the host of the node that answered.
    pub(super) fn of(answer: &RedisResult<Value>, own_host: &str) -> Option<Self> {
        match answer {
            Ok(value) => Self::of_value(value, own_host),
            Err(error) => Self::of_error(error, own_host),
        }
    }

    pub(super) fn of_value(value: &Value, own_host: &str) -> Option<Self> {
        let Value::ServerError(error) = value else { return None };
        Self::of_error(&RedisError::from(error.clone()), own_host)
    }

    fn of_error(error: &RedisError, own_host: &str) -> Option<Self> {
        let ErrorKind::Server(kind) = error.kind() else { return None };
        let address = || {
            let (address, slot) = error.redirect_node()?;
            (slot < SLOTS).then_some((slot, Address::read(address, own_host)?))
        };
        if kind == ServerErrorKind::Moved {
            address().map(|(slot, owner)| Self::Moved { slot, owner })
        } else if kind == ServerErrorKind::Ask {
            address().map(|(_slot, address)| Self::Ask(address))
        } else {
            (kind == ServerErrorKind::TryAgain).then_some(Self::Later)
        }
    }
}

/// Returns whether a command works on more keys than it names. While a slot is handed over its keys are in two places,
/// and such a command would take those of the other place for deleted.
pub(super) fn is_script(command: &Cmd) -> bool {
    let Some(Arg::Simple(name)) = command.args_iter().next() else { return false };
    ["EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO"]
        .iter()
        .any(|script| name.eq_ignore_ascii_case(script.as_bytes()))
}

#[cfg(test)]
mod tests;
