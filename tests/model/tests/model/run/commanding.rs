//! Commands that programs submit.

use std::collections::BTreeMap;

use antre_core::command;
use serde_json::json;

use super::{Fault, Run};
use crate::{
    model::{Command, CommandTarget, Entry, place},
    operation::Asked,
};

/// What waits in the inbox.
#[derive(Clone, Debug)]
pub(super) enum Submitted {
    Job(Entry),
    Command(String, Command),
}

impl Run {
    pub(super) async fn command(&mut self, asked: Asked, is_at_once: bool) -> Result<(), Fault> {
        let Asked { kind, expire, way, number } = asked;
        let target = match way {
            0 | 1 => CommandTarget::Job(self.any_submitted(number)),
            2 | 3 => CommandTarget::ExternalId(format!("INV-{}", number % 12)),
            4 | 5 => CommandTarget::Batch(format!("batch-{}", number % 4)),
            _ => CommandTarget::AllDead,
        };
        let id = self.next_id();
        let command = Command { kind, target, expire, counts: BTreeMap::new() };
        let mut add = redis::cmd("XADD");
        add.arg(self.queue.keys().inbox()).arg(&id).arg(kind.as_str()).arg(text(&command));
        add.exec_async(&mut self.connection).await.unwrap();
        self.model.inbox.insert(place(&id));
        let submitted = Submitted::Command(id, command);
        if is_at_once {
            return self.take(submitted).await;
        }
        self.inbox.push(submitted);
        Ok(())
    }

    pub(super) async fn take_in(&mut self, number: usize) -> Result<(), Fault> {
        if self.inbox.is_empty() {
            return Ok(());
        }
        let submitted = self.inbox.remove(number % self.inbox.len());
        self.take(submitted).await
    }

    async fn take(&mut self, submitted: Submitted) -> Result<(), Fault> {
        let (id, command) = match submitted {
            Submitted::Job(entry) => return self.accept_entry(&entry).await,
            Submitted::Command(id, command) => (id, command),
        };
        let parsed = command::parse(command.kind, text(&command).as_bytes());
        // Taking a command in twice is harmless.
        for _ in 0..2 {
            let taken = self.queue.take_command(&id, command.kind, &parsed).await;
            let mut has_more = taken.map_err(|error| error.to_string())?;
            while has_more {
                has_more = self.queue.run_commands().await.map_err(|error| error.to_string())?;
            }
        }
        self.names.commands.insert(id.clone());
        self.model.take_command(&id, command);
        Ok(())
    }

    /// A job, which may still be in the inbox.
    fn any_submitted(&self, number: usize) -> String {
        let waiting = self.inbox.iter().filter_map(|submitted| match submitted {
            Submitted::Job(entry) => Some(&entry.id),
            Submitted::Command(..) => None,
        });
        let all: Vec<_> = self.names.jobs.iter().chain(waiting).collect();
        all.get(number % (all.len() + 1)).map_or_else(|| "1-7".to_owned(), |id| (*id).clone())
    }
}

fn text(command: &Command) -> String {
    let (name, value) = match &command.target {
        CommandTarget::Job(id) => ("job", json!(id)),
        CommandTarget::ExternalId(name) => ("external_id", json!(name)),
        CommandTarget::Batch(name) => ("batch", json!(name)),
        CommandTarget::AllDead => ("all_dead", json!(true)),
    };
    let mut text = json!({ name: value });
    if command.expire {
        text["expire"] = json!(true);
    }
    text.to_string()
}
