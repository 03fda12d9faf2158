//! Follows every run of events from a state.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{action::Action, state::State};

/// A run with more moves than this never ends: the longest that do have far fewer.
const MOVES_MAX: usize = 150;

/// What was found on the way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Explored {
    /// States with different futures.
    pub(super) states: usize,
    /// Moves from one to another.
    pub(super) moves: usize,
    /// States in which nothing is left to happen by itself.
    pub(super) at_rest: usize,
    /// Moves of the longest run.
    pub(super) longest: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// On the run that is being followed.
    Open,
    /// Everything after it has been seen.
    Closed,
}

/// A state on the run that is being followed, with what is still to be seen after it.
struct Step {
    /// What led to it.
    action: Option<Action>,
    key: u64,
    successors: std::vec::IntoIter<(Action, State)>,
}

#[derive(Default)]
struct Explorer {
    marks: HashMap<u64, Mark>,
    run: Vec<Step>,
    explored: Explored,
}

/// Follows every run from `first`.
///
/// # Errors
/// The actions of the first run found that breaks a promise, and how.
pub(super) fn explore(first: &State) -> Result<Explored, String> {
    let mut explorer = Explorer::default();
    explorer.enter(None, first)?;
    while let Some(step) = explorer.run.last_mut() {
        let Some((action, next)) = step.successors.next() else {
            explorer.marks.insert(step.key, Mark::Closed);
            explorer.run.pop();
            continue;
        };
        explorer.enter(Some(action), &next)?;
    }
    Ok(explorer.explored)
}

impl Explorer {
    /// Goes on with a state unless it is known.
    fn enter(&mut self, action: Option<Action>, state: &State) -> Result<(), String> {
        let key = key(state);
        match self.marks.get(&key) {
            Some(Mark::Closed) => return Ok(()),
            Some(Mark::Open) => return Err(self.told(action, state, "it goes round in a circle")),
            None => {}
        }
        if self.run.len() > MOVES_MAX {
            return Err(self.told(action, state, "it goes on without an end"));
        }
        self.explored.longest = self.explored.longest.max(self.run.len());
        self.marks.insert(key, Mark::Open);
        let successors = state.successors();
        self.explored.states += 1;
        self.explored.moves += successors.len();
        if state.is_at_rest() {
            self.explored.at_rest += 1;
            if let Some(broken) = state.broken() {
                return Err(self.told(action, state, &broken));
            }
        } else if successors.is_empty() {
            return Err(self.told(action, state, "nothing can happen any more"));
        }
        self.run.push(Step { action, key, successors: successors.into_iter() });
        Ok(())
    }

    fn told(&self, last: Option<Action>, state: &State, fault: &str) -> String {
        let actions = self.run.iter().filter_map(|step| step.action).chain(last);
        let lines: Vec<String> = actions.map(|action| format!("  {action:?}")).collect();
        format!("{fault}\n{}\nafter\n{}", state.essence(), lines.join("\n"))
    }
}

fn key(state: &State) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.essence().hash(&mut hasher);
    hasher.finish()
}
