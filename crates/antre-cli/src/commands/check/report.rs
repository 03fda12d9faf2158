//! The findings of a check: fine, worth knowing, or wrong.

use std::fmt;

use crate::output::{counted, plain};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Fine,
    Note,
    Fault,
}

/// What was found, in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct CheckReport(Vec<(Weight, &'static str, String)>);

impl CheckReport {
    pub(super) fn fine(&mut self, about: &'static str, text: String) {
        self.0.push((Weight::Fine, about, text));
    }

    pub(super) fn note(&mut self, about: &'static str, text: String) {
        self.0.push((Weight::Note, about, text));
    }

    /// Adds a fault; one cause that several looks meet is told once.
    pub(super) fn fault(&mut self, about: &'static str, text: String) {
        let fault = (Weight::Fault, about, text);
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }

    pub(super) fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    pub(super) fn has_faults(&self) -> bool {
        self.faults() > 0
    }

    fn faults(&self) -> usize {
        self.0.iter().filter(|(weight, ..)| *weight == Weight::Fault).count()
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (weight, about, text) in &self.0 {
            let word = match weight {
                Weight::Fine => "ok",
                Weight::Note => "note",
                Weight::Fault => "FAULT",
            };
            writeln!(f, "{word:5}  {about:13}  {}", plain(text))?;
        }
        match self.faults() {
            0 => f.write_str("nothing is wrong"),
            count => f.write_str(&counted(count, "fault")),
        }
    }
}
