//! The program as it is built for servers: `cargo test -p antre-cli --no-default-features`.

use std::path::Path;

use crate::fixture::{antre, run};

#[tokio::test]
async fn a_command_that_this_build_has_not_says_how_to_get_one_that_has_it() {
    for arguments in [
        &["demo"][..],
        &["demo", "--count", "6", "--json"],
        &["demo", "--help"],
        &["dev", "--workers", "2"],
        &["xendit-sim", "--listen", "127.0.0.1:0"],
    ] {
        let ended = run(antre(Path::new("/"), arguments)).await.expect(2);
        let name = arguments[0];
        for part in [
            format!("antre: this build has no `{name}`: "),
            format!("cargo run --release --bin antre -- {name}\n"),
        ] {
            assert!(ended.stderr.contains(&part), "{part}\n{}", ended.stderr);
        }
    }
}

#[tokio::test]
async fn help_does_not_show_what_this_build_has_not() {
    let help = run(antre(Path::new("/"), &["--help"])).await.expect(0).stdout;
    for word in ["demo", "dev ", "xendit-sim", "guard"] {
        assert!(!help.contains(&format!("  {word}")), "{word}\n{help}");
    }
    assert!(help.contains("\n  worker "), "{help}");
}
