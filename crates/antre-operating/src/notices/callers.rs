//! What callers of the gateway met in the last hour.

use std::collections::BTreeMap;

use antre_store::status::{CallerCounts, Status};

use super::Notice;

const HOUR_MS: u64 = 3600 * 1000;
/// So many creates of an hour may end "still queued" before people are told.
const STILL_QUEUED_PERCENT_MAX: u64 = 10;
/// Of fewer creates one says nothing about the rest.
const CREATES_MIN: u64 = 20;

pub(super) fn notices(status: &Status) -> impl Iterator<Item = Notice> {
    [still_queued(status), misnamed(status)].into_iter().flatten()
}

fn still_queued(status: &Status) -> Option<Notice> {
    let creates: u64 = status.callers.values().map(|counts| counts.creates).sum();
    let (times, by) = named(&status.callers, |counts| counts.still_queued);
    if creates < CREATES_MIN || times * 100 <= creates * STILL_QUEUED_PERCENT_MAX {
        return None;
    }
    Some(Notice {
        code: "still_queued".to_owned(),
        at_ms: status.now_ms,
        since_ms: status.now_ms.saturating_sub(HOUR_MS),
        times,
        text: format!(
            "{times} of {creates} creates through the gateway ended \"still queued\" in the last hour ({by}): jobs \
             wait longer than their callers; look at the pace, at what waits and at gateway_wait"
        ),
        is_trouble: true,
    })
}

fn misnamed(status: &Status) -> Option<Notice> {
    let (times, by) = named(&status.callers, |counts| counts.misnamed);
    (times > 0).then(|| Notice {
        code: "misnamed".to_owned(),
        at_ms: status.now_ms,
        since_ms: status.now_ms.saturating_sub(HOUR_MS),
        times,
        text: format!(
            "{times} creates through the gateway used the name of another bill in the last hour ({by}) and were \
             refused (ANTRE_CONFLICT, ANTRE_ALREADY_PAID): give each bill an external_id of its own"
        ),
        // One such bill may be a person's mistake; more are a habit, and each is a bill that is not billed.
        is_trouble: times > 1,
    })
}

/// Returns the sum, and each caller that has a part of it with its number, the largest first.
fn named(
    callers: &BTreeMap<String, CallerCounts>,
    of: impl Fn(&CallerCounts) -> u64,
) -> (u64, String) {
    let mut parts: Vec<(u64, &str)> = callers
        .iter()
        .map(|(name, counts)| (of(counts), name.as_str()))
        .filter(|(times, _)| *times > 0)
        .collect();
    parts.sort_by_key(|(times, _)| std::cmp::Reverse(*times));
    let by: Vec<String> = parts.iter().map(|(times, name)| format!("{name} {times}")).collect();
    (parts.iter().map(|(times, _)| times).sum(), by.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(callers: &[(&str, [u64; 3])]) -> Vec<Notice> {
        let counts = |[creates, still_queued, misnamed]: [u64; 3]| CallerCounts {
            creates,
            still_queued,
            misnamed,
        };
        let callers = callers.iter().map(|(name, list)| ((*name).to_owned(), counts(*list)));
        let status =
            Status { now_ms: 2 * HOUR_MS, callers: callers.collect(), ..Status::default() };
        notices(&status).collect()
    }

    fn codes(callers: &[(&str, [u64; 3])]) -> Vec<String> {
        told(callers).into_iter().map(|notice| notice.code).collect()
    }

    #[test]
    fn more_than_a_tenth_of_the_creates_still_queued_is_told() {
        assert_eq!(codes(&[]), [""; 0]);
        assert_eq!(codes(&[("shop", [100, 10, 0])]), [""; 0], "a tenth");
        assert_eq!(codes(&[("shop", [100, 11, 0])]), ["still_queued"]);
        assert_eq!(codes(&[("shop", [19, 19, 0])]), [""; 0], "too few to tell");
        assert_eq!(codes(&[("shop", [20, 2, 0])]), [""; 0]);
        assert_eq!(codes(&[("shop", [20, 3, 0])]), ["still_queued"]);
        // The account counts, whoever calls.
        assert_eq!(codes(&[("shop", [10, 2, 0]), ("till", [10, 1, 0])]), ["still_queued"]);
        assert_eq!(codes(&[("shop", [10, 2, 0]), ("till", [10, 0, 0])]), [""; 0]);
    }

    #[test]
    fn it_names_each_caller_with_its_number() {
        let told = told(&[("shop", [50, 4, 0]), ("till", [50, 8, 0]), ("web", [9, 0, 0])]);
        assert!(told[0].text.contains("12 of 109 creates"), "{told:?}");
        assert!(told[0].text.contains("(till 8, shop 4)"), "{told:?}");
        assert!(told[0].is_trouble);
        assert_eq!((told[0].times, told[0].since_ms), (12, HOUR_MS));
    }

    #[test]
    fn one_misnamed_bill_explains_itself_and_two_are_trouble() {
        let one = told(&[("shop", [1, 0, 1])]);
        assert_eq!((one[0].code.as_str(), one[0].is_trouble), ("misnamed", false));
        assert!(one[0].text.contains("(shop 1)"), "{one:?}");
        let two = told(&[("shop", [1, 0, 1]), ("till", [1, 0, 1])]);
        assert!(two[0].is_trouble && two[0].text.contains("(shop 1, till 1)"), "{two:?}");
    }
}
