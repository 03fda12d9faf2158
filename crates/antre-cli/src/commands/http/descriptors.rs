//! Descriptors of files: each connection needs one, and so do Redis and Xendit.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the rest of the process needs at least.
const OTHERS: u64 = 256;

/// Asks the system for as many as it gives. Returns how many of `wanted` connections may be taken at once.
pub(super) fn make_room(wanted: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: maximum, maximum };
    // Systems that count in another way refuse this.
    let limit = if setrlimit(Resource::Nofile, raised).is_ok() { maximum } else { current };
    let room = room(limit, wanted);
    if room < wanted {
        tracing::warn!(
            wanted,
            room,
            "the system allows too few open files; fewer connections are taken at once"
        );
    }
    room
}

/// `limit`: none is no limit.
fn room(limit: Option<u64>, wanted: usize) -> usize {
    let left = limit.map(|limit| limit.saturating_sub(OTHERS).max(limit / 2));
    left.map_or(wanted, |left| usize::try_from(left).map_or(wanted, |left| left.min(wanted)))
}

#[cfg(test)]
mod tests {
    use super::room;

    #[test]
    fn the_rest_of_the_process_keeps_its_part() {
        for (limit, wanted, expected) in [
            (None, 2_000, 2_000),
            (Some(524_288), 2_000, 2_000),
            (Some(2_256), 2_000, 2_000),
            (Some(2_255), 2_000, 1_999),
            (Some(1_024), 2_000, 768),
            (Some(256), 2_000, 128),
            (Some(256), 6, 6),
        ] {
            assert_eq!(room(limit, wanted), expected, "{limit:?}");
        }
    }
}
