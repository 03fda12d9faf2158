//! The scripts: each file of `lua/` behind the modules of `lua/lib/` that it needs, joined at first use.

use std::sync::LazyLock;

use redis::{FromRedisValue, ToRedisArgs, aio::ConnectionLike};

use crate::StoreError;
#[cfg(feature = "worker")]
pub(crate) use functions::Functions;
use join::{JoinError, Module};
pub(crate) use text::Text;

#[cfg(feature = "worker")]
mod functions;
mod join;
#[cfg(test)]
#[cfg(feature = "worker")]
mod tests;
mod text;

/// One script.
pub(crate) struct Script {
    text: Result<Text, JoinError>,
    #[cfg(feature = "worker")]
    name: &'static str,
    #[cfg(feature = "worker")]
    file: &'static str,
}

impl Script {
    fn new(name: &'static str, file: &'static str) -> Self {
        Self {
            text: join::join(MODULES, name, file).map(Text::new),
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
        Ok(script.call(connection, keys, arguments).await?)
    }
}

/// Asks Redis to run a script that may write, and writes nothing.
pub(crate) static WRITE_NOTHING: LazyLock<Text> = LazyLock::new(|| Text::new("#!lua\nreturn 1"));

/// What a script takes that needs nothing.
pub(crate) const NO_ARGUMENTS: &[&str] = &[];

macro_rules! modules {
    ($($name:literal),* $(,)?) => {
        &[$(Module { name: $name, text: include_str!(concat!("lua/lib/", $name, ".lua")) }),*]
    };
}

/// The modules in the order of the alphabet; who needs whom stands in their own headers.
const MODULES: &[Module] = modules![
    "base",
    "batches",
    "bill_records",
    "bills",
    "breaker",
    "cancelling",
    "charges",
    "claimers",
    "clock",
    "closing",
    "command_runs",
    "commands",
    "early_cancels",
    "ending",
    "evidence",
    "expiring",
    "finish_dead",
    "finish_done",
    "finish_follow_up",
    "finish_probe",
    "finish_read",
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
    "reads",
    "recheck",
    "records",
    "relations",
    "results",
    "reviving",
    "settings",
    "strangers",
    "stream_ids",
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
    GATEWAY_JOIN: "gateway_join";
    MOVE_INBOX: "move_inbox";
    PAUSE: "pause";
    RECHECK: "recheck";
    RESUME: "resume";
    RETRY: "retry";
    STATUS: "status";
    SUBMIT_READ: "submit_read";
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
    RUN_COMMANDS: "run_commands";
    SWEEP: "sweep";
    TAKE_COMMAND: "take_command";
    TRY_RIGHTS: "try_rights";
    TRY_WRITE: "try_write";
}
