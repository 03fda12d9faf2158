//! Every run of events of one bill, not a sample: two jobs, two workers, a provider that answers late, wrongly or
//! never, lists that lag, crashes and frozen workers, cancel and retry, a program's cancel, a customer who pays, and a
//! fail-over that forgets the last claim or answer. Nothing random and no Redis: the queue is the model that the random
//! runs compare with Redis.
//!
//! Three promises are looked at in every state that can be reached with so many faults: when nothing is left to happen, not
//! more than one invoice can be paid and the bill's link is good; a cancel that leaves no open invoice has left none,
//! unless the bill was submitted again, which is then not cancelled; and no state goes round in a circle or gets stuck, so
//! every job ends.

use explorer::explore;
use state::{Left, Second, State};

use crate::environment::Bounds;

mod action;
mod explorer;
mod provider;
mod request;
mod state;

const NOTHING: Left = Left {
    faults: 0,
    crashes: 0,
    fail_overs: 0,
    submissions: 1,
    cancels: 0,
    retries: 0,
    asks: 0,
    payments: 0,
};

/// What may go wrong and what people may do together in one run. All of it at once would be many millions of states.
const EXTENTS: [Left; 4] = [
    Left { faults: 1, crashes: 1, ..NOTHING },
    Left { faults: 1, fail_overs: 1, ..NOTHING },
    Left { crashes: 1, fail_overs: 1, ..NOTHING },
    Left { faults: 1, cancels: 1, retries: 1, ..NOTHING },
];

/// The same for a bill that is looked at again, which has more runs.
const EXTENTS_OF_LOOKING_AGAIN: [Left; 3] = [
    Left { faults: 1, cancels: 1, retries: 1, ..NOTHING },
    Left { crashes: 1, fail_overs: 1, ..NOTHING },
    Left { crashes: 1, cancels: 1, retries: 1, ..NOTHING },
];

/// With a cancel that a program submits.
const EXTENTS_OF_COMMANDS: [Left; 1] = [Left { asks: 1, retries: 1, payments: 1, ..NOTHING }];

/// The same with faults, mostly of a bill that is not submitted again.
const EXTENTS_OF_COMMANDS_WITH_FAULTS: [Left; 5] = [
    Left { crashes: 1, asks: 1, ..NOTHING },
    Left { faults: 1, asks: 1, submissions: 0, ..NOTHING },
    Left { faults: 1, asks: 1, cancels: 1, submissions: 0, ..NOTHING },
    Left { crashes: 1, asks: 1, submissions: 0, ..NOTHING },
    Left { fail_overs: 1, asks: 1, submissions: 0, ..NOTHING },
];

/// Minutes each.
const LONG_EXTENTS_OF_COMMANDS: [Left; 3] = [
    Left { faults: 1, asks: 1, ..NOTHING },
    Left { crashes: 1, asks: 1, ..NOTHING },
    Left { fail_overs: 1, asks: 1, ..NOTHING },
];

/// Minutes each, for a long run.
const LONG_EXTENTS: [Left; 3] = [
    Left { faults: 1, crashes: 1, ..NOTHING },
    Left { faults: 2, ..NOTHING },
    Left { faults: 1, crashes: 1, cancels: 1, retries: 1, ..NOTHING },
];

#[expect(clippy::print_stdout, reason = "how much was looked at belongs to a test's output")]
fn check(second: Second, bounds: &[Left], long: &[Left]) {
    let is_long = Bounds::from_environment().is_long();
    let longer = long.iter().filter(|_| is_long);
    for left in bounds.iter().chain(longer) {
        let explored =
            explore(&State::new(second, *left)).unwrap_or_else(|fault| panic!("{fault}"));
        let what = format!("{second:?} {left:?}: {explored:?}");
        println!("{what}");
        assert!(explored.at_rest > 0, "{what}");
    }
}

#[test]
fn a_bill_that_is_submitted_twice_has_one_payable_invoice_after_every_course_of_events() {
    check(Second::Same, &EXTENTS, &LONG_EXTENTS);
}

#[test]
fn a_program_that_cancels_leaves_no_open_invoice_of_a_bill_that_is_not_wanted_again() {
    for second in [Second::Same, Second::OtherAmount, Second::CheckFirst] {
        check(second, &EXTENTS_OF_COMMANDS, &LONG_EXTENTS_OF_COMMANDS);
    }
    check(Second::Same, &EXTENTS_OF_COMMANDS_WITH_FAULTS, &[]);
}

#[test]
fn so_has_one_that_is_submitted_again_with_another_amount() {
    check(Second::OtherAmount, &EXTENTS, &LONG_EXTENTS);
}

#[test]
fn so_has_one_that_is_submitted_again_to_be_looked_up_first() {
    check(Second::CheckFirst, &EXTENTS_OF_LOOKING_AGAIN, &LONG_EXTENTS);
}
