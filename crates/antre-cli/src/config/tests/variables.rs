use super::*;

#[test]
fn a_variable_counts_more_than_the_file_and_an_argument_more_than_both() {
    let toml = "redis_url = \"redis://file\"\nlease = \"12s\"\n";
    let variables = [KEY, ("ANTRE_REDIS_URL", "redis://variable"), ("ANTRE_LEASE", "15s")];
    let mut case = Case::new(toml, &variables);
    let config = case.config();
    assert_eq!(config.redis.url(), "redis://variable");
    assert_eq!(config.accounts[0].settings.lease, Duration::from_secs(15));
    case.sources.redis_url = Some("redis://argument".to_owned());
    assert_eq!(case.config().redis.url(), "redis://argument");
}

#[test]
fn the_variables_that_other_programs_use_count_when_ours_are_not_set() {
    let others = [
        KEY,
        ("REDIS_URL", "redis://shared"),
        ("XENDIT_BASE_URL", "http://127.0.0.1:8900"),
        ("ANTRE_REDIS_URL", ""),
    ];
    let config = Case::new("", &others).config();
    assert_eq!(config.redis.url(), "redis://shared");
    assert_eq!(config.accounts[0].base_url, "http://127.0.0.1:8900");
}

#[test]
fn variables_of_an_account_apply_to_default_only() {
    let toml = "[accounts.default]\n[accounts.brand]\nsecret_key_env = \"KEY_B\"\n";
    let config =
        Case::new(toml, &[KEY, ("KEY_B", "xnd_development_b"), ("ANTRE_CONCURRENCY", "7")])
            .config();
    let found: Vec<usize> = config.accounts.iter().map(|account| account.concurrency).collect();
    // By name: brand, default.
    assert_eq!(found, [5, 7]);
}

#[test]
fn a_variable_for_an_account_default_that_does_not_exist_is_a_fault() {
    let toml = "[accounts.brand]\nsecret_key_env = \"KEY_B\"\n";
    let case = Case::new(toml, &[("KEY_B", "xnd_development_b"), ("ANTRE_LIMITS", "2/1s")]);
    assert_faults(&case.faults(), &["ANTRE_LIMITS: is for the account default"]);
}

#[test]
fn a_mistyped_variable_is_a_fault_and_a_strange_one_a_remark() {
    let case = Case::new("", &[KEY, ("ANTRE_LIMIT", "2/1s"), ("ANTRE_SECRET_KEY", "x")]);
    assert_faults(
        &case.faults(),
        &[
            "ANTRE_LIMIT: is not a variable; did you mean ANTRE_LIMITS?",
            "ANTRE_SECRET_KEY: is not a variable; did you mean XENDIT_SECRET_KEY?",
        ],
    );
    let config = Case::new("", &[KEY, ("ANTRE_DEPLOYED_BY", "budi")]).config();
    let said = "the variable ANTRE_DEPLOYED_BY is none of Antre's and has no effect";
    assert_eq!(config.remarks, [said]);
}

#[test]
fn no_service_of_the_namespace_stops_anything_or_is_talked_of() {
    let options = PROCESS.iter().chain(&options::ACCOUNT).map(|setting| setting.name);
    let of_options = options.map(|name| format!("antre-{}", name.replace('_', "-")));
    let others = [
        "antre",
        "antre-redis",
        "redis",
        "redis-url",
        "xendit",
        "xendit-secret-key",
        "antre-worker",
        "antre-send",
        "antre-log",
        "antre-limit",
        "antre-http-token",
        "antre-secret-key",
        "antr",
        "anter",
        "rust-log",
        "https-proxy",
    ];
    for service in of_options.chain(others.map(str::to_owned)) {
        let variables = service_variables::tests::variables_of(&service);
        let pairs = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let variables: Vec<(&str, &str)> = [KEY].into_iter().chain(pairs).collect();
        for purpose in [Purpose::Serving, Purpose::Queue] {
            let config = Case::new("", &variables).load(purpose).unwrap();
            assert_eq!(config.remarks, [""; 0], "{service}");
        }
    }
}

#[test]
fn a_mistyped_variable_stops_among_those_of_services() {
    let services = service_variables::tests::variables_of("antre-limits");
    let services = services.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, right) in [
        ("ANTRE_LIMTS", "ANTRE_LIMITS"),
        ("ANTRE_HTTP_PORT", "ANTRE_HTTP_LISTEN"),
        ("ANTRE_HTTP_ADDR", "ANTRE_HTTP_LISTEN"),
        ("ANTRE_HTTP_LISTN", "ANTRE_HTTP_LISTEN"),
        ("ANTRE_HTTP_HOST", "ANTRE_HTTP_HOSTS"),
        ("ANTRE_LOG_LEVEL", "ANTRE_LOG"),
        ("ANTRE_RATE_LIMIT", "ANTRE_LIMITS"),
        ("ANTRE_REDIS_HOST", "ANTRE_REDIS_URL"),
        ("ANTRE_XENDIT_SECRET_KEY", "XENDIT_SECRET_KEY"),
        ("ANTRE_API_KEY", "XENDIT_SECRET_KEY"),
        ("ANTRE_REDIS_URI", "ANTRE_REDIS_URL"),
        ("ANTER_REDIS_URL", "ANTRE_REDIS_URL"),
        ("antre_redis_url", "ANTRE_REDIS_URL"),
        ("ANTRE-LIMITS", "ANTRE_LIMITS"),
        ("ANTRELIMITS", "ANTRE_LIMITS"),
    ] {
        let variables: Vec<_> = services.clone().chain([KEY, (name, "8080")]).collect();
        let case = Case::new("", &variables);
        let expected = format!("{name}: is not a variable; did you mean {right}?");
        assert_faults(&case.faults(), &[expected.as_str()]);
        assert!(case.load(Purpose::Queue).is_err());
    }
}

