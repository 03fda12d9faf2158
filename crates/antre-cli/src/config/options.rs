//! Every option, declared once. After a change, `just generate` writes `deploy/antre.example.toml` and
//! `docs/options.md` anew.

mod account;
pub(crate) mod caller;
mod process;

pub(crate) use self::account::*;
pub(crate) use self::caller::CALLER;
pub(crate) use self::process::*;

use std::time::Duration;

use super::option::{Numbers, Range, Setting, Taken, Times};

/// The key of the account `default`, unless another place is named for it.
pub(crate) const DEFAULT_KEY_VARIABLE: &str = "XENDIT_SECRET_KEY";
/// What HTTP requests must carry that change something, or come where other machines can ask.
pub(crate) const HTTP_TOKEN_VARIABLE: &str = "ANTRE_HTTP_TOKEN";
/// How much is logged, as in `info` or `antre_worker=debug,warn`.
pub(crate) const LOG_VARIABLE: &str = "ANTRE_LOG";
/// The same for programs of the Rust family.
pub(crate) const LOG_VARIABLE_FALLBACK: &str = "RUST_LOG";

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The words of a truth value. Others that say yes or no are taken, too.
const TRUTH: Taken = Taken::Words(&["true", "false"]);

/// What most options have in common.
const PLAIN: Setting = Setting {
    name: "",
    variable: "",
    fallback: None,
    default: "",
    example: "",
    taken: Taken::Text,
    doc: "",
};

/// Returns the range from `min` to `max` milliseconds.
const fn ms(min: u64, max: u64) -> Range {
    Range { min: Duration::from_millis(min), max: Duration::from_millis(max) }
}

const fn times(any: Range, live: Range, reason: &'static str) -> Taken {
    Taken::Times(Times { any, live, reason })
}

const fn numbers(min: u32, max: u32, reason: &'static str) -> Taken {
    Taken::Number(Numbers { min, max, reason })
}

/// Returns the known name that is nearest to `name`, if a third of it at most is mistyped.
pub(crate) fn nearest(
    name: &str,
    known: impl IntoIterator<Item = &'static str>,
) -> Option<&'static str> {
    let name = name.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|known| (strsim::osa_distance(&name, &known.to_lowercase()), known))
        .filter(|(distance, known)| *distance <= (known.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
