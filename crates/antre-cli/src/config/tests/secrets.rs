use super::*;

#[test]
fn without_a_file_the_key_of_default_comes_from_its_variable() {
    let config = config("");
    assert_eq!(config.accounts.len(), 1);
    assert_eq!(config.accounts[0].mode(), Mode::Test);
}

#[test]
fn a_missing_key_says_where_to_put_it_and_only_workers_need_one() {
    let case = Case::new("", &[]);
    assert_faults(
        &case.faults(),
        &["XENDIT_SECRET_KEY: secret_key is missing; set XENDIT_SECRET_KEY"],
    );
    assert!(case.load(Purpose::Queue).is_ok());
}

#[test]
fn a_secret_in_the_file_is_a_fault_that_says_where_to_put_it_and_does_not_repeat_it() {
    let found = faults(
        "secret_key = \"xnd_development_hush\"\nhttp_token = \"hush\"\n\
         redis_url = \"redis://:hush@localhost\"\nsecret_key_env = \"xnd_production_hush\"\n",
    );
    assert_eq!(found.len(), 4, "{found:?}");
    for fault in &found {
        assert!(fault.contains("must not stand here; put"), "{fault}");
        assert!(!fault.contains("hush"), "{fault}");
    }
}

#[test]
fn a_key_can_stand_in_a_file_of_its_own() {
    let case = Case::new("", &[]);
    let file = case.directory.path().join("key");
    std::fs::write(&file, "xnd_production_file\n").unwrap();
    let path = file.display().to_string();
    let from_file = Case::new(&format!("secret_key_file = {path:?}\n"), &[]).config();
    let from_variable = Case::new("", &[("ANTRE_SECRET_KEY_FILE", &path)]).config();
    for config in [from_file, from_variable] {
        assert_eq!(config.accounts[0].mode(), Mode::Live);
    }
}

#[test]
fn a_key_file_that_is_missing_or_empty_is_a_fault() {
    let case = Case::new("", &[]);
    let file = case.directory.path().join("key");
    let path = file.display().to_string();
    let load = || Case::new("", &[("ANTRE_SECRET_KEY_FILE", &path)]).faults();
    assert_faults(&load(), &["ANTRE_SECRET_KEY_FILE: secret_key cannot be read from"]);
    std::fs::write(&file, "\n").unwrap();
    assert_faults(&load(), &["ANTRE_SECRET_KEY_FILE: secret_key is missing"]);
}

#[test]
fn a_variable_that_is_named_and_not_set_is_a_fault() {
    let case = Case::new("[accounts.brand]\nsecret_key_env = \"KEY_B\"\n", &[]);
    assert_faults(
        &case.faults(),
        &["antre.toml:2: accounts.brand.secret_key names the variable KEY_B, which is not set"],
    );
}

#[test]
fn an_account_other_than_default_has_no_key_by_itself() {
    let found = faults("[accounts.brand]\n");
    assert_faults(&found, &["missing: accounts.brand.secret_key is missing; write secret_key_env"]);
}

#[test]
fn two_places_for_one_key_are_a_fault() {
    let found = faults("secret_key_env = \"XENDIT_SECRET_KEY\"\nsecret_key_file = \"key\"\n");
    assert_faults(&found, &["antre.toml:2: secret_key_file stands beside secret_key_env"]);
}

#[test]
fn two_accounts_with_one_key_are_a_fault() {
    let case = Case::new(
        "[accounts.a]\nsecret_key_env = \"KEY\"\n[accounts.b]\nsecret_key_env = \"KEY\"\n",
        &[("KEY", "xnd_development_one")],
    );
    assert_faults(&case.faults(), &["antre.toml:3: accounts.b.secret_key is the one of a, too"]);
}

#[test]
fn sub_accounts_of_one_key_are_accounts_of_their_own() {
    let of = |other: &str| {
        let text = format!(
            "[accounts.a]\nsecret_key_env = \"KEY\"\n[accounts.b]\nsecret_key_env = \"KEY\"\nfor_user_id = \"62c1\"\n\
             [accounts.c]\nsecret_key_env = \"KEY\"\nfor_user_id = \"{other}\"\n"
        );
        Case::new(&text, &[("KEY", "xnd_development_one")])
    };
    let config = of("62c2").config();
    let ids: Vec<_> = config.accounts.iter().map(|it| it.for_user_id.as_deref()).collect();
    assert_eq!(ids, [None, Some("62c1"), Some("62c2")]);
    assert_faults(
        &of("62c1").faults(),
        &["antre.toml:6: accounts.c.secret_key is the one of b, too"],
    );
    let rule = "antre.toml:8: accounts.c.for_user_id must be the business id of a sub-account";
    assert_faults(&of("62 c").faults(), &[rule]);
}

#[test]
fn nothing_that_is_shown_holds_a_secret() {
    let variables = [
        ("XENDIT_SECRET_KEY", "xnd_development_hush"),
        ("ANTRE_HTTP_TOKEN", "0123456789-secret-hush"),
        ("ANTRE_REDIS_URL", "redis://antre:hush@redis.internal:6379"),
    ];
    let config = Case::new("", &variables).config();
    let shown = format!("{config:?} {}", config.redis);
    assert!(!shown.contains("hush"), "{shown}");
    assert!(shown.contains("redis://redis.internal:6379"), "{shown}");
}