#[test]
fn a_variable_that_holds_a_key_may_have_any_name() {
    let toml = "[accounts.default]\nsecret_key_env = \"ANTRE_SECRET_KEY\"\n\
                [accounts.brand]\nsecret_key_env = \"ANTRE_LIMIT\"\n";
    let keys = [("ANTRE_SECRET_KEY", "xnd_development_a"), ("ANTRE_LIMIT", "xnd_development_b")];
    assert_eq!(Case::new(toml, &keys).config().remarks, [""; 0]);
}

#[test]
fn proxies_that_are_set_are_named_once_without_their_addresses() {
    let proxies = [("HTTPS_PROXY", "http://hush@proxy:3128"), ("all_proxy", "socks5://proxy")];
    let remarks = Case::new("", &[&[KEY], &proxies[..]].concat()).config().remarks;
    assert_eq!(remarks.len(), 1);
    assert!(remarks[0].starts_with("HTTPS_PROXY, all_proxy: no proxy is used."), "{remarks:?}");
    assert!(!remarks[0].contains("hush"));
    let without = [KEY, ("NO_PROXY", "localhost"), ("HTTPS_PROXY", "")];
    assert_eq!(Case::new("", &without).config().remarks, [""; 0]);
}

#[test]
fn a_value_in_quotation_marks_is_told_once_with_the_remedy() {
    for (name, value) in [
        ("ANTRE_LIMITS", "\"2/1s\""),
        ("ANTRE_LEASE", " '9s' "),
        ("ANTRE_LOG", "\"info\""),
        ("ANTRE_HTTP_TOKEN", "\"0123456789abcdef0123\""),
        ("ANTRE_REDIS_URL", "\"redis://:hush@127.0.0.1:6379\""),
        ("REDIS_URL", "'redis://127.0.0.1:6379'"),
        ("XENDIT_BASE_URL", "\"https://api.xendit.co\""),
        ("ANTRE_CONCURRENCY", "\"\""),
    ] {
        let found = Case::new("", &[KEY, (name, value)]).faults();
        assert_eq!(found.len(), 1, "{found:?}");
        let expected = format!("{name}: stands in quotation marks; write it without them");
        assert!(found[0].starts_with(&expected) && !found[0].contains("hush"), "{found:?}");
    }
    // Whose they are nobody knows.
    Case::new("", &[KEY, ("RUST_LOG", "\"info\""), ("OTHER", "\"x\"")]).config();
}

