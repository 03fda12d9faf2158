//! docs/languages: each page's files, and what its commands write, as for a reader who copies them in order.
//!
//! A block whose first comment begins with a file name is that file. A file that stands twice is the later one from there
//! on. The consumer of each page is killed and started again: see `write_back`.

use std::{os::unix::fs::symlink, path::Path, process::Command};

use antre_testkit::ChildProcess;
use antre_tests::languages::{go, node_modules, python_with_redis};

use crate::{
    fixture::Fixture,
    markdown::{Block, blocks, document, examples},
    write_back,
};

const TARGET: &str = env!("CARGO_TARGET_TMPDIR");
/// What a Laravel application has around the files of the page.
const ARTISAN: &str = include_str!("languages/artisan");

/// Returns the name of the file that a block is.
fn file_name(block: &Block) -> Option<&str> {
    let first = block.text.lines().find(|line| *line != "<?php")?;
    let comment = first.strip_prefix("// ").or_else(|| first.strip_prefix("# "))?;
    let name = comment.split([':', ',', ' ']).next()?;
    let (stem, extension) = name.rsplit_once('.')?;
    (!stem.is_empty() && extension.chars().all(|c| c.is_ascii_alphabetic())).then_some(name)
}

fn write(block: &Block, directory: &Path) {
    if let Some(name) = file_name(block) {
        let path = directory.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &block.text).unwrap();
    }
}

/// A page and a place where its programs can run.
pub(crate) struct Page {
    text: String,
    name: String,
    fixture: Fixture,
}

impl Page {
    async fn open(language: &str) -> Self {
        Self::open_in(Fixture::start().await, language)
    }

    /// Writes the page's files.
    pub(crate) fn open_in(fixture: Fixture, language: &str) -> Self {
        let name = format!("docs/languages/{language}.md");
        let page = Self { text: document(&name), name, fixture };
        let files = blocks(&page.text);
        assert!(files.iter().filter_map(file_name).count() > 5, "{} has hardly a file", page.name);
        // Commands may need files that stand further down.
        files.iter().rev().for_each(|block| write(block, page.fixture.directory()));
        page
    }

    /// Runs the page's commands in order, and fails with all that write something else.
    pub(crate) async fn run(&mut self) {
        let mut faults = Vec::new();
        let all = blocks(&self.text);
        let commands = examples(&self.text).into_iter().filter(|it| it.block.language == "sh");
        let mut written = 0;
        for command in commands {
            let above =
                all.iter().filter(|block| (written..command.block.line).contains(&block.line));
            above.for_each(|block| write(block, self.fixture.directory()));
            written = command.block.line;
            assert!(command.output.is_some(), "{}:{written}: say what it writes", self.name);
            if let Some(fault) = self.fixture.fault(&command).await {
                faults.push(format!("{}:{written}: {fault}", self.name));
            }
        }
        assert!(written > 0, "{} has no command", self.name);
        assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    }

    async fn succeeds(&self, command: Command) {
        let mut child = ChildProcess::start(self.fixture.at_home(command)).unwrap();
        let ended = child.wait(write_back::LIMIT).await;
        assert!(ended.is_ok_and(|status| status.success()), "{}\n{}", self.name, child.output());
    }

    async fn survives_kills(&self, program: &str, arguments: &[&str]) {
        let consumer = || {
            let mut command = Command::new(program);
            command.args(arguments);
            self.fixture.at_home(command)
        };
        write_back::survives_kills(&self.fixture, consumer).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_page_runs() {
    let mut page = Page::open("python").await;
    page.run().await;
    let python = python_with_redis().await;
    page.survives_kills(python.to_str().unwrap(), &["write_back.py"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_page_runs() {
    let mut page = Page::open("node").await;
    let modules = node_modules(Path::new(TARGET)).await;
    symlink(&modules, page.fixture.directory().join("node_modules")).unwrap();
    page.run().await;
    page.survives_kills("node", &["write-back.mjs"]).await;
    let mut types = Command::new("node");
    types.args([
        "node_modules/typescript/bin/tsc",
        "--noEmit",
        "--strict",
        "--allowJs",
        "--checkJs",
    ]);
    types.args(["--skipLibCheck", "--target", "es2022", "--module", "nodenext"]);
    types.args([
        "one.mjs",
        "twenty.mjs",
        "write-back.mjs",
        "outcomes.mjs",
        "orders.mjs",
        "one-ioredis.mjs",
    ]);
    page.succeeds(types).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_go_page_runs() {
    let mut page = Page::open("go").await;
    for (name, value) in go(Path::new(TARGET)).get_envs() {
        page.fixture.set_variable(name.to_str().unwrap(), value.unwrap().to_str().unwrap());
    }
    page.run().await;
    page.survives_kills("./billing", &["write-back"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ruby_page_runs() {
    let mut page = Page::open("ruby").await;
    page.run().await;
    page.survives_kills("ruby", &["write_back.rb"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_php_page_runs() {
    let mut page = Page::open("php").await;
    let directory = page.fixture.directory().to_owned();
    std::fs::create_dir(directory.join("vendor")).unwrap();
    std::fs::write(
        directory.join("vendor/autoload.php"),
        "<?php require_once 'Predis/autoload.php';",
    )
    .unwrap();
    std::fs::write(directory.join("artisan"), ARTISAN).unwrap();
    std::fs::copy(directory.join("AntreQueue.php"), directory.join("app/AntreQueue.php")).unwrap();
    page.run().await;
    page.survives_kills("php", &["write-back.php"]).await;
    page.survives_kills("php", &["artisan", "antre:write-links"]).await;
}

#[test]
fn a_file_is_named_in_its_first_comment() {
    let named = |text: &str| {
        let text = format!("```x\n{text}\n```\n");
        file_name(&blocks(&text)[0]).map(str::to_owned)
    };
    assert_eq!(named("# one.py: a bill"), Some("one.py".to_owned()));
    assert_eq!(named("<?php\n// app/One.php"), Some("app/One.php".to_owned()));
    assert_eq!(named("// one-ioredis.mjs, with: npm"), Some("one-ioredis.mjs".to_owned()));
    assert_eq!(named("# By itself redis-py. Or not"), None);
    assert_eq!(named("one.py"), None);
}
