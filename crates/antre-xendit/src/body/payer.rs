//! Who pays a bill: addresses in one form each, before they become digests.

use antre_core::Payer;
use antre_core::characters::without_invisible;

use super::phone::{self, Region};

/// Returns the payer with these addresses; blank ones count as missing.
///
/// National spellings of a number are read as Indonesian.
pub fn of(email: Option<&str>, mobile: Option<&str>) -> Payer {
    in_region(email, mobile, Region::Id)
}

/// Returns the payer with these addresses, national spellings of a number being those of `region`.
///
/// The e-mail address counts trimmed and in lower case, the mobile number in E.164, or by its bare digits if it cannot
/// be brought into that form.
pub fn in_region(email: Option<&str>, mobile: Option<&str>, region: Region) -> Payer {
    let email = email.map(|email| without_invisible(email).to_lowercase());
    let mobile = mobile.map(without_invisible).map(|mobile| {
        phone::to_e164(&mobile, region)
            .unwrap_or_else(|_| mobile.chars().filter(char::is_ascii_digit).collect())
    });
    Payer::of_normalised(email.as_deref(), mobile.as_deref())
}

#[cfg(test)]
mod tests;
