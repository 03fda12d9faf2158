//! The amount that Xendit bills for an amount as written.

use antre_core::Bill;
use antre_core::amount::{Amount, AmountError, rounded};

/// What Xendit bills for an amount as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Billed {
    /// The amount.
    pub amount: Amount,
    /// Whether decimals were written that it does not have.
    pub is_cut: bool,
}

/// Why nothing can be billed for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BilledError {
    /// It is no amount.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// It is a float that was not rounded, in a currency whose decimals count.
    #[error("has more than 15 digits; round the amount before it is written as JSON")]
    NotRounded,
    /// Nothing is left after cutting the decimals, as Xendit does for rupiah.
    #[error("must be at least 1, because Xendit cuts the decimals of rupiah")]
    ZeroAfterCut,
}

/// Returns the amount that Xendit bills in this currency: rupiah (also when no currency is given,
/// as nearly every account's own is rupiah) lose their decimals, others stay as they are.
///
/// # Errors
/// [`BilledError::ZeroAfterCut`] when nothing is left.
pub fn for_currency(amount: &Amount, currency: Option<&str>) -> Result<Amount, BilledError> {
    if !is_rupiah(currency) {
        return Ok(amount.clone());
    }
    amount.without_decimals().ok_or(BilledError::ZeroAfterCut)
}

/// Returns the amount that Xendit bills for this number in this currency.
///
/// A number of more than 15 digits with decimals is what a program made that computes in floats
/// (`388500.00000000006`): it is rounded to 15 digits, as many as a float surely holds, where decimals are cut.
///
/// # Errors
/// Each variant.
///
/// # Examples
/// ```
/// use antre_xendit::body::billed::{BilledError, billed};
///
/// assert_eq!(billed("388500.00000000006", None)?.amount.as_str(), "388500");
/// assert_eq!(billed("388499.99999999994", Some("IDR"))?.amount.as_str(), "388500");
/// assert_eq!(billed("1498.5000000000002", Some("PHP")), Err(BilledError::NotRounded));
/// # Ok::<(), BilledError>(())
/// ```
pub fn billed(number: &str, currency: Option<&str>) -> Result<Billed, BilledError> {
    let written = match Amount::parse(number) {
        Err(AmountError::TooManyDigits) => {
            let rounded = rounded(number).ok_or(AmountError::TooManyDigits)?;
            if !is_rupiah(currency) {
                return Err(BilledError::NotRounded);
            }
            let amount = for_currency(&Amount::parse(&rounded)?, currency)?;
            return Ok(Billed { amount, is_cut: true });
        }
        written => written?,
    };
    let amount = for_currency(&written, currency)?;
    let is_cut = amount != written;
    Ok(Billed { amount, is_cut })
}

/// Returns the bill's currency, in which two jobs of one bill must agree; nothing for rupiah and for an absent one,
/// since that is the account's own, and Xendit's Indonesian accounts bill in rupiah.
pub fn other_currency(bill: &Bill) -> Option<&str> {
    bill.currency.as_deref().filter(|currency| !is_rupiah(Some(currency)))
}

fn is_rupiah(currency: Option<&str>) -> bool {
    currency.is_none_or(|code| code.eq_ignore_ascii_case("IDR"))
}

#[cfg(test)]
mod tests;
