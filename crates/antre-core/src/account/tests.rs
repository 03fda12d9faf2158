use super::AccountName;

#[test]
fn a_name_of_lower_case_letters_digits_and_dashes_is_taken() {
    for name in ["default", "a", "brand-2", "0", "-", "a2345678901234567890123456789012"] {
        assert_eq!(name.parse::<AccountName>().unwrap().as_str(), name);
    }
}

#[test]
fn any_other_name_is_refused() {
    for name in
        ["", "Default", "a b", "a_b", "a}b", "ä", "a234567890123456789012345678901234", "a\n"]
    {
        let error = name.parse::<AccountName>().unwrap_err().to_string();
        assert!(error.contains("is not an account name"), "{name:?}: {error}");
    }
    let error = "def\u{430}ult".parse::<AccountName>().unwrap_err().to_string();
    assert!(error.contains("U+0430") && error.contains("\"a\""), "{error}");
}

#[test]
fn json_holds_the_name_as_text() {
    let name = AccountName::default();
    assert_eq!(serde_json::to_string(&name).unwrap(), "\"default\"");
    assert_eq!(serde_json::from_str::<AccountName>("\"default\"").unwrap(), name);
    assert!(serde_json::from_str::<AccountName>("\"A\"").is_err());
}
