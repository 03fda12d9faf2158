use antre_core::Amount;

use super::{BilledError, for_currency};

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
