//! Where the log goes: standard error, as text or one JSON object a line.

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Config, LogFormat};

/// Starts the log. Once only; a second call changes nothing.
pub(crate) fn start(config: &Config) {
    let filter = EnvFilter::new(&config.log_filter);
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Text => builder.with_ansi(is_terminal()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    // The log is there already, then.
    started.ok();
}

fn is_terminal() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stderr())
}
