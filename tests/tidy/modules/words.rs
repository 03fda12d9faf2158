//! The words of Lua: names, numbers and signs, without comments and texts.

/// One word with what stands next to it, as far as it says what a name is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) line: usize,
    /// Behind a dot or colon: a field of something.
    is_field: bool,
    /// `name =` in a table's braces.
    is_key: bool,
}

impl Word<'_> {
    /// Returns true for a name that stands for itself.
    pub(super) fn is_name(&self) -> bool {
        super::is_word(self.text) && !self.is_field && !self.is_key
    }
}

pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with("#!")) {
        let mut rest = line.trim_start();
        while !rest.is_empty() && !rest.starts_with("--") {
            let (word, after) = rest.split_at(length(rest));
            rest = after.trim_start();
            if !word.starts_with(['\'', '"']) {
                let is_field = words.last().is_some_and(|before| [".", ":"].contains(&before.text));
                words.push(Word { text: word, line: index + 1, is_field, is_key: false });
            }
        }
    }
    for at in 1..words.len().saturating_sub(1) {
        words[at].is_key = ["{", ","].contains(&words[at - 1].text) && words[at + 1].text == "=";
    }
    words
}

/// Returns how many bytes the first word of `text` has.
fn length(text: &str) -> usize {
    let first = text.chars().next().unwrap_or(' ');
    let run = |joins: fn(char) -> bool| text.find(|it| !joins(it)).unwrap_or(text.len());
    match first {
        '\'' | '"' => text_length(text, first),
        '.' => run(|it| it == '.'),
        '=' | '~' | '<' | '>' => run(|it| "=~<>".contains(it)),
        _ if first.is_alphanumeric() || first == '_' => run(|it| it.is_alphanumeric() || it == '_'),
        _ => first.len_utf8(),
    }
}

fn text_length(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, it) in text.char_indices().skip(1) {
        if it == quote && !is_escaped {
            return at + 1;
        }
        is_escaped = it == '\\' && !is_escaped;
    }
    text.len()
}
