//! Every example of the documents runs as it stands.

use crate::{
    fixture::Fixture,
    markdown::{document, examples},
    stored,
};

async fn faults(name: &str, text: &str, fixture: &mut Fixture) -> Vec<String> {
    let mut faults = Vec::new();
    for example in examples(text) {
        if let Some(fault) = fixture.fault(&example).await {
            faults.push(format!("{name}:{}: {fault}", example.block.line));
        }
    }
    faults
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_protocol_s_examples_run_and_leave_what_it_lists() {
    let mut fixture = Fixture::start().await;
    let text = document("PROTOCOL.md");
    let mut faults = faults("PROTOCOL.md", &text, &mut fixture).await;
    faults.extend(stored::undocumented(&text, &fixture).await);
    assert_none(&faults);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_readme_s_examples_run() {
    let mut fixture = Fixture::start().await;
    assert_none(&faults("README.md", &document("README.md"), &mut fixture).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_example_is_a_fault() {
    let mut fixture = Fixture::start().await;
    for wrong in [
        "```sh\nredis-cli -u \"$REDIS_URL\" PING\n```\n```text\nPANG\n```\n",
        "```sh\nredis-cli -u \"$REDIS_URL\" PING\nfalse\n```\n",
        "```sh\nredis-cli -u \"$REDIS_URL\" NO-SUCH-COMMAND\n```\n",
        "```sh\necho \"$nobody_set_this\"\n```\n",
        "```python\nimport redis\nredis.from_url(\"redis://127.0.0.1:1\").ping()\n```\n",
    ] {
        assert_eq!(faults("x.md", wrong, &mut fixture).await.len(), 1, "{wrong}");
    }
    let right = "```sh\nanswer=$(redis-cli -u \"$REDIS_URL\" PING)\n```\n\n\
                 ```sh\necho \"$answer\"\n```\n```text\nPONG\n```\n";
    assert_eq!(faults("x.md", right, &mut fixture).await, [""; 0]);
}
