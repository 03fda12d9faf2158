//! What was added last: a map that forgets the oldest beyond a bound.

use std::collections::{HashMap, VecDeque};

/// The most entries that are kept.
const KEPT_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Recent {
    values: HashMap<[u8; 32], String>,
    order: VecDeque<[u8; 32]>,
}

impl Recent {
    pub(crate) fn get(&self, key: &[u8; 32]) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    pub(crate) fn put(&mut self, key: [u8; 32], value: String) {
        if self.values.insert(key, value).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > KEPT_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.values.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_gives_way() {
        let mut recent = Recent::default();
        let key = |number: usize| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_le_bytes());
            key
        };
        for number in 0..=KEPT_MAX {
            recent.put(key(number), number.to_string());
        }
        recent.put(key(5), "again".to_owned());
        assert_eq!(recent.get(&key(0)), None);
        assert_eq!(recent.get(&key(1)), Some("1"));
        assert_eq!(recent.get(&key(5)), Some("again"));
        assert_eq!((recent.values.len(), recent.order.len()), (KEPT_MAX, KEPT_MAX));
    }
}
