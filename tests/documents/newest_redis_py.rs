//! The Python examples with the newest redis-py of the package registry: its defaults change, and a reader
//! installs that one.

use std::path::{Path, PathBuf};

use antre_tests::python;
use tokio::sync::OnceCell;

use crate::{
    fixture::Fixture,
    languages::Page,
    markdown::{Example, document, examples},
};

/// Longer than the read time-out of 5 s that newer versions of redis-py have by themselves.
const LATENCY: &str = "8s";

/// Returns a Python that has the newest redis-py and nothing else.
async fn newest() -> PathBuf {
    static PYTHON: OnceCell<PathBuf> = OnceCell::const_new();
    PYTHON.get_or_init(install).await.clone()
}

async fn install() -> PathBuf {
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("newest-redis-py");
    python::installed(&environment, &["--upgrade", "redis"]).await.unwrap()
}

fn python_examples(name: &str) -> Vec<Example> {
    examples(&document(name)).into_iter().filter(|it| it.block.language == "python").collect()
}

async fn faults(fixture: &mut Fixture, name: &str, wanted: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let wanted: Vec<_> = python_examples(name)
        .into_iter()
        .filter(|example| example.block.text.contains(wanted))
        .collect();
    assert!(!wanted.is_empty(), "{name} has no such example");
    for example in wanted {
        if let Some(fault) = fixture.fault(&example).await {
            faults.push(format!("{name}:{}: {fault}", example.block.line));
        }
    }
    faults
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_that_takes_eight_seconds_is_waited_for() {
    let mut fixture = Fixture::start_with(newest().await).await;
    fixture.set_latency(LATENCY);
    let mut found = faults(&mut fixture, "README.md", "blmove").await;
    found.extend(faults(&mut fixture, "PROTOCOL.md", "blmove").await);
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_of_the_documents_runs() {
    for name in ["README.md", "PROTOCOL.md"] {
        let mut fixture = Fixture::start_with(newest().await).await;
        let mut found = Vec::new();
        for example in examples(&document(name)) {
            if let Some(fault) = fixture.fault(&example).await {
                found.push(format!("{name}:{}: {fault}", example.block.line));
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n\n"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_programs_of_docs_languages_run() {
    Page::open_in(Fixture::start_with(newest().await).await, "python").run().await;
}

#[test]
fn every_python_example_reads_without_a_time_out() {
    for name in ["README.md", "PROTOCOL.md", "docs/languages/python.md"] {
        let examples = python_examples(name).into_iter();
        for example in examples.filter(|it| it.block.text.contains("from_url")) {
            let is_set = example.block.text.contains("socket_timeout=None");
            assert!(is_set, "{name}:{}: write socket_timeout=None", example.block.line);
        }
    }
}
