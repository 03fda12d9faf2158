use super::is_of_a_spreadsheet;

#[test]
fn what_spreadsheets_make_of_numbers_with_strokes_is_a_date() {
    for text in [
        "01/12/2026",
        "1/12/2026",
        "12/31/2026",
        "31/12/26",
        "01-12-2026",
        "01.12.2026",
        "Des-26",
        "Dec-26",
        "Mei-2026",
        "1-Des",
        "01-Agu",
        "1-Dec-26",
        "12-Okt-2026",
        "01/12/2026 00:00",
        "01/12/2026 00.00",
        "12/1/2026 12:00:00 AM",
        "2026-12-01 00:00:00",
    ] {
        assert!(is_of_a_spreadsheet(text), "{text}");
    }
}

#[test]
fn names_that_only_resemble_dates_stay() {
    for text in [
        "2026-12",
        "2026-12-01",
        "2026-12-01 08:00:00",
        "001/12/2026",
        "INV/01/12/2026",
        "01/12/2026/INV",
        "01/12/2026 A",
        "12/2026",
        "31/31/2026",
        "10-11-12",
        "1.2.3",
        "12-1182",
        "DES-26",
        "Des-1182A",
        "INV-26",
        "Jan",
        "",
        "10/11",
        "32-Des",
        "192.168.1.1",
    ] {
        assert!(!is_of_a_spreadsheet(text), "{text}");
    }
}
