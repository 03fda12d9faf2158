use antre_core::Amount;

use super::{BilledError, for_currency, other_currency};
use crate::body::parse;

#[test]
fn rupiah_and_an_absent_currency_lose_their_decimals() {
    let amount = Amount::parse("4550.50").unwrap();
    for (currency, text) in
        [(Some("IDR"), "4550"), (Some("idr"), "4550"), (None, "4550"), (Some("PHP"), "4550.5")]
    {
        assert_eq!(for_currency(&amount, currency).unwrap().as_str(), text, "{currency:?}");
    }
    let cents = Amount::parse("0.99").unwrap();
    assert_eq!(for_currency(&cents, None), Err(BilledError::ZeroAfterCut));
    assert_eq!(for_currency(&cents, Some("MYR")).unwrap(), cents);
}

#[test]
fn rupiah_and_an_absent_currency_are_one() {
    for (currency, other) in
        [("", None), (r#","currency":"idr""#, None), (r#","currency":"php""#, Some("PHP"))]
    {
        let job = format!(r#"{{"invoice":{{"external_id":"I","amount":1{currency}}}}}"#);
        assert_eq!(other_currency(&parse(job.as_bytes()).unwrap().bill), other, "{currency}");
    }
}
