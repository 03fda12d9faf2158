use proptest::prelude::*;

use super::{Address, Owners, Range, Slot};
use crate::connection::cluster::slots::SLOTS;

fn address(port: u16) -> Address {
    Address { host: "host".to_owned(), port }
}

fn range(first: Slot, last: Slot, port: u16) -> Range {
    Range { first, last, owner: address(port) }
}

#[test]
fn nobody_is_known_before_the_first_map() {
    let owners = Owners::default();
    assert!(owners.is_empty());
    assert_eq!(owners.of(0), None);
    assert_eq!(owners.slot_of_each(), [0; 0]);
}

#[test]
fn one_slot_moves_out_of_the_middle_of_a_range() {
    let mut owners: Owners = [range(0, 99, 1), range(100, SLOTS - 1, 2)].into_iter().collect();
    assert_eq!(owners.slot_of_each(), [0, 100]);
    owners.put(range(50, 50, 2));
    assert_eq!(owners.of(49), Some(&address(1)));
    assert_eq!(owners.of(50), Some(&address(2)));
    assert_eq!(owners.of(51), Some(&address(1)));
    assert_eq!(owners.slot_of_each(), [0, 50]);
}

#[test]
fn a_map_that_says_what_was_learned_before_is_no_news() {
    let mut learned: Owners = [range(0, 99, 1), range(100, SLOTS - 1, 2)].into_iter().collect();
    learned.put(range(99, 99, 2));
    let told: Owners = [range(99, SLOTS - 1, 2), range(0, 98, 1)].into_iter().collect();
    assert_eq!(learned, told);
}

proptest! {
    #[test]
    fn ranges_say_the_same_as_a_list_of_all_slots(
        puts in prop::collection::vec((0..SLOTS, 0..SLOTS, 0_u16..3), 0..20),
        backwards in any::<bool>(),
    ) {
        let mut owners = Owners::default();
        let mut list = vec![None; SLOTS.into()];
        for (one, other, port) in puts {
            let (first, last) = (one.min(other), one.max(other));
            owners.put(range(first, last, port));
            list[usize::from(first)..=usize::from(last)].fill(Some(port));
        }
        for (slot, port) in (0..).zip(&list) {
            prop_assert_eq!(owners.of(slot).cloned(), port.map(address));
        }
        // The same, put together slot by slot.
        let slots = (0..).zip(list).filter_map(|(slot, port)| Some(range(slot, slot, port?)));
        let mut slots: Vec<Range> = slots.collect();
        if backwards {
            slots.reverse();
        }
        prop_assert_eq!(owners, slots.into_iter().collect::<Owners>());
    }
}
