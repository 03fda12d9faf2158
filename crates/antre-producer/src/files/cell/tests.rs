use super::{Kind, to_json};

#[track_caller]
fn assert_taken(kind: Kind, text: &str, json: &str) {
    assert_eq!(to_json(kind, text).as_deref(), Ok(json), "{kind:?} {text}");
}

#[track_caller]
fn assert_refused(kind: Kind, text: &str, why: &str) {
    let found = to_json(kind, text).unwrap_err();
    assert!(found.contains(why), "{text}: {found}");
    assert!(!found.contains(text) || text.len() < 4, "repeats the value: {found}");
}

#[test]
fn numbers_are_passed_on_digit_by_digit() {
    for text in
        ["350000", "350000.5", "350000.00", "0.5", "-1", "0", "99999999999999.999999", "1e5"]
    {
        assert_taken(Kind::Number, text, text);
    }
}

#[test]
fn a_decimal_comma_is_not_guessed() {
    for text in ["350,5", "350,000", "350.000,50", "1,5E+05"] {
        let why = if text.contains('E') { "shortened" } else { "has a comma" };
        assert_refused(Kind::Number, text, why);
    }
}

#[test]
fn a_point_before_three_digits_is_not_guessed() {
    for text in ["350.000", "1.350.000", "0.125"] {
        assert_refused(Kind::Number, text, "three digits after a point");
    }
}

#[test]
fn what_is_no_plain_number_is_refused() {
    for text in ["Rp350000", "350k", "+5", ".5", "5.", "1.2.3", "0x10", "-", "350 000", "NaN"] {
        assert_refused(Kind::Number, text, "is not a number");
    }
    assert_refused(Kind::Number, "0350000", "superfluous zeros");
}

#[test]
fn numbers_that_a_spreadsheet_shortened_are_refused_everywhere() {
    for text in ["6.28123E+12", "6,28123E+12", "2E+11"] {
        for kind in [Kind::Number, Kind::Text, Kind::Free] {
            assert_refused(kind, text, "shortened");
        }
    }
    for text in ["6281E12", "E+12", "A5E+12", "1182E", "7E-5"] {
        assert_taken(Kind::Text, text, &format!("\"{text}\""));
    }
}

#[test]
fn truth_values_may_be_spelled_as_spreadsheets_do() {
    for (text, json) in
        [("true", "true"), ("TRUE", "true"), ("1", "true"), ("False", "false"), ("0", "false")]
    {
        assert_taken(Kind::Boolean, text, json);
    }
    assert_refused(Kind::Boolean, "perhaps", "must be true or false");
}

#[test]
fn text_keeps_its_zeros_quotes_and_brackets() {
    assert_taken(Kind::Free, "0812", "\"0812\"");
    assert_taken(Kind::Text, "[Nov] \"Internet\"", r#""[Nov] \"Internet\"""#);
    assert_taken(Kind::Text, "true", "\"true\"");
}

#[test]
fn cells_that_begin_like_json_must_be_json() {
    assert_taken(Kind::Free, r#"{"a": 1.10}"#, r#"{"a": 1.10}"#);
    assert_taken(Kind::List, r#"["whatsapp"]"#, r#"["whatsapp"]"#);
    assert_refused(Kind::Free, "[not json", "not valid");
    assert_refused(Kind::Free, "{} trailing", "not valid");
    assert_refused(Kind::List, "viber", "must be a JSON list");
}
