//! How long a file may be. Functions and parameters are clippy's.

use crate::workspace::{self, SourceFile};

const LINES_MAX: usize = 400;

fn fault(file: &SourceFile) -> Option<String> {
    if !file.has_extension("rs") || file.is_test_code() {
        return None;
    }
    let lines = lines_without_tests(&file.text);
    let message = || format!("{lines} lines without tests, at most {LINES_MAX}");
    (lines > LINES_MAX).then(|| file.fault(LINES_MAX, &message()))
}

/// Returns the number of lines before an inline test module.
fn lines_without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let is_test_module = |pair: &[&str]| {
        pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
    };
    lines.windows(2).position(is_test_module).unwrap_or(lines.len())
}

#[test]
fn files_are_short() {
    let files = workspace::files().unwrap();
    workspace::assert_none(&files.iter().filter_map(fault).collect::<Vec<_>>());
}

#[test]
fn a_long_file_is_a_fault_and_its_tests_do_not_count() {
    let full = "x\n".repeat(LINES_MAX);
    let with_tests = format!("{full}#[cfg(test)]\nmod tests {{\n}}\n");
    let with_sibling = format!("{full}#[cfg(test)]\nmod tests;\n");
    let check = |path, text: &str| fault(&SourceFile::new(path, text)).is_some();
    assert!(!check("crates/antre-cli/src/main.rs", &full));
    assert!(!check("crates/antre-cli/src/main.rs", &with_tests));
    assert!(check("crates/antre-cli/src/main.rs", &with_sibling));
    assert!(!check("crates/antre-cli/src/job/tests.rs", &with_sibling));
}
