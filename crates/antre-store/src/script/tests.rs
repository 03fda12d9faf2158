use std::{fs, path::Path, sync::LazyLock};

use antre_testkit::RedisServer;

use super::{
    MODULES, SCRIPTS, SCRIPTS_OF_WORKERS, Script,
    join::{JoinError, Module, join},
};

const LIBRARY: &[Module] = &[
    Module { name: "base", text: "-- First.\n-- needs: nothing\nbase()\n" },
    Module { name: "clock", text: "-- needs: base\nclock()\n" },
    Module { name: "order", text: "-- needs: clock, base\norder()\n" },
    Module { name: "alone", text: "-- needs: lost\n" },
    Module { name: "silent", text: "-- A header without the line.\n\n-- needs: base\n" },
    Module { name: "egg", text: "-- needs: hen\n" },
    Module { name: "hen", text: "-- needs: base, egg\n" },
];

fn scripts() -> impl Iterator<Item = (&'static str, &'static LazyLock<Script>)> {
    SCRIPTS.iter().chain(SCRIPTS_OF_WORKERS).copied()
}

fn joined(body: &str) -> Result<String, JoinError> {
    join(LIBRARY, "claim", body)
}

#[test]
fn every_script_can_be_joined() {
    for (name, script) in scripts() {
        assert!(script.text.is_ok(), "{name}: {:?}", script.text.as_ref().err());
    }
}

#[test]
fn every_file_is_known_by_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lua");
    let in_list = |name: &str| scripts().any(|(known, _)| known == name);
    assert_eq!(names(&folder).len(), scripts().count());
    assert!(names(&folder).iter().all(|name| in_list(name)));
    let known: Vec<&str> = MODULES.iter().map(|module| module.name).collect();
    assert_eq!(names(&folder.join("lib")), known);
}

fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = files
        .filter_map(|file| file.to_str().unwrap().strip_suffix(".lua").map(str::to_owned))
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn redis_compiles_every_script() {
    let server = RedisServer::start().await.unwrap();
    let mut connection = server.connect().await.unwrap();
    for (name, script) in scripts() {
        let script = redis::Script::new(script.text.as_ref().unwrap().as_str());
        let loaded = script.prepare_invoke().load_async(&mut connection).await;
        assert_eq!(loaded.as_deref(), Ok(script.get_hash()), "{name}");
    }
}

#[test]
fn a_module_stands_once_and_behind_all_that_it_needs() {
    let text = joined("#!lua flags=no-writes\n-- needs: order, base\nbody()\n").unwrap();
    let is_call = |line: &&str| line.ends_with("()") && !line.contains(' ');
    let calls: Vec<&str> = text.lines().filter(is_call).collect();
    assert_eq!(calls, ["base()", "clock()", "order()", "body()", "base.write_gathered()"]);
    assert!(text.starts_with("#!lua flags=no-writes\n"), "{text}");
}

#[tokio::test]
async fn a_module_is_built_once_and_only_if_it_is_used() {
    let library = [
        Module { name: "first", text: "-- needs: nothing\nbuilt('first') return { one = 1 }\n" },
        Module {
            name: "clock",
            text: "-- needs: first\nbuilt('clock') return { now = first.one }\n",
        },
        Module {
            name: "order",
            text: "-- needs: first, clock\nbuilt('order') return { best = first.one }\n",
        },
    ]
    .map(|module| {
        let text = module.text.replace("built(", "redis.call('RPUSH', KEYS[1], ");
        Module { text: text.leak(), ..module }
    });
    let body = "-- needs: order\nlocal sum = order.best + order.best\nreturn { sum, redis.call('LRANGE', KEYS[1], 0, -1) }";
    let script = redis::Script::new(&join(&library, "claim", body).unwrap());
    let server = RedisServer::start().await.unwrap();
    let mut connection = server.connect().await.unwrap();
    let found: (u8, Vec<String>) = script.key("k").invoke_async(&mut connection).await.unwrap();
    assert_eq!(found, (2, vec!["order".to_owned(), "first".to_owned()]));
}

#[tokio::test]
async fn what_a_script_gathered_is_written_at_its_end_also_if_it_fails() {
    let library = [Module {
        name: "base",
        text: "-- needs: nothing\nlocal base = {}\nfunction base.write_gathered() redis.call('INCR', KEYS[1]) end\nreturn base\n",
    }];
    let server = RedisServer::start().await.unwrap();
    let mut connection = server.connect().await.unwrap();
    for (body, is_done) in [("return 'done'", true), ("redis.call('LPOP', KEYS[1])", false)] {
        let text = join(&library, "claim", &format!("-- needs: base\n{body}\n")).unwrap();
        let reply: redis::RedisResult<String> =
            redis::Script::new(&text).key("k").invoke_async(&mut connection).await;
        assert_eq!(reply.is_ok(), is_done, "{reply:?}");
    }
    let times: u8 = redis::cmd("GET").arg("k").query_async(&mut connection).await.unwrap();
    assert_eq!(times, 2);
}

#[test]
fn a_script_may_need_nothing() {
    assert_eq!(
        joined("-- needs: nothing\nbody()\n").unwrap(),
        "#!lua\n-- needs: nothing\nbody()\n"
    );
}

#[test]
fn an_unknown_need_is_told_with_the_file_that_has_it() {
    let unknown = |by: &str, module: &str| {
        Err(JoinError::Unknown { by: by.to_owned(), module: module.to_owned() })
    };
    assert_eq!(joined("-- needs: lost\n"), unknown("claim", "lost"));
    assert_eq!(joined("-- needs: alone\n"), unknown("alone", "lost"));
    assert_eq!(joined("-- needs: \n"), unknown("claim", ""));
}

#[test]
fn a_circle_is_told_as_a_way_back_to_its_beginning() {
    assert_eq!(joined("-- needs: egg\n"), Err(JoinError::Circle("egg -> hen -> egg".to_owned())));
}

#[test]
fn a_header_without_needs_is_told() {
    assert_eq!(joined("return 1\n"), Err(JoinError::NoNeeds("claim".to_owned())));
    assert_eq!(joined("-- needs: silent\n"), Err(JoinError::NoNeeds("silent".to_owned())));
}
