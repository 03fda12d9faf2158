//! The scripts: each file of `lua/` behind the shared parts of `lua/lib/` that it needs, joined at compile time.

use std::sync::LazyLock;

use redis::{FromRedisValue, ToRedisArgs, aio::ConnectionLike};

use crate::StoreError;

/// One script, called by its hash and loaded when the server does not know it.
pub(crate) struct Script(redis::Script);

impl Script {
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        connection: &mut impl ConnectionLike,
        prefix: &str,
        arguments: &[impl ToRedisArgs + Sync],
    ) -> Result<T, StoreError> {
        self.run_on(connection, &[prefix], arguments).await
    }

    /// The same for a script with more than one key.
    pub(crate) async fn run_on<T: FromRedisValue>(
        &self,
        connection: &mut impl ConnectionLike,
        keys: &[&str],
        arguments: &[impl ToRedisArgs + Sync],
    ) -> Result<T, StoreError> {
        let mut invocation = self.0.prepare_invoke();
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

/// Puts a script's shebang line, if it has one, in front of the joined parts.
fn join(parts: &[&str], body: &str) -> Script {
    let (shebang, rest) = match body.split_once('\n') {
        Some((first, rest)) if first.starts_with("#!") => (first, rest),
        _ => ("#!lua", body),
    };
    Script(redis::Script::new(&format!("{shebang}\n{}{rest}", parts.concat())))
}

macro_rules! parts {
    ($($name:literal),*) => { &[$(include_str!(concat!("lua/lib/", $name, ".lua"))),*] };
}

const BARE: &[&str] = &[];
const BASE: &[&str] = parts!["base", "pacer"];
const SETTINGS: &[&str] =
    parts!["base", "pacer", "identity", "judge", "job", "windows", "rebase", "handover", "clock"];
const WORKER: &[&str] = parts!["base", "pacer", "breaker", "worker"];
const JOBS: &[&str] =
    parts!["base", "pacer", "job", "chore", "result", "ending", "bill_end", "finish"];
const KEEPING: &[&str] =
    parts!["base", "pacer", "identity", "job", "chore", "result", "ending", "bill_end", "finish"];
const INTAKE: &[&str] = parts![
    "base", "pacer", "job", "chore", "result", "ending", "bill_end", "finish", "bill", "foreign",
    "intake"
];
const CLAIM: &[&str] = parts![
    "base", "pacer", "breaker", "worker", "identity", "judge", "job", "windows", "rebase",
    "handover", "clock", "chore", "result", "ending", "bill_end", "finish", "lapse", "order",
    "charge", "grant", "pause", "turn", "claiming"
];
const FINISH: &[&str] = parts![
    "base",
    "pacer",
    "breaker",
    "worker",
    "worker_evidence",
    "identity",
    "judge",
    "job",
    "chore",
    "result",
    "ending",
    "bill_end",
    "finish",
    "observe",
    "evidence",
    "restore",
    "after",
    "after_look_up"
];

macro_rules! scripts {
    ($($name:ident: $parts:ident, $file:literal;)*) => {
        $(pub(crate) static $name: LazyLock<Script> =
            LazyLock::new(|| join($parts, include_str!(concat!("lua/", $file, ".lua"))));)*
    };
}

scripts! {
    ACCEPT: INTAKE, "accept";
    ACCEPT_KEY: SETTINGS, "accept_key";
    CANCEL: JOBS, "cancel";
    CLAIM_NEXT: CLAIM, "claim";
    CONFIGURE: SETTINGS, "configure";
    DISCARD: JOBS, "discard";
    FINISH_CHORE: FINISH, "finish_chore";
    FINISH_DEAD: FINISH, "finish_dead";
    FINISH_DONE: FINISH, "finish_done";
    FINISH_PROBE: FINISH, "finish_probe";
    FINISH_RETRY: FINISH, "finish_retry";
    GIVE_BACK: FINISH, "give_back";
    LEAVE: WORKER, "leave";
    MOVE_INBOX: BASE, "move_inbox";
    PAUSE: BASE, "pause";
    PROBE: CLAIM, "probe";
    READ_INBOX: BASE, "read_inbox";
    RECHECK: SETTINGS, "recheck";
    RENEW: JOBS, "renew";
    RESUME: BASE, "resume";
    RETRY: JOBS, "retry";
    STATUS: JOBS, "status";
    SWEEP: KEEPING, "sweep";
    TRY_RIGHTS: BARE, "try_rights";
    TRY_WRITE: BASE, "try_write";
}
