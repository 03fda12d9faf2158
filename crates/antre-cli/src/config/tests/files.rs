use super::*;

#[test]
fn all_faults_come_at_once_with_their_lines() {
    let found = faults(
        "redis_url = \"http://example.com\"\nhttp_listen = 8080\n\n[accounts.default]\n\
         lease = \"9\"\nconcurrency = 0\nphone_region = \"XX\"\n",
    );
    let expected = [
        "antre.toml:5: accounts.default.lease \"9\" is not a duration",
        "antre.toml:6: accounts.default.concurrency \"0\" is not a whole number from 1 to 1000",
        "antre.toml:7: accounts.default.phone_region \"XX\" is not a known region",
        "antre.toml:1: redis_url is no Redis URL: the scheme http:// cannot be used",
        "antre.toml:2: http_listen is a number; write a text in quotation marks",
    ];
    let mut found = found;
    found.sort();
    let mut expected = expected;
    expected.sort_unstable();
    assert_faults(&found, &expected);
}

#[test]
fn a_file_that_is_no_toml_tells_its_lines() {
    let found = faults("redis_url = redis://localhost\ngrace = \"20s\"\n");
    assert!(found[0].starts_with("antre.toml:1: is not TOML"), "{found:?}");
}

#[test]
fn an_unknown_option_names_the_nearest_right_one() {
    assert_faults(
        &faults(
            "redis_uri = \"redis://localhost\"\n[accounts.default]\nlimit = [\"2/1s\"]\nnonsense = 1\n",
        ),
        &[
            "antre.toml:3: limit is not an option; did you mean limits?",
            "antre.toml:4: nonsense is not an option; deploy/antre.example.toml names all of them",
            "antre.toml:1: redis_uri is not an option; did you mean redis_url?",
        ],
    );
}

#[test]
fn a_mistyped_table_of_accounts_is_told_its_form() {
    for text in ["[account.default]\nlease = \"9s\"\n", "[acounts.default]\n"] {
        let found = faults(text);
        assert!(found[0].ends_with("is not an option; write [accounts.default]"), "{found:?}");
    }
}

#[test]
fn an_option_of_the_process_is_not_taken_from_an_account() {
    assert_faults(
        &faults("[accounts.default]\nhttp_listen = \"off\"\n"),
        &[
            "antre.toml:2: http_listen is for the whole process; move it above the first [accounts.…]",
        ],
    );
}

#[test]
fn a_wrong_account_name_is_a_fault() {
    assert_faults(
        &faults("[accounts.Second_Brand]\nsecret_key_env = \"XENDIT_SECRET_KEY\"\n"),
        &["antre.toml:1: Second_Brand is not an account name"],
    );
}

#[test]
fn a_named_file_that_is_missing_is_a_fault() {
    let mut case = Case::new("", &[KEY]);
    case.sources.file = Some(case.directory.path().join("other.toml"));
    assert_faults(&case.faults(), &["--config: other.toml cannot be read"]);
}

#[test]
fn what_stands_at_the_top_holds_for_every_account_that_says_nothing_else() {
    let config = Case::new(
        "lease = \"12s\"\n[accounts.a]\nsecret_key_env = \"KEY_A\"\n\
         [accounts.b]\nsecret_key_env = \"KEY_B\"\nlease = \"30s\"\n",
        &[("KEY_A", "xnd_development_a"), ("KEY_B", "xnd_production_b")],
    )
    .config();
    let leases: Vec<u64> =
        config.accounts.iter().map(|account| account.settings.lease.as_secs()).collect();
    assert_eq!(leases, [12, 30]);
}

#[test]
fn lists_may_be_lists_or_one_text() {
    for limits in ["[\"2/1s\", \"60/1m\"]", "\"2/1s,60/1m\""] {
        let config = config(&format!("limits = {limits}\n"));
        assert_eq!(config.accounts[0].settings.limits.to_string(), "2/1s,60/1m");
    }
}

#[test]
fn without_limits_they_follow_from_the_keys_mode() {
    // Only a simulator takes keys without a mode.
    let base_url = "base_url = \"http://127.0.0.1:4010\"\n";
    let limits = |key: &str| {
        let toml = if key == "any" { base_url } else { "" };
        Case::new(toml, &[("XENDIT_SECRET_KEY", key)]).config().accounts[0]
            .settings
            .limits
            .to_string()
    };
    assert_eq!(limits("xnd_development_x"), "2/1s,60/1m");
    assert_eq!(limits("xnd_production_x"), "2/1s,600/1m");
    assert_eq!(limits("any"), "2/1s,60/1m");
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let config = config("");
    assert_eq!(config.redis.url(), "redis://127.0.0.1:6379");
    assert_eq!(config.http.listen.map(|it| it.to_string()).as_deref(), Some("127.0.0.1:8080"));
    assert_eq!(config.grace, Duration::from_secs(20));
    assert_eq!(config.durability, Durability::Auto);
    let account = &config.accounts[0];
    assert_eq!(account.name.as_str(), "default");
    assert_eq!(account.base_url, "https://api.xendit.co");
    assert_eq!((account.concurrency, account.max_retries), (5, 3));
    assert_eq!(account.connect_timeout, Duration::from_secs(5));
    let settings = &account.settings;
    assert_eq!(settings.request_timeout, Duration::from_secs(15));
    assert_eq!(settings.lease, Duration::from_secs(9));
    assert_eq!(settings.trust_absence_answered, Duration::from_secs(5));
    assert_eq!(settings.trust_absence_unanswered, Duration::from_secs(45));
    assert_eq!(settings.send_within, Duration::from_millis(5));
    assert_eq!(settings.jitter_allowance, Duration::from_millis(5));
    assert_eq!(settings.retry_delays.to_string(), "1s,2s,4s");
    assert_eq!(settings.head_start_high, Duration::from_hours(48));
    assert_eq!(settings.head_start_normal, Duration::from_hours(24));
    assert_eq!(settings.breaker_probe, Duration::from_secs(5));
    assert_eq!(settings.retention_done, Duration::from_hours(7 * 24));
    assert_eq!(settings.retention_dead, Duration::from_hours(90 * 24));
}

#[test]
fn the_first_usual_file_that_is_there_is_read_unless_one_is_named() {
    let mut case = Case::new("grace = \"1s\"\n", &[KEY]);
    let path = |name: &str| case.directory.path().join(name);
    let (here, machine, named) = (path("here.toml"), path("machine.toml"), path("antre.toml"));
    std::fs::write(&here, "grace = \"2s\"\nlog_format = \"json\"\n").unwrap();
    std::fs::write(&machine, "grace = \"3s\"\n").unwrap();
    case.sources.usual_files = vec![here.clone(), machine.clone()];
    let grace_s = |case: &Case| case.config().grace.as_secs();
    assert_eq!(grace_s(&case), 1, "{}", named.display());
    case.sources.file = None;
    assert_eq!(grace_s(&case), 2);
    std::fs::remove_file(here).unwrap();
    assert_eq!(grace_s(&case), 3);
    assert_eq!(case.config().log_format, LogFormat::Text, "files are not mixed");
    std::fs::remove_file(&machine).unwrap();
    assert_eq!(grace_s(&case), 20);
    // One that is there and cannot be read is not passed over.
    std::fs::create_dir(&machine).unwrap();
    assert_faults(&case.faults(), &["machine.toml cannot be read"]);
}
