//! Sample bills of a small internet provider.

use serde_json::{Value, json};

/// Given and family names as they are common in Indonesia; nobody in particular.
const GIVEN: [&str; 20] = [
    "Budi", "Siti", "Agus", "Dewi", "Eko", "Sri", "Joko", "Rina", "Wahyu", "Ayu", "Dedi", "Putri",
    "Hendra", "Lestari", "Rizky", "Nur", "Made", "Ketut", "Slamet", "Yanti",
];
const FAMILY: [&str; 13] = [
    "Santoso",
    "Wijaya",
    "Lestari",
    "Nugroho",
    "Pratama",
    "Siregar",
    "Hidayat",
    "Saputra",
    "Rahayu",
    "Setiawan",
    "Kurniawan",
    "Simanjuntak",
    "Maharani",
];
/// Plans, in Mbps and Rupiah a month.
const PLANS: [(u32, u32); 4] = [(20, 195_000), (30, 250_000), (50, 350_000), (100, 550_000)];
/// Every tenth customer is a VIP.
const VIP_EACH: u32 = 10;
/// Every fifth bill belongs to a bulk run that may wait.
const BULK_EACH: u32 = 5;

/// One bill to be.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) external_id: String,
    pub(super) customer: String,
    pub(super) is_vip: bool,
    pub(super) is_bulk: bool,
    pub(super) job: Value,
}

impl Sample {
    /// Returns the priority that follows from the customer.
    pub(super) const fn priority(&self) -> &'static str {
        if self.is_vip {
            "high"
        } else if self.is_bulk {
            "low"
        } else {
            "normal"
        }
    }
}

/// Returns `count` bills, always the same ones.
pub(super) fn samples(count: u32) -> Vec<Sample> {
    (1..=count).map(sample).collect()
}

fn sample(number: u32) -> Sample {
    let is_vip = number % VIP_EACH == VIP_EACH / 2;
    let is_bulk = !is_vip && number.is_multiple_of(BULK_EACH);
    let (given, family) = (pick(&GIVEN, number * 7), pick(&FAMILY, number * 5));
    let (mbps, price) = pick(&PLANS, number * 3);
    let external_id = format!("DEMO-2026-12-{number:05}");
    let job = json!({
        "invoice": {
            "external_id": external_id,
            "amount": price,
            "description": format!("Internet {mbps} Mbps, December 2026"),
            "customer": {
                "given_names": given,
                "surname": family,
                "mobile_number": mobile_number(number),
                "email": format!("customer{number}@example.com"),
            },
        },
        "customer": if is_bulk { json!({ "tipe": "bulk" }) } else { json!({ "is_vip": is_vip }) },
        "batch": "2026-12",
        "reference": format!("customer {number}"),
    });
    Sample { external_id, customer: format!("{given} {family}"), is_vip, is_bulk, job }
}

/// Billing systems hold numbers in several spellings; Xendit wants one.
fn mobile_number(number: u32) -> String {
    let rest = format!("12{:08}", 30_000_000 + number);
    match number % 3 {
        0 => format!("08{rest}"),
        1 => format!("+628{rest}"),
        _ => format!("628{rest}"),
    }
}

fn pick<T: Copy + Default>(from: &[T], number: u32) -> T {
    let index = usize::try_from(number).unwrap_or_default() % from.len().max(1);
    from.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
