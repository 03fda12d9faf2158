//! The faults of a configuration: all at once, each with its place and its remedy.

use std::fmt;
use std::sync::Arc;

use antre_core::AccountName;

use crate::output::counted;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// On the command line.
    Argument(&'static str),
    /// In this variable.
    Variable(Arc<str>),
    /// In this line of the configuration file, from 1.
    Line { file: Arc<str>, line: usize },
    /// Nowhere: it is missing, or a default.
    Nowhere,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(name) => f.write_str(name),
            Self::Variable(name) => f.write_str(name),
            Self::Line { file, line } => write!(f, "{file}:{line}"),
            Self::Nowhere => f.write_str("missing"),
        }
    }
}

/// One thing that is wrong. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where it was written.
    pub(crate) origin: Origin,
    /// The option's name, with its account's in front where that matters.
    pub(crate) option: String,
    /// What is wrong, and what to write.
    pub(crate) message: String,
    /// The account that has no key here, if that is all; workers elsewhere may have it.
    pub(crate) keyless: Option<AccountName>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, option, message, .. } = self;
        if option.is_empty() {
            return write!(f, "{origin}: {message}");
        }
        write!(f, "{origin}: {option} {message}")
    }
}

/// All that is wrong; as an error it ends the program with code 64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults(pub(crate) Vec<Fault>);

impl Faults {
    /// Adds one.
    pub(crate) fn add(&mut self, origin: Origin, option: &str, message: impl Into<String>) {
        let (option, message) = (option.to_owned(), message.into());
        self.0.push(Fault { origin, option, message, keyless: None });
    }

    /// Adds that an account has no key here.
    pub(crate) fn add_keyless(
        &mut self,
        account: &AccountName,
        origin: Origin,
        option: &str,
        message: String,
    ) {
        let (option, keyless) = (option.to_owned(), Some(account.clone()));
        self.0.push(Fault { origin, option, message, keyless });
    }

    /// Removes repetitions: a value at the top of the file is looked at for every account.
    pub(crate) fn once_each(mut self) -> Self {
        let mut seen = Vec::new();
        self.0.retain(|fault| {
            let is_new = !seen.contains(fault);
            seen.push(fault.clone());
            is_new
        });
        self
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration has {}", counted(self.0.len(), "fault"))?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for Faults {}
