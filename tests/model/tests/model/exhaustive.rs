//! Every course of events of one bill, not a sample: two jobs, two workers, a provider that answers late, wrongly or
//! never, lists that lag, crashes and frozen workers, cancel and retry, and a fail-over that forgets the last claim or
//! answer. Nothing random and no Redis: the queue is the model that the random courses compare with Redis.
//!
//! Two promises are looked at in every state that can be reached with so many faults: when all has settled, not more
//! than one invoice can be paid and the bill's link is good; and no state goes round in a circle or gets stuck, so
//! every job ends.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::environment::Extent;
use action::Action;
use state::{Left, Second, State};

mod action;
mod provider;
mod request;
mod state;

/// What was found on the way.
#[derive(Debug, Default)]
struct Explored {
    states: usize,
    steps: usize,
    settled: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// On the course that is being followed.
    Open,
    /// Everything after it has been seen.
    Closed,
}

/// Follows every course from `first`.
///
/// # Errors
/// The actions of the first course found that breaks a promise, and how.
fn explore(first: State) -> Result<Explored, String> {
    let mut marks = HashMap::new();
    let mut explored = Explored::default();
    let mut course: Vec<(Option<Action>, u64, std::vec::IntoIter<(Action, State)>)> = Vec::new();
    let enter = |action, own: u64, state: &State, explored: &mut Explored| {
        let successors = state.successors();
        explored.states += 1;
        explored.steps += successors.len();
        if state.is_settled() {
            explored.settled += 1;
            if let Some(broken) = state.broken() {
                return Err(format!("{broken}\n{}", state.essence()));
            }
        } else if successors.is_empty() {
            return Err(format!("nothing can happen any more\n{}", state.essence()));
        }
        Ok((action, own, successors.into_iter()))
    };
    let told = |course: &[(Option<Action>, u64, _)], last: Option<Action>, fault: String| {
        let actions = course.iter().filter_map(|(action, ..)| *action).chain(last);
        let lines: Vec<String> = actions.map(|action| format!("  {action:?}")).collect();
        format!("{fault}\nafter\n{}", lines.join("\n"))
    };
    marks.insert(key(&first), Mark::Open);
    course.push(enter(None, key(&first), &first, &mut explored)?);
    while let Some((_, own, successors)) = course.last_mut() {
        let Some((action, next)) = successors.next() else {
            marks.insert(*own, Mark::Closed);
            course.pop();
            continue;
        };
        let key = key(&next);
        match marks.get(&key) {
            Some(Mark::Closed) => {}
            Some(Mark::Open) => {
                let fault = format!("it goes round in a circle\n{}", next.essence());
                return Err(told(&course, Some(action), fault));
            }
            None => {
                marks.insert(key, Mark::Open);
                match enter(Some(action), key, &next, &mut explored) {
                    Ok(entered) => course.push(entered),
                    Err(fault) => return Err(told(&course, Some(action), fault)),
                }
            }
        }
    }
    Ok(explored)
}

fn key(state: &State) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.essence().hash(&mut hasher);
    hasher.finish()
}

const NOTHING: Left =
    Left { faults: 0, crashes: 0, fail_overs: 0, submissions: 1, cancels: 0, retries: 0 };

/// What may go wrong and what people may do together in one course. All of it at once would be many millions of states.
const EXTENTS: [Left; 4] = [
    Left { faults: 1, crashes: 1, ..NOTHING },
    Left { faults: 1, fail_overs: 1, ..NOTHING },
    Left { crashes: 1, fail_overs: 1, ..NOTHING },
    Left { faults: 1, cancels: 1, retries: 1, ..NOTHING },
];

/// The same for a bill that is looked at again, which has more courses.
const EXTENTS_OF_LOOKING_AGAIN: [Left; 3] = [
    Left { faults: 1, cancels: 1, retries: 1, ..NOTHING },
    Left { crashes: 1, fail_overs: 1, ..NOTHING },
    Left { crashes: 1, cancels: 1, retries: 1, ..NOTHING },
];

/// Minutes each, for a long run.
const LONG_EXTENTS: [Left; 3] = [
    Left { faults: 1, crashes: 1, ..NOTHING },
    Left { faults: 2, ..NOTHING },
    Left { faults: 1, crashes: 1, cancels: 1, retries: 1, ..NOTHING },
];

fn check(second: Second, extents: &[Left]) {
    let is_long = Extent::from_environment().is_long();
    let longer = LONG_EXTENTS.iter().filter(|_| is_long);
    for left in extents.iter().chain(longer) {
        let explored = explore(State::new(second, *left)).unwrap_or_else(|fault| panic!("{fault}"));
        println!("{second:?} {left:?}: {explored:?}");
        assert!(explored.settled > 0, "{explored:?}");
    }
}

#[test]
fn a_bill_that_is_submitted_twice_has_one_payable_invoice_after_every_course_of_events() {
    check(Second::Same, &EXTENTS);
}

#[test]
fn so_has_one_that_is_submitted_again_with_another_amount() {
    check(Second::OtherAmount, &EXTENTS);
}

#[test]
fn so_has_one_that_is_submitted_again_to_be_looked_up_first() {
    check(Second::CheckFirst, &EXTENTS_OF_LOOKING_AGAIN);
}
