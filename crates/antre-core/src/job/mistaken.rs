//! Texts that a language or a program prints in place of JSON, known by their beginning.

/// How such texts begin, and what to do.
const BEGINNINGS: [(&str, &str); 12] = [
    ("b'", "; Python prints bytes like this: decode them first"),
    ("b\"", "; Python prints bytes like this: decode them first"),
    ("map[", "; Go prints a map like this: write it with json.Marshal"),
    ("Array", "; PHP prints an array like this: write it with json_encode"),
    ("array", "; PHP prints an array like this: write it with json_encode"),
    ("stdClass", "; PHP prints an object like this: write it with json_encode"),
    ("undefined", "; the program's variable had no value"),
    ("NaN", "; the program's variable had no value"),
    ("<", "; it begins like XML or a web page: send JSON"),
    ("{\\\"", "; a backslash stands before its quotes: it was escaped once too often"),
    ("{&quot;", "; its quotes were escaped for HTML: send plain JSON"),
    ("{:", "; Ruby prints a hash like this: write it with to_json"),
];

/// Returns what to do with a text that is no JSON, to stand at the end of a message; often nothing.
pub(super) fn hint(text: &str) -> &'static str {
    let text = text.trim_start();
    let inside = text.trim_start_matches(['{', '[', ' ', '\n']);
    if let Some((_, hint)) = BEGINNINGS.iter().find(|(beginning, _)| text.starts_with(beginning)) {
        return hint;
    }
    if inside.starts_with('\'') {
        return "; JSON has double quotes, not single ones";
    }
    if inside.starts_with(['\u{201C}', '\u{201D}', '\u{201E}', '\u{AB}']) {
        return "; JSON has plain double quotes, not typographic ones";
    }
    if text.starts_with('{') && text.contains("\"=>") {
        return "; Ruby prints a hash like this: write it with to_json";
    }
    let has_name = inside.starts_with(|first: char| first.is_ascii_alphabetic());
    if has_name && !text.contains('{') && text.contains('=') {
        return "; it looks like a form: send one JSON object";
    }
    if has_name && text.starts_with('{') {
        return "; names of fields stand in double quotes in JSON";
    }
    ""
}
