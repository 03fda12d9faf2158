use super::*;

#[test]
fn times_that_contradict_each_other_are_faults() {
    assert_faults(
        &faults("request_timeout = \"5s\"\nhead_start = \"1h,2h\"\n"),
        &[
            "antre.toml:2: head_start gives normal jobs more than high ones; write 48h,24h",
            "antre.toml:1: request_timeout must be longer than connect_timeout",
        ],
    );
}

#[test]
fn a_faulty_option_is_not_blamed_twice() {
    assert_faults(
        &faults("lease = \"soon\"\n"),
        &["antre.toml:1: lease \"soon\" is not a duration"],
    );
}

#[test]
fn a_fault_at_the_top_is_told_once_however_many_accounts_there_are() {
    let case = Case::new(
        "phone_region = \"XX\"\n[accounts.a]\nsecret_key_env = \"KEY_A\"\n\
         [accounts.b]\nsecret_key_env = \"KEY_B\"\n",
        &[("KEY_A", "xnd_development_a"), ("KEY_B", "xnd_development_b")],
    );
    let found = case.faults();
    assert!(found.iter().all(|fault| fault.starts_with("antre.toml:1: ")), "{found:?}");
}

#[test]
fn http_that_others_can_reach_needs_a_token() {
    let open = "http_listen = \"0.0.0.0:8080\"\n";
    assert_faults(&faults(open), &["antre.toml:1: http_listen is reachable from other machines"]);
    let token = ("ANTRE_HTTP_TOKEN", "0123456789abcdef");
    assert!(Case::new(open, &[KEY, token]).config().http.token.is_some());
    // Who only talks to Redis serves nothing.
    assert!(Case::new(open, &[]).load(Purpose::Queue).is_ok());
}

#[test]
fn a_token_that_is_none_is_the_only_fault() {
    let short =
        Case::new("http_listen = \"0.0.0.0:80\"\n", &[KEY, ("ANTRE_HTTP_TOKEN", "hush hush")]);
    let found = short.faults();
    assert_faults(&found, &["ANTRE_HTTP_TOKEN: is no token"]);
    assert!(!found[0].contains("hush"), "{found:?}");
    assert_faults(
        &faults("http_listen = \"0.0.0.0:80\"\nhttp_token_file = \"nowhere\"\n"),
        &["antre.toml:2: http_token_file cannot be read from \"nowhere\""],
    );
}

#[test]
fn a_token_of_fewer_than_16_characters_is_a_fault_wherever_it_stands() {
    let short = "0123456789abcde";
    let variable = Case::new("", &[KEY, ("ANTRE_HTTP_TOKEN", short)]).faults();
    let case = Case::new("", &[]);
    let file = case.directory.path().join("token");
    std::fs::write(&file, short).unwrap();
    let file = format!("http_token_file = {:?}\n", file.display().to_string());
    for found in [variable, faults(&file)] {
        assert_faults(&found, &["is no token: use at least 16 visible ASCII characters"]);
        assert!(!found[0].contains(short), "{found:?}");
    }
}

#[test]
fn metrics_are_open_only_when_that_is_written() {
    assert_eq!(config("").http.metrics, MetricsAccess::Token);
    assert_eq!(config("http_metrics = \"open\"\n").http.metrics, MetricsAccess::Open);
    let variable = Case::new("", &[KEY, ("ANTRE_HTTP_METRICS", "open")]).config();
    assert_eq!(variable.http.metrics, MetricsAccess::Open);
}

#[test]
fn only_loopback_is_this_machine_alone() {
    let token = ("ANTRE_HTTP_TOKEN", "0123456789abcdef");
    for (listen, is_reachable) in [
        ("127.0.0.1:80", false),
        ("127.0.0.9:80", false),
        ("[::1]:80", false),
        ("off", false),
        ("0.0.0.0:80", true),
        ("[::]:80", true),
        ("10.0.0.1:80", true),
        ("[::ffff:127.0.0.1]:80", true),
    ] {
        let case = Case::new(&format!("http_listen = {listen:?}\n"), &[KEY, token]);
        assert_eq!(case.config().http.is_reachable_from_elsewhere(), is_reachable, "{listen}");
    }
}

#[test]
fn http_can_be_off() {
    assert!(config("http_listen = \"off\"\n").http.listen.is_none());
}

#[test]
fn a_base_url_that_the_client_cannot_use_is_a_fault() {
    for url in ["api.xendit.co", "ftp://api.xendit.co", "https://key@api.xendit.co"] {
        let found = faults(&format!("base_url = \"{url}\"\n"));
        assert_faults(&found, &["antre.toml:1: base_url cannot be used"]);
    }
}

#[test]
fn a_live_key_is_not_sent_unencrypted() {
    let live = ("XENDIT_SECRET_KEY", "xnd_production_x");
    let case = Case::new("base_url = \"http://example.com\"\n", &[live]);
    assert_faults(&case.faults(), &["a live key is sent to \"example.com\" only over https"]);
}

#[test]
fn limits_head_starts_and_retries_say_what_to_write() {
    assert_faults(
        &faults(
            "limits = [\"2 per second\"]\nhead_start = \"48h\"\nretry_delays = [\"1\"]\nmax_retries = 26\n",
        ),
        &[
            "antre.toml:2: head_start is not two durations; write those of high and normal: 48h,24h",
            "antre.toml:1: limits \"2 per second\" is not a limit; write requests/window such as 2/1s",
            "antre.toml:3: retry_delays \"1\" is not a list of delays",
            "antre.toml:4: max_retries \"26\" is not a whole number from 0 to 25",
        ],
    );
}

#[test]
fn words_that_are_no_choice_are_faults() {
    assert_faults(
        &faults("http_metrics = \"closed\"\n"),
        &["antre.toml:1: http_metrics \"closed\" is neither token nor open"],
    );
    assert_faults(
        &faults(
            "durability = \"disk\"\nlog_format = \"xml\"\nnotify = \"sms\"\naccept_volatile_redis = 2\n",
        ),
        &[
            "antre.toml:3: notify \"sms\" is not a choice of channels; use available or dashboard",
            "antre.toml:4: accept_volatile_redis is neither true nor false",
            "antre.toml:1: durability \"disk\" is none of auto, local and replicated",
            "antre.toml:2: log_format \"xml\" is neither text nor json",
        ],
    );
}
