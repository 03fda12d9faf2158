//! The parts of Markdown that the tests read: fenced blocks and tables.

use std::{fs, path::Path};

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// The word behind the fence.
    pub(crate) language: String,
    pub(crate) text: String,
    /// The line of the opening fence, from 1.
    pub(crate) line: usize,
    /// Whether only blank lines stand between the block before and this one.
    pub(crate) follows_directly: bool,
}

/// A block to run, and what it should write, if the document says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Example {
    pub(crate) block: Block,
    pub(crate) output: Option<String>,
}

/// Returns the text of a document at the root of the checkout.
pub(crate) fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Returns the fenced blocks in order.
///
/// # Panics
/// When the last fence is not closed.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    let mut has_prose = true;
    for (index, line) in text.lines().enumerate() {
        match (open.as_mut(), line.strip_prefix("```")) {
            (None, Some(language)) => {
                let language = language.trim().to_owned();
                let line = index + 1;
                open = Some(Block {
                    language,
                    text: String::new(),
                    line,
                    follows_directly: !has_prose,
                });
            }
            (None, None) => has_prose |= !line.trim().is_empty(),
            (Some(_), Some(_)) => {
                blocks.extend(open.take());
                has_prose = false;
            }
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
        }
    }
    assert!(open.is_none(), "a fence is not closed: {open:?}");
    blocks
}

/// Returns the blocks that a test runs.
pub(crate) fn examples(text: &str) -> Vec<Example> {
    let blocks = blocks(text);
    let mut examples = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        if !matches!(block.language.as_str(), "sh" | "python") {
            continue;
        }
        let next = blocks.get(index + 1);
        let output = next.filter(|next| next.language == "text" && next.follows_directly);
        let output = output.map(|next| next.text.clone());
        examples.push(Example { block: block.clone(), output });
    }
    examples
}

/// Returns the part below the heading `title`, up to the next heading of the same or a higher level.
///
/// # Panics
/// When there is no such heading.
pub(crate) fn section<'a>(text: &'a str, title: &str) -> &'a str {
    let heading = format!("\n{title}\n");
    let found = text.split_once(&heading);
    let (_, body) = found.unwrap_or_else(|| panic!("no section {title:?}"));
    let level = title.chars().take_while(|character| *character == '#').count();
    let is_end = |line: &str| {
        let depth = line.chars().take_while(|character| *character == '#').count();
        (1..=level).contains(&depth) && line.chars().nth(depth) == Some(' ')
    };
    let mut offset = 0;
    let mut is_in_block = false;
    for line in body.split_inclusive('\n') {
        is_in_block ^= line.starts_with("```");
        if !is_in_block && is_end(line) {
            break;
        }
        offset += line.len();
    }
    body.split_at(offset).0
}

/// Returns the cells of each row of every table in `text`, without the heads.
pub(crate) fn rows(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = text.lines().collect();
    let mut rows = Vec::new();
    let is_rule = |line: &str| line.starts_with('|') && line.chars().all(|c| "|-: ".contains(c));
    for (index, line) in lines.iter().enumerate() {
        let is_head = lines.get(index + 1).is_some_and(|next| is_rule(next));
        if !line.starts_with('|') || is_rule(line) || is_head {
            continue;
        }
        let line = line.trim().trim_start_matches('|').trim_end_matches('|');
        rows.push(line.split('|').map(|cell| cell.trim().to_owned()).collect());
    }
    rows
}

/// Returns the words in backticks.
pub(crate) fn code_words(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn a_block_has_its_language_its_line_and_its_text() {
    let text = "a\n```sh\none\ntwo\n```\n\n```text\nout\n```\nprose\n```text\nother\n```\n";
    let found = blocks(text);
    assert_eq!(found.len(), 3);
    assert_eq!((found[0].language.as_str(), found[0].line), ("sh", 2));
    assert_eq!(found[0].text, "one\ntwo\n");
    assert!(found[1].follows_directly && !found[2].follows_directly);
}

#[test]
fn only_the_output_right_behind_an_example_is_its_output() {
    let with = examples("```sh\nx\n```\n\n```text\nout\n```\n");
    let without = examples("```python\nx\n```\nIn other words:\n\n```text\nout\n```\n");
    assert_eq!(with[0].output.as_deref(), Some("out\n"));
    assert_eq!(without[0].output, None);
    assert_eq!(examples("```shell\nx\n```\n```php\ny\n```\n"), []);
}

#[test]
fn a_section_ends_at_the_next_heading_of_its_level() {
    let text = "# T\n## A\none\n### B\n```sh\n# not a heading\n```\n## C\ntwo\n";
    assert_eq!(section(text, "## A"), "one\n### B\n```sh\n# not a heading\n```\n");
    assert_eq!(section(text, "## C"), "two\n");
}

#[test]
fn rows_are_without_heads() {
    let text = "| a | b |\n|---|---|\n| `x` `y` | 1 |\n";
    assert_eq!(rows(text), [["`x` `y`", "1"]]);
    assert_eq!(code_words(&rows(text)[0][0]), ["x", "y"]);
}
