use super::*;

#[test]
fn columns_stand_under_each_other() {
    let mut table = Table::new(&["job", "state"]);
    assert!(table.is_empty());
    table.row(["1795413600000-0".to_owned(), "done".to_owned()]);
    assert_eq!(table.to_string(), "job              state\n1795413600000-0  done");
}

#[test]
fn what_others_wrote_cannot_steer_the_terminal() {
    let mut table = Table::new(&["message"]);
    table.row(["\u{1b}[31mred\nline".to_owned()]);
    assert!(table.to_string().lines().last().is_some_and(|line| line == " [31mred line"));
}

#[test]
fn lengths_show_their_two_largest_units() {
    let shown = |ms| length(Duration::from_millis(ms));
    assert_eq!(shown(0), "0s");
    assert_eq!(shown(505), "505ms");
    assert_eq!(shown(3_240), "3.2s");
    assert_eq!(shown(3_040), "3s");
    assert_eq!(shown(60_000), "1m");
    assert_eq!(shown(2_472_000), "41m 12s");
    assert_eq!(shown(183_600_000), "2d 3h");
}

#[test]
fn instants_are_shown_in_utc() {
    assert_eq!(instant(1_795_413_600_000), "2026-11-23T06:00:00Z");
    assert_eq!(ago(1_795_413_600_000, 1_795_413_590_000), "10s");
}
