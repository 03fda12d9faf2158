//! Commands that programs write into the inbox: cancel and retry.

use antre_core::{
    command::{Command, CommandKind, Target},
    job::InvalidJob,
};

use crate::{
    Queue, StoreError,
    script::{NO_ARGUMENTS, RUN_COMMANDS, TAKE_COMMAND},
};

impl Queue {
    /// Takes the command in the entry `id` out of the inbox and does the first portion of its work; a text that is no
    /// command is answered with what is wrong with it. Returns whether there is more to do for commands.
    ///
    /// # Errors
    /// Any [`StoreError`]; repeating the call is harmless.
    pub async fn take_command(
        &self,
        id: &str,
        kind: CommandKind,
        command: &Result<Command, InvalidJob>,
    ) -> Result<bool, StoreError> {
        let (target, name, expire, note, fault) = match command {
            Ok(command) => {
                let (target, name) = words(&command.target);
                (target, name, command.expire, note(command), String::new())
            }
            Err(invalid) => ("", "", false, String::new(), invalid.to_string()),
        };
        let expire = if expire { "1" } else { "" };
        let arguments = [id, kind.as_str(), target, name, expire, &note, &fault];
        has_more(&self.run::<String>(&TAKE_COMMAND, &arguments).await?)
    }

    /// Does one portion of the work of commands. Returns whether there is more.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn run_commands(&self) -> Result<bool, StoreError> {
        has_more(&self.run::<String>(&RUN_COMMANDS, NO_ARGUMENTS).await?)
    }
}

fn has_more(reply: &str) -> Result<bool, StoreError> {
    match reply {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err(StoreError::reply("commands", "neither 0 nor 1")),
    }
}

fn words(target: &Target) -> (&'static str, &str) {
    match target {
        Target::Job(id) => ("job", id.as_str()),
        Target::ExternalId(name) => ("external_id", name.as_str()),
        Target::Batch(name) => ("batch", name.as_str()),
        Target::AllDead => ("all_dead", ""),
    }
}

/// Returns who asks and why, for the stream of events.
fn note(command: &Command) -> String {
    let (by, reason) = (command.by.as_deref(), command.reason.as_deref());
    [by, reason].into_iter().flatten().collect::<Vec<_>>().join(": ")
}
