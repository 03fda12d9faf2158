//! Tests start no program that `deploy/setup.sh` does not install: a fresh machine has no others.

use crate::workspace::{self, SourceFile};

/// Those of Debian's minimal system and of its packages redis-server and python3, those of Node, PHP and Go; and one that
/// must not exist.
const THERE: [&str; 12] = [
    "sh",
    "cat",
    "redis-server",
    "redis-cli",
    "python3",
    "node",
    "npm",
    "php",
    "phpunit",
    "composer",
    "go",
    "no-such-program",
];

fn faults(file: &SourceFile) -> Vec<String> {
    if !file.has_extension("rs") || !file.is_test_code() {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for (number, line) in file.numbered_lines() {
        let calls = line.split(concat!("Command::n", "ew(\"")).skip(1);
        for program in calls.filter_map(|rest| rest.split('"').next()) {
            if !THERE.contains(&program) {
                faults.push(file.fault(number, &format!("{program} need not be there")));
            }
        }
    }
    faults
}

#[test]
fn tests_start_only_programs_that_setup_installs() {
    let files = workspace::files().unwrap();
    workspace::assert_none(&files.iter().flat_map(faults).collect::<Vec<_>>());
}

#[test]
fn another_program_is_a_fault() {
    let call = |program: &str| format!("{}{program}\");", concat!("Command::n", "ew(\""));
    let of = |program| faults(&SourceFile::new("crates/a/tests/b.rs", &call(program))).len();
    assert_eq!((of("kill"), of("curl"), of("sh")), (1, 1, 0));
}
