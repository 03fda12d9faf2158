//! Comparing what an example wrote with what the document says.
//!
//! What differs from run to run is compared by kind only: job ids, invoice ids, instants. `…` in the
//! document stands for any text within its line.

/// Returns the line in which redis-cli told an error, if there is one; it ends with success all the same.
pub(crate) fn error_of_redis(written: &str) -> Option<&str> {
    written.lines().find(|line| ["ERR ", "WRONGTYPE "].iter().any(|word| line.starts_with(word)))
}

/// Returns what is different, or nothing.
pub(crate) fn difference(documented: &str, written: &str) -> Option<String> {
    let (documented_lines, written_lines) = (lines(documented), lines(written));
    let is_same = documented_lines.len() == written_lines.len()
        && documented_lines.iter().zip(&written_lines).all(|(one, other)| matches(one, other));
    let message = || format!("the document says:\n{documented}\nthe example writes:\n{written}");
    (!is_same).then(message)
}

fn lines(text: &str) -> Vec<String> {
    text.trim_end().lines().map(|line| by_kind(line.trim_end())).collect()
}

/// Returns whether `line` is as `pattern` says, where `…` stands for anything.
fn matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    rest.ends_with(last)
}

/// Returns the line with a word in place of each token that differs from run to run.
fn by_kind(line: &str) -> String {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "-:.".contains(character);
    let mut shown = String::new();
    let mut token = String::new();
    for character in line.chars().chain(['\n']) {
        if is_part(character) {
            token.push(character);
            continue;
        }
        let word = token.trim_end_matches([':', '.', '-']);
        shown.push_str(kind(word).unwrap_or(word));
        shown.push_str(token.split_at(word.len()).1);
        token.clear();
        shown.push(character);
    }
    shown.trim_end_matches('\n').to_owned()
}

/// Returns the kind of a token that differs from run to run.
fn kind(token: &str) -> Option<&'static str> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_unix_ms = |text: &str| text.len() == 13 && is_digits(text);
    if let Some((milliseconds, number)) = token.split_once('-')
        && is_unix_ms(milliseconds)
        && is_digits(number)
    {
        return Some("<job>");
    }
    if is_unix_ms(token) {
        return Some("<instant>");
    }
    if token.len() == 24 && is_hex(token) {
        return Some("<invoice>");
    }
    let is_date =
        token.len() >= 20 && token.ends_with('Z') && token.as_bytes().get(10) == Some(&b'T');
    is_date.then_some("<date>")
}

#[test]
fn ids_and_instants_are_compared_by_kind() {
    let documented =
        "job 1795413600000-0: 6748105a77f16ebe0cc583a7 2026-11-29T06:40:26.353Z 1795413600000\n";
    let written =
        "job 1795413612345-7: aaaaaaaaaaaaaaaaaaaaaaaa 2026-11-30T00:00:00.000Z 1795413612345";
    assert_eq!(difference(documented, written), None);
    assert!(difference("1795413600000-0", "").is_some());
    assert!(difference("1795413600000-0", "1795413600000").is_some());
}

#[test]
fn an_ellipsis_stands_for_anything_within_its_line() {
    assert_eq!(difference("{\"a\":…,\"z\":1}", "{\"a\":[1,2],\"z\":1}"), None);
    assert_eq!(difference("a…", "a"), None);
    assert!(difference("{\"a\":…,\"z\":1}", "{\"a\":[1,2],\"z\":2}").is_some());
    assert!(difference("a…", "a\nb").is_some());
}

#[test]
fn another_word_is_a_difference() {
    assert!(difference("waiting", "done").is_some());
    assert!(difference("done", "done 1").is_some());
    assert_eq!(difference("done\n\n", "done\n"), None);
}
