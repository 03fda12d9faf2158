use super::{NumberFault, boolean, number, unix_ms};

#[test]
fn numbers_keep_their_digits() {
    for text in [
        "350000",
        "350000.0",
        "350000.00",
        "350000.000",
        "1350.000",
        "0.5",
        "-1",
        "0",
        "3.5e5",
        "1e5",
    ] {
        assert_eq!(number(text).as_deref(), Ok(text));
    }
    for padded in [" 350000 ", "\u{a0}350000\u{200b}", "\u{feff}350000"] {
        assert_eq!(number(padded).as_deref(), Ok("350000"));
    }
    assert_eq!(number("3.50000E+05").as_deref(), Ok("3.50000E+05"), "every digit is there");
}

#[test]
fn what_may_be_two_numbers_is_none() {
    for (text, fault) in [
        ("350.000", NumberFault::Thousands),
        ("1.350.000", NumberFault::Thousands),
        ("-350.000", NumberFault::Thousands),
        ("0.125", NumberFault::Thousands),
        ("350,000", NumberFault::Comma),
        ("350000,00", NumberFault::Comma),
        ("350.000,50", NumberFault::Comma),
        ("3.5E+05", NumberFault::Shortened),
        ("3,5E+05", NumberFault::Shortened),
        ("2e+11", NumberFault::Shortened),
        ("0350000", NumberFault::Zeros),
        ("", NumberFault::NotANumber),
        ("-", NumberFault::NotANumber),
        ("+5", NumberFault::NotANumber),
        (".5", NumberFault::NotANumber),
        ("5.", NumberFault::NotANumber),
        ("1.2.3", NumberFault::NotANumber),
        ("Rp350000", NumberFault::NotANumber),
        ("350 000", NumberFault::NotANumber),
        ("0x10", NumberFault::NotANumber),
        ("NaN", NumberFault::NotANumber),
        ("1e", NumberFault::NotANumber),
        ("350k", NumberFault::NotANumber),
        ("\u{ff13}50000", NumberFault::NotANumber),
    ] {
        assert_eq!(number(text), Err(fault), "{text}");
    }
}

#[test]
fn truth_has_words_in_two_languages_and_any_case() {
    for text in ["true", "TRUE", " True ", "1", "1.0", "ya", "YA", "yes", "Benar", "Y", "t", "iya"]
    {
        assert_eq!(boolean(text), Ok(true), "{text}");
    }
    for text in ["false", "FALSE", "0", "0.0", "tidak", "no", "salah", "N", "f"] {
        assert_eq!(boolean(text), Ok(false), "{text}");
    }
    for text in ["", "2", "-1", "maybe", "truee", "null", "x"] {
        assert!(boolean(text).is_err(), "{text}");
    }
}

#[test]
fn instants_are_read_as_databases_and_languages_print_them() {
    for text in [
        "2026-12-01T08:00:00+07:00",
        "2026-12-01T08:00:00.000+07:00",
        "2026-12-01T08:00:00+0700",
        "2026-12-01T08:00:00.123456+0700",
        "2026-12-01T08:00:00+07",
        "2026-12-01 08:00:00+07:00",
        "2026-12-01 08:00:00 +0700",
        "2026-12-01 08:00:00+07",
        "2026-12-01T08:00+07:00",
        "2026-12-01T08:00+0700",
        "2026-12-01T01:00:00Z",
        "2026-12-01t01:00:00z",
        "2026-12-01 01:00:00 UTC",
        "2026-12-01T01:00:00 GMT",
        "2026-12-01T08:00+07:00[Asia/Jakarta]",
        "2026-12-01T01:00:00Z[UTC]",
        "2026-11-30T20:00:00-05:00",
        " 2026-12-01T08:00:00+07:00 ",
    ] {
        let found = unix_ms(text).unwrap_or_else(|| unreachable!("{text}"));
        assert_eq!(found / 1000, 1_796_086_800, "{text}");
    }
    for text in [
        "",
        "2026-12-01",
        "2026-12-01T08:00:00",
        "2026-12-01 08:00",
        "2026-02-30T08:00:00Z",
        "2026-12-01T25:00:00Z",
        "01-12-2026T08:00:00Z",
        "2026-12-01T08:00:00 WIB",
        "2026-12-01T08:00:00[Asia/Jakarta]",
        "2026-12-01T08:00:00+07:00[",
        "2026-12-01T08:00:00+",
        "2026-12-01T08:00:00+7",
        "2026-12-01T08Z",
        "1795413600",
        "Tuesday, December 1",
        "2026-12-0\u{661}T08:00:00Z",
    ] {
        assert_eq!(unix_ms(text), None, "{text}");
    }
}
