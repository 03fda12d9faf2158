//! Finishes that wait while a call runs go together in the next one: under load a call's fixed cost is shared.

use std::{
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use redis::Value;
use tokio::sync::{Mutex as Turn, oneshot};

use super::{Finished, decode_finished};
use crate::{Queue, StoreError, decode::Reply, script::FINISH};

/// At most so many requests in one call, so that no call keeps Redis for long.
const TOGETHER_MAX: usize = 32;

/// The arguments of one request.
pub(super) type Request = [String; 9];

/// A request, and who waits for its reply.
type Waiting = (Request, oneshot::Sender<Result<Finished, StoreError>>);

/// What waits for the next call.
#[derive(Debug, Default)]
pub(crate) struct Finishes {
    waiting: Mutex<Vec<Waiting>>,
    turn: Turn<()>,
}

impl Finishes {
    /// Writes one request, together with all that wait when its turn comes.
    pub(super) async fn write(
        &self,
        queue: &Queue,
        request: Request,
    ) -> Result<Finished, StoreError> {
        let (told, mut answer) = oneshot::channel();
        self.waiting().push((request, told));
        loop {
            // Whoever has the turn writes for all; the others mostly find that they were written for.
            let turn = tokio::select! {
                biased;
                answer = &mut answer => return answer.unwrap_or_else(|_gone| Err(interrupted())),
                turn = self.turn.lock() => turn,
            };
            self.write_waiting(queue).await;
            drop(turn);
        }
    }

    async fn write_waiting(&self, queue: &Queue) {
        let (requests, told): (Vec<Request>, Vec<_>) = {
            let mut waiting = self.waiting();
            let count = waiting.len().min(TOGETHER_MAX);
            let later = waiting.split_off(count);
            mem::replace(&mut *waiting, later).into_iter().unzip()
        };
        if requests.is_empty() {
            return;
        }
        let arguments: Vec<&String> = requests.iter().flatten().collect();
        let replies = queue.run::<Vec<Value>>(&FINISH, &arguments).await;
        let mut replies = replies.map(|items| Reply::new("finish", items));
        for told in told {
            let finished = match &mut replies {
                Ok(replies) => replies.next().and_then(decode_finished),
                Err(error) => Err(error.clone()),
            };
            // Whoever does not wait any more needs no answer.
            drop(told.send(finished));
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever wrote for all was stopped meanwhile.
fn interrupted() -> StoreError {
    StoreError::reply("finish", "the call was interrupted")
}
