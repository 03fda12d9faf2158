//! The scripts: each file of `lua/` behind the modules of `lua/lib/` that it needs, joined at first use.

use std::sync::LazyLock;

use redis::{FromRedisValue, ToRedisArgs, aio::ConnectionLike};

use crate::StoreError;
#[cfg(feature = "worker")]
pub(crate) use functions::Functions;
use join::{JoinError, Module};

#[cfg(feature = "worker")]
mod functions;
mod join;
#[cfg(test)]
#[cfg(feature = "worker")]
mod tests;

/// One script, called by its hash and loaded when the server does not know it.
pub(crate) struct Script {
    text: Result<redis::Script, JoinError>,
    #[cfg(feature = "worker")]
    name: &'static str,
    #[cfg(feature = "worker")]
    file: &'static str,
}

impl Script {
    fn new(name: &'static str, file: &'static str) -> Self {
        Self {
            text: join::join(MODULES, name, file).map(|text| redis::Script::new(&text)),
            #[cfg(feature = "worker")]
            name,
            #[cfg(feature = "worker")]
            file,
        }
    }

    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        connection: &mut impl ConnectionLike,
        prefix: &str,
        arguments: &[impl ToRedisArgs + Sync],
    ) -> Result<T, StoreError> {
        self.run_on(connection, &[prefix], arguments).await
    }

    /// The same as a function where the server has it, which costs it less.
    #[cfg(feature = "worker")]
    pub(crate) async fn call<T: FromRedisValue>(
        &self,
        redis: &crate::Redis,
        connection: &mut impl ConnectionLike,
        prefix: &str,
        arguments: &[impl ToRedisArgs + Sync],
    ) -> Result<T, StoreError> {
        let add_arguments = |call: &mut redis::Cmd| {
            call.arg(1).arg(prefix);
            for argument in arguments {
                call.arg(argument);
            }
        };
        let server = redis.known_node();
        let (functions, generation) = (server.functions(), server.generation());
        match functions.call(generation, connection, self.name, add_arguments).await {
            Some(reply) => reply,
            None => self.run(connection, prefix, arguments).await,
        }
    }

    /// The same for a script with more than one key.
    pub(crate) async fn run_on<T: FromRedisValue>(
        &self,
        connection: &mut impl ConnectionLike,
        keys: &[&str],
        arguments: &[impl ToRedisArgs + Sync],
    ) -> Result<T, StoreError> {
        let script = self.text.as_ref().map_err(|error| StoreError::Script(error.to_string()))?;
        let mut invocation = script.prepare_invoke();
        for key in keys {
            invocation.key(*key);
        }
        for argument in arguments {
            invocation.arg(argument);
        }
        Ok(invocation.invoke_async(connection).await?)
    }
}

/// Asks Redis to run a script that may write, and writes nothing.
pub(crate) static WRITE_NOTHING: LazyLock<Keyless> =
    LazyLock::new(|| Keyless(redis::Script::new("#!lua\nreturn 1")));

/// A script without keys.
pub(crate) struct Keyless(redis::Script);

impl Keyless {
    pub(crate) async fn ask(&self, connection: &mut impl ConnectionLike) -> Result<(), StoreError> {
        let _one: redis::Value = self.0.prepare_invoke().invoke_async(connection).await?;
        Ok(())
    }
}

macro_rules! modules {
    ($($name:literal),* $(,)?) => {
        &[$(Module { name: $name, text: include_str!(concat!("lua/lib/", $name, ".lua")) }),*]
    };
}

/// The modules in the order of the alphabet; who needs whom stands in their own headers.
const MODULES: &[Module] = modules![
    "base",
    "bill_records",
    "bills",
    "breaker",
    "charges",
    "claimers",
    "clock",
    "ending",
    "evidence",
    "finish_dead",
    "finish_done",
    "finish_follow_up",
    "finish_probe",
    "finish_retry",
    "follow_ups",
    "foreign",
    "grants",
    "handover",
    "heads",
    "identity",
    "intake",
    "jitter",
    "jobs",
    "known_outcomes",
    "lapse",
    "memory",
    "moves",
    "names",
    "new_jobs",
    "notices",
    "order",
    "outcomes",
    "pace",
    "pacer",
    "pause",
    "readiness",
    "recheck",
    "records",
    "relations",
    "results",
    "settings",
    "strangers",
    "turn",
    "waits",
    "worker_evidence",
    "workers",
];

macro_rules! scripts {
    ($list:ident: $($name:ident: $file:literal;)*) => {
        $(pub(crate) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new($file, include_str!(concat!("lua/", $file, ".lua"))));)*

        #[cfg(all(test, feature = "worker"))]
        const $list: &[(&str, &LazyLock<Script>)] = &[$(($file, &$name)),*];
    };
}

scripts! {
    SCRIPTS:
    ACCEPT_KEY: "accept_key";
    CANCEL: "cancel";
    DISCARD: "discard";
    MOVE_INBOX: "move_inbox";
    PAUSE: "pause";
    RECHECK: "recheck";
    RESUME: "resume";
    RETRY: "retry";
    STATUS: "status";
}

#[cfg(feature = "worker")]
scripts! {
    SCRIPTS_OF_WORKERS:
    ACCEPT: "accept";
    CLAIM_NEXT: "claim";
    CONFIGURE: "configure";
    FINISH: "finish";
    GIVE_BACK: "give_back";
    LEAVE: "leave";
    PROBE: "probe";
    READ_INBOX: "read_inbox";
    RENEW: "renew";
    SWEEP: "sweep";
    TRY_RIGHTS: "try_rights";
    TRY_WRITE: "try_write";
}
