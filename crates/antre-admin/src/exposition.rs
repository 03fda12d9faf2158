//! Prometheus' text format, version 0.0.4.

use std::fmt::Write as _;

/// One family of samples: a name, what it means, and a value for each set of labels.
pub(crate) struct Family {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    samples: Vec<(Vec<(&'static str, String)>, u64)>,
}

impl Family {
    pub(crate) fn gauge(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: "gauge", help, samples: Vec::new() }
    }

    /// `name` ends in `_total`.
    pub(crate) fn counter(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: "counter", help, samples: Vec::new() }
    }

    pub(crate) fn add(&mut self, labels: &[(&'static str, &str)], value: u64) {
        let labels = labels.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        self.samples.push((labels, value));
    }

    /// Appends the family; one without samples is left out.
    pub(crate) fn write(&self, out: &mut String) {
        if self.samples.is_empty() {
            return;
        }
        let Self { name, kind, help, .. } = self;
        // Writing to a string cannot fail.
        writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}").ok();
        for (labels, value) in &self.samples {
            let labels: Vec<String> =
                labels.iter().map(|(name, text)| format!("{name}=\"{}\"", escaped(text))).collect();
            let labels =
                if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            writeln!(out, "{name}{labels} {value}").ok();
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n")
}

#[cfg(test)]
mod tests;
