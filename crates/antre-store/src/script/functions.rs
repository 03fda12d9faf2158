//! The scripts of every request as functions of one library, which Redis keeps ready between calls.
//!
//! As a script, each call builds its modules anew: that costs Redis more than most of them do. Where the server or the
//! user's rights know no functions, the same text runs as a script.

use std::sync::{LazyLock, Mutex, PoisonError};

use redis::{Cmd, FromRedisValue, RedisError, Value, aio::ConnectionLike};

use super::{
    ACCEPT, CLAIM_NEXT, FINISH, GIVE_BACK, MODULES, NO_ARGUMENTS, PROBE, READ_INBOX, RENEW, Script,
    Text,
    join::{JoinError, Library},
};
use crate::StoreError;

/// Which scripts are functions.
static SCRIPTS: [&LazyLock<Script>; 7] =
    [&ACCEPT, &CLAIM_NEXT, &FINISH, &GIVE_BACK, &PROBE, &READ_INBOX, &RENEW];

/// Versions with other texts have other names, and live beside each other.
pub(super) static LIBRARY: LazyLock<Result<Library, JoinError>> =
    LazyLock::new(|| Library::of(MODULES, &SCRIPTS.map(|script| (script.name, script.file))));

/// Tells whether the user may load and call functions, and does neither.
static ARE_GRANTED: LazyLock<Text> = LazyLock::new(|| {
    Text::new(
        "#!lua flags=no-writes\n\
         local function is_granted(...)\n\
           local is_known, is_granted = pcall(redis.acl_check_cmd, ...)\n\
           return is_known and is_granted\n\
         end\n\
         return is_granted('fcall', 'f', 0) and is_granted('function', 'load', '') and 1 or 0",
    )
});

/// Whether functions are there, as far as one handle of a server knows.
#[derive(Debug, Default)]
pub(crate) struct Functions {
    /// The number of the connection by which it was found out, and what.
    known: Mutex<Option<(u64, bool)>>,
}

impl Functions {
    /// Calls the script `name` as a function; `None` if it must run as a script.
    pub(super) async fn call<T: FromRedisValue>(
        &self,
        generation: u64,
        connection: &mut impl ConnectionLike,
        name: &str,
        add_arguments: impl Fn(&mut Cmd),
    ) -> Option<Result<T, StoreError>> {
        let library = LIBRARY.as_ref().ok()?;
        let function = library.function(name)?;
        let known = *self.known();
        let is_there = match known {
            Some((number, is_there)) if number == generation => is_there,
            _ => {
                let is_there = load(connection, library).await?;
                *self.known() = Some((generation, is_there));
                is_there
            }
        };
        if !is_there {
            return None;
        }
        let mut call = redis::cmd("FCALL");
        call.arg(function);
        add_arguments(&mut call);
        match call.query_async::<Value>(connection).await {
            // Somebody has removed it: this call runs as a script, the next one loads it.
            Err(error) if is_missing(&error) => {
                *self.known() = None;
                None
            }
            Err(error) => Some(Err(error.into())),
            Ok(value) => {
                Some(T::from_redis_value(value).map_err(|error| RedisError::from(error).into()))
            }
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<(u64, bool)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether the functions are there by now; `None` if the server does not say, which the script's own call
/// will tell.
async fn load(connection: &mut impl ConnectionLike, library: &Library) -> Option<bool> {
    let are_granted: u8 = ARE_GRANTED.call(connection, &[], NO_ARGUMENTS).await.ok()?;
    if are_granted == 0 {
        return Some(false);
    }
    let mut load = redis::cmd("FUNCTION");
    match load.arg("LOAD").arg(&library.text).exec_async(connection).await {
        Ok(()) => Some(true),
        Err(error) if error.to_string().contains("already exists") => Some(true),
        // It will not take the text next time either.
        Err(error) if error.code() == Some("ERR") => Some(false),
        Err(_passing) => None,
    }
}

fn is_missing(error: &RedisError) -> bool {
    error.to_string().contains("Function not found")
}

#[cfg(test)]
mod tests;
