//! Cancel and retry.

use std::time::Duration;

use antre_core::{
    JobId,
    backoff::Backoff,
    command::{Command, CommandAnswer},
};
use tokio::time::{Instant, sleep_until};

use crate::{Error, Producer, Result, producer::parse_id};

const LOOK_FIRST: Duration = Duration::from_millis(10);
const LOOK_LONGEST: Duration = Duration::from_secs(1);

impl Producer {
    /// Sends a cancel or a retry. It is about jobs that were enqueued before it.
    ///
    /// # Errors
    /// [`Error::NotServed`]: nothing was sent. [`Error::Store`]: it may have been taken; sending it again is safe.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(producer: antre_producer::Producer) -> antre_producer::Result<()> {
    /// use std::time::Duration;
    ///
    /// use antre_producer::{Command, Target};
    ///
    /// let mut cancel = Command::cancel(Target::ExternalId("INV-1".to_owned()));
    /// cancel.expire = true;
    /// let id = producer.command(&cancel).await?;
    /// let answer = producer.command_answer(&id, Duration::from_secs(45)).await?;
    /// if answer.resolving == 0 {
    ///     println!("no open invoice is left; paid: {}", answer.paid);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn command(&self, command: &Command) -> Result<JobId> {
        match self.queue().submit_command(command).await? {
            Some(id) => Ok(parse_id(id)?),
            None => Err(self.not_served().await),
        }
    }

    /// Waits until everything that a command asked for has ended, and returns what became of it. If that takes longer than
    /// `timeout`, the answer says how much is still `resolving`.
    ///
    /// # Errors
    /// [`Error::NotEnded`] if no worker has taken the command in within `timeout`; [`Error::Store`] if Redis cannot be reached
    /// by then; [`Error::UnreadableResult`].
    pub async fn command_answer(&self, id: &JobId, timeout: Duration) -> Result<CommandAnswer> {
        let deadline = Instant::now() + timeout;
        let mut pause = Backoff::new(LOOK_FIRST, LOOK_LONGEST);
        let ids = [id.to_string()];
        loop {
            let looked = match self.queue().kept_results(&ids).await {
                Ok(kept) => {
                    let answer = kept.into_iter().flatten().next();
                    let answer = answer.map(|json| serde_json::from_str::<CommandAnswer>(&json));
                    let answer = answer
                        .transpose()
                        .map_err(|source| Error::UnreadableResult { id: id.to_string(), source })?;
                    answer.ok_or(Error::NotEnded { id: id.clone(), limit: timeout })
                }
                Err(error) if error.is_passing() => Err(Error::Store(error)),
                Err(error) => return Err(error.into()),
            };
            match looked {
                Ok(answer) if answer.resolving == 0 => return Ok(answer),
                last if Instant::now() >= deadline => return last,
                Ok(_) | Err(_) => sleep_until(deadline.min(Instant::now() + pause.next())).await,
            }
        }
    }
}