#[test]
fn an_authority_is_of_use_with_tls_only() {
    let file = ("ANTRE_REDIS_CA_FILE", "/dev/null");
    let found = Case::new("", &[KEY, file]).faults();
    assert!(found[0].contains("redis_ca_file is missing"), "{found:?}");
    let file = ("ANTRE_REDIS_CA_FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    let plain = Case::new("", &[KEY, file]).config().remarks;
    assert!(
        plain[0].starts_with("redis_ca_file and redis_client_cert_file have no effect"),
        "{plain:?}"
    );
    let url = ("ANTRE_REDIS_URL", "rediss://host");
    let text = Case::new("", &[KEY, file, url]).faults();
    assert!(text[0].contains("redis_ca_file holds nothing in PEM form"), "{text:?}");
}

#[test]
fn sentinels_are_named_in_the_url_or_by_options() {
    let (hosts, name) =
        (("ANTRE_REDIS_SENTINELS", "h1:26379, h2"), ("ANTRE_REDIS_SENTINEL_MASTER", "m"));
    let config = Case::new("", &[KEY, hosts, name]).config();
    assert_eq!(config.redis.url(), "redis-sentinel://h1:26379,h2/0?master=m");
    let url = ("ANTRE_REDIS_URL", "redis://host");
    for (variables, expected) in [
        (&[KEY, hosts, name, url][..], "redis_sentinels stands beside redis_url"),
        (&[KEY, hosts], "redis_sentinels stands without redis_sentinel_master"),
        (&[KEY, name], "redis_sentinel_master stands without redis_sentinels"),
        (&[KEY, ("ANTRE_REDIS_SENTINELS", "h1/0"), name], "redis_sentinels is no list of hosts"),
    ] {
        let found = Case::new("", variables).faults();
        assert!(found.iter().any(|fault| fault.contains(expected)), "{expected}: {found:?}");
    }
}

#[test]
fn the_nodes_of_a_cluster_are_named_in_the_url_or_by_an_option() {
    let nodes = ("ANTRE_REDIS_CLUSTER", "h1, h2:6380");
    let config = Case::new("", &[KEY, nodes]).config();
    assert_eq!(config.redis.url(), "redis-cluster://h1,h2:6380");
    let url = ("ANTRE_REDIS_URL", "redis://host");
    let sentinels = [("ANTRE_REDIS_SENTINELS", "h1:26379"), ("ANTRE_REDIS_SENTINEL_MASTER", "m")];
    for (variables, expected) in [
        (&[KEY, nodes, url][..], "redis_cluster stands beside redis_url"),
        (&[KEY, nodes, sentinels[0], sentinels[1]], "redis_sentinels stands beside redis_cluster"),
        (&[KEY, nodes, sentinels[1]], "redis_cluster stands beside redis_sentinel_master"),
        (&[KEY, ("ANTRE_REDIS_CLUSTER", "h1/0")], "redis_cluster is no list of hosts"),
    ] {
        let found = Case::new("", variables).faults();
        assert!(found.iter().any(|fault| fault.contains(expected)), "{expected}: {found:?}");
    }
}

#[test]
fn a_clients_certificate_needs_its_key() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let [chain, key] =
        ["ANTRE_REDIS_CLIENT_CERT_FILE", "ANTRE_REDIS_CLIENT_KEY_FILE"].map(|name| (name, file));
    let found = Case::new("", &[KEY, chain]).faults();
    assert!(
        found[0].contains("redis_client_cert_file stands without redis_client_key_file"),
        "{found:?}"
    );
    let found = Case::new("", &[KEY, key]).faults();
    assert!(
        found[0].contains("redis_client_key_file stands without redis_client_cert_file"),
        "{found:?}"
    );
    let url = ("ANTRE_REDIS_URL", "rediss://host");
    let found = Case::new("", &[KEY, chain, key, url]).faults();
    assert!(found[0].contains("redis_client_cert_file holds nothing in PEM form"), "{found:?}");
}

#[test]
fn words_may_be_written_in_capitals() {
    let words = [
        ("ANTRE_LOG_FORMAT", "JSON"),
        ("ANTRE_DURABILITY", "Local"),
        ("ANTRE_HTTP_LISTEN", " Off "),
        ("ANTRE_HTTP_METRICS", "OPEN"),
        ("ANTRE_ACCEPT_VOLATILE_REDIS", "True"),
        ("ANTRE_LOG", "Info,antre_worker=DEBUG"),
    ];
    let config = Case::new("", &[&[KEY], &words[..]].concat()).config();
    assert_eq!(config.log_format, LogFormat::Json);
    assert_eq!(config.durability, Durability::Local);
    assert_eq!((config.http.listen, config.http.metrics), (None, MetricsAccess::Open));
    assert!(config.accounts[0].accept_volatile_redis);
}

#[test]
fn a_log_level_that_is_none_is_a_fault_and_not_silence() {
    for filter in ["debgu", "info,verbose", "warning"] {
        let found = Case::new("", &[KEY, ("ANTRE_LOG", filter)]).faults();
        assert!(found[0].contains("none of off, error, warn, info, debug and trace"), "{found:?}");
    }
    for filter in [
        "debug",
        "WARN",
        "antre_worker",
        "antre_store::shared=debug,off",
        "info,",
        "hyper=warn,info",
    ] {
        assert_eq!(Case::new("", &[KEY, ("ANTRE_LOG", filter)]).config().log_filter, filter);
    }
    assert_eq!(Case::new("", &[KEY, ("RUST_LOG", "my_app")]).config().log_filter, "my_app");
}

#[test]
fn a_key_under_another_name_is_named_where_the_key_is_missing() {
    let found = Case::new("", &[("XENDIT_API_KEY", "xnd_development_hush")]).faults();
    let expected = "XENDIT_SECRET_KEY: secret_key is missing (XENDIT_API_KEY is set, but not read)";
    assert!(found[0].starts_with(expected) && !found[0].contains("hush"), "{found:?}");
}

#[test]
fn faults_of_variables_name_the_variable() {
    let case = Case::new("", &[KEY, ("ANTRE_LEASE", "9"), ("ANTRE_LOG", "antre=loud=1")]);
    let found = case.faults();
    assert!(found[0].starts_with("ANTRE_LEASE: lease \"9\" is not a duration"), "{found:?}");
    assert!(found[1].starts_with("ANTRE_LOG: is no log filter"), "{found:?}");
}

#[test]
fn the_log_level_comes_from_two_variables_the_own_one_first() {
    assert_eq!(Case::new("", &[KEY]).config().log_filter, "info");
    assert_eq!(Case::new("", &[KEY, ("RUST_LOG", "debug")]).config().log_filter, "debug");
    let both = [KEY, ("RUST_LOG", "debug"), ("ANTRE_LOG", "warn")];
    assert_eq!(Case::new("", &both).config().log_filter, "warn");
}
