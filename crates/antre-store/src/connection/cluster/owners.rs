//! Which server has which slots.

use std::collections::BTreeMap;

use super::slots::{Address, Range, Slot};

/// The owners of all slots, as ranges: an entry holds from its slot to the next entry. Neighbours differ, so two maps that
/// say the same are equal.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Owners(BTreeMap<Slot, Option<Address>>);

impl Owners {
    /// Returns the owner of a slot, if it is known.
    pub(super) fn of(&self, slot: Slot) -> Option<&Address> {
        self.0.range(..=slot).next_back()?.1.as_ref()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives these slots to this owner, whoever had them before.
    pub(super) fn put(&mut self, Range { first, last, owner }: Range) {
        let behind = last + 1;
        let next = self.of(behind).cloned();
        let before = first.checked_sub(1).and_then(|slot| self.of(slot));
        let is_continued = before == Some(&owner);
        let covered: Vec<Slot> = self.0.range(first..=behind).map(|(slot, _)| *slot).collect();
        for slot in covered {
            self.0.remove(&slot);
        }
        if next.as_ref() != Some(&owner) {
            self.0.insert(behind, next);
        }
        if !is_continued {
            self.0.insert(first, Some(owner));
        }
    }

    /// Returns one slot of each owner.
    pub(super) fn slot_of_each(&self) -> Vec<Slot> {
        let mut firsts = BTreeMap::new();
        for (slot, owner) in &self.0 {
            if let Some(owner) = owner {
                firsts.entry(owner).or_insert(*slot);
            }
        }
        firsts.into_values().collect()
    }
}

impl FromIterator<Range> for Owners {
    fn from_iter<I: IntoIterator<Item = Range>>(ranges: I) -> Self {
        let mut owners = Self::default();
        for range in ranges {
            owners.put(range);
        }
        owners
    }
}

#[cfg(test)]
mod tests;
