use super::{Kind, LongNumbers, is_no_bill, to_json};

#[track_caller]
fn assert_taken(kind: Kind, text: &str, json: &str) {
    let found = to_json(kind, text.as_bytes()).map(Option::unwrap_or_default);
    assert_eq!(found.as_deref(), Ok(json), "{kind:?} {text}");
}

#[track_caller]
fn assert_refused(kind: Kind, text: &str, why: &str) {
    let found = to_json(kind, text.as_bytes()).unwrap_err();
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
        for kind in [Kind::Number, Kind::Text, Kind::Free, Kind::Identity, Kind::Phone] {
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

#[test]
fn tricks_that_keep_zeros_are_taken_off_in_every_column() {
    for kind in [Kind::Text, Kind::Free, Kind::Identity, Kind::Phone] {
        for text in [
            "=\"081234567890\"",
            "'081234567890",
            " = \"081234567890\"",
            "'=\"081234567890\"",
            "\u{2019}081234567890",
            "\t081234567890",
            "\u{A0}081234567890\u{A0}",
            "\u{FEFF}081234567890",
        ] {
            assert_taken(kind, text, "\"081234567890\"");
        }
    }
    assert_taken(Kind::Number, "=\"350000\"", "350000");
    assert_taken(Kind::Number, "'350000", "350000");
    assert_taken(Kind::Boolean, "=\"TRUE\"", "true");
    assert_taken(Kind::Text, r#"="a ""b"" c""#, r#""a \"b\" c""#);
    assert_taken(Kind::Phone, "'+62 812-3456-7890", "\"+62 812-3456-7890\"");
    assert_taken(Kind::Identity, "'INV-1", "\"INV-1\"");
    assert_taken(Kind::Text, "=\"\"", "");
    assert_taken(Kind::Text, "'", "\"'\"");
}

#[test]
fn apostrophes_and_equals_signs_that_are_text_stay() {
    for text in ["'s-Gravenhage", "'Aisyah", "'90s music", "=== PROMO ===", "'tis", "D'Angelo's"] {
        assert_taken(Kind::Text, text, &format!("\"{text}\""));
    }
    assert_refused(Kind::Identity, "'INV-1'", "single quotation marks");
    assert_refused(Kind::Phone, "'0812345678'", "single quotation marks");
}

#[test]
fn formulas_and_errors_of_spreadsheets_are_no_values() {
    for kind in [Kind::Text, Kind::Free, Kind::Identity, Kind::Phone, Kind::Number] {
        for text in
            ["=A1+B1", "=SUM(A1:A3)", "=\"0812\"&A1", "=T(\"0812\")", "=+62", "=-1", "=0812"]
        {
            assert_refused(kind, text, "is a formula");
        }
        for text in ["#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "Err:502", "#ref!"] {
            assert_refused(kind, text, "spreadsheet's error");
        }
        assert_refused(kind, "########", "too narrow");
    }
    assert_taken(Kind::Text, "#1 in Jakarta", "\"#1 in Jakarta\"");
}

#[test]
fn characters_that_are_damage_are_refused() {
    let refused = |bytes: &[u8]| to_json(Kind::Text, bytes).unwrap_err();
    assert!(refused(b"Caf\xE9").contains("not UTF-8"));
    assert!(refused(b"Bu\0di").contains("NUL byte"));
    assert!(refused("Caf\u{FFFD}".as_bytes()).contains("U+FFFD"));
    assert!(refused("it\u{92}s".as_bytes()).contains("U+0092"));
    assert!(refused(b"a\x07b").contains("U+0007"));
    assert_taken(Kind::Text, "two\r\nlines\tand a tab", r#""two\r\nlines\tand a tab""#);
}

#[test]
fn telephone_numbers_are_repaired_where_every_digit_is_certain() {
    for text in ["6281234567890.0", "6281234567890,00", "6,281,234,567,890", "6.281234567890E+12"] {
        assert_taken(Kind::Phone, text, "\"6281234567890\"");
    }
    for text in
        ["81234567890", "0812-3456-7890", "0812-3456-7890 / 0813-9999-8888", "+62 812.3456.7890"]
    {
        assert_taken(Kind::Phone, text, &format!("\"{text}\""));
    }
    for text in ["6281234567890.5", "81234567889.99999", "6281234567.89"] {
        assert_refused(Kind::Phone, text, "computed with it");
    }
}

#[test]
fn names_of_bills_are_not_guessed() {
    for text in ["1182.0", "1182,00", "1182.000", "1182.0000000001", "1181.99999999", "0.0"] {
        assert_refused(Kind::Identity, text, "added decimals");
    }
    for text in ["6.28123E12", "6,28123e12"] {
        assert_refused(Kind::Identity, text, "shortened");
    }
    assert_refused(Kind::Identity, "2026-02-01 00:00:00", "looks like a date");
    for text in ["1,182", "1.182", "20,261,182", "1.182.000,00"] {
        assert_refused(Kind::Identity, text, "thousands separators");
    }
    for text in ["nan", "None", "NULL", "undefined", "\\N", "<NA>"] {
        assert_refused(Kind::Identity, text, "empty cell");
    }
    for text in ["INV-1.0", "2026.1182", "001.234", "1.2.3", "7E-5", "1182E", "INV.1,182", "012345"]
    {
        assert_taken(Kind::Identity, text, &format!("\"{text}\""));
    }
}

#[test]
fn a_programs_word_for_an_empty_cell_is_no_text_for_a_customer() {
    for text in ["NULL", "\\N", "NaN", "None", "[NULL]"] {
        assert_refused(Kind::Text, text, "empty cell");
        assert_refused(Kind::Free, text, "empty cell");
        // Left out later, with a warning.
        assert_taken(Kind::Mail, text, &serde_json::json!(text).to_string());
    }
    for text in ["Null", "Nan", "None of it", "N/A", "-", "Nil"] {
        assert_taken(Kind::Text, text, &format!("\"{text}\""));
    }
}

#[test]
fn what_has_parts_is_json_or_has_columns_for_them() {
    assert_taken(Kind::Object, r#"{"given_names":"a"}"#, r#"{"given_names":"a"}"#);
    assert_taken(Kind::Object, "[]", "[]");
    assert_taken(Kind::Objects, r#"[{"name":"a"}]"#, r#"[{"name":"a"}]"#);
    for text in ["Budi", "5", "[1]", "true"] {
        assert_refused(Kind::Object, text, "has parts");
    }
    for text in ["Internet", "5", r#"{"name":"a"}"#] {
        assert_refused(Kind::Objects, text, "is a list");
    }
}

#[test]
fn headings_of_sums_and_signs_for_nothing_are_no_bills() {
    for text in
        ["Total", "TOTAL:", "Jumlah", "Grand Total", "Sub-Total", "sub total", "Total 2026", "SUM"]
    {
        assert!(is_no_bill(text).is_some(), "{text}");
    }
    for text in ["-", "--", ".", "*", "#"] {
        assert!(is_no_bill(text).unwrap().contains("neither a letter nor a digit"), "{text}");
    }
    for text in ["TOTAL-2026-01", "INV-1 total", "Totalindo 7", "Grand Hotel", ""] {
        assert!(is_no_bill(text).is_none(), "{text}");
    }
}

#[test]
fn a_column_of_long_numbers_that_all_end_in_zeros_was_cut() {
    let cut_from = |texts: &[&str]| {
        let mut numbers = LongNumbers::default();
        texts.iter().zip(1..).for_each(|(text, line)| numbers.note(text, line));
        numbers.cut_from()
    };
    assert_eq!(cut_from(&["17", "3201234567890120", "32012345678901200"]), Some(2));
    assert_eq!(cut_from(&["3201234567890120", "3201234567890123"]), None);
    assert_eq!(cut_from(&["320123456789012", "INV-3201234567890120", "0201234567890120"]), None);
}
