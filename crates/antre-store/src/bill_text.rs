//! The text in the key of a bill: one line for each field, empty for no value.

use crate::decode::Fields;

/// The places of a bill, in the order of its lines.
pub const BILL_PLACES: [&str; 18] = [
    "state",
    "job",
    "origin",
    "amount",
    "currency",
    "payer_email",
    "payer_mobile",
    "mode",
    "sent",
    "first_sent",
    "closed_before",
    "invoice_id",
    "invoice_url",
    "expiry_date",
    "expires_at",
    "closed_invoices",
    "effective_until",
    "former",
];

/// Returns a bill's places by name, as the scripts read them: none if the text is no bill. Of a bill that was forgotten
/// only its closed invoices may be known.
pub fn bill_fields(text: &[u8]) -> Fields {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text.split('\n').collect();
    if lines.len() != BILL_PLACES.len() {
        return Fields::new();
    }
    let named = BILL_PLACES.iter().zip(lines);
    let mut bill: Fields =
        named.map(|(place, line)| ((*place).to_owned(), line.to_owned())).collect();
    // Mostly a bill has one job ever.
    let job = bill.get("job").cloned().unwrap_or_default();
    if let Some(origin) = bill.get_mut("origin")
        && origin.is_empty()
    {
        *origin = job;
    }
    bill
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn text(lines: &[(usize, &str)]) -> Vec<u8> {
        let mut all = [""; BILL_PLACES.len()];
        for (place, line) in lines {
            all[place - 1] = line;
        }
        all.join("\n").into_bytes()
    }

    #[test]
    fn each_line_is_a_place() {
        let bill = bill_fields(&text(&[(1, "open"), (2, "1-0"), (4, "350000"), (18, "{}")]));
        assert_eq!((bill["state"].as_str(), bill["amount"].as_str()), ("open", "350000"));
        assert_eq!((bill["former"].as_str(), bill["currency"].as_str()), ("{}", ""));
    }

    #[test]
    fn a_bill_of_one_job_ever_has_its_origin_in_that() {
        assert_eq!(bill_fields(&text(&[(2, "1-0")]))["origin"], "1-0");
        assert_eq!(bill_fields(&text(&[(2, "2-0"), (3, "1-0")]))["origin"], "1-0");
    }

    #[test]
    fn what_is_no_bill_has_no_places() {
        let seventeen = text(&[(2, "1-0")]).split_last().unwrap().1.to_vec();
        for other in [b"".as_slice(), b"\xff", b"[\"open\",\"1-0\"]", &seventeen] {
            assert!(bill_fields(other).is_empty());
        }
    }
}
