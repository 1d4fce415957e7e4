//! What becomes of the outputs of credentials that have left.
//!
//! They go only when nothing of their credential is under way any more, lest a publication bring
//! them back; and only if no other credential writes them now.

use std::{collections::HashSet, path::PathBuf, time::Duration};

use super::{Ended, Refresher, ended::local};
use crate::{
    credential::{Credential, Name, OnRemove, Output},
    error::Task,
    observe::Event,
    publish::{PublishError, withdraw, withdraw_secrets},
    state::Record,
};

/// The outputs of a credential that has left were removed, or why they could not be.
pub type Withdrawal = (Name, Result<usize, PublishError>);

/// What is to be removed when the credential leaves: each file that its outputs consist of.
pub fn removable(credential: &Credential) -> Box<[PathBuf]> {
    match credential.on_remove {
        OnRemove::Keep => [].into(),
        OnRemove::Remove => credential.outputs.iter().flat_map(Output::files).collect(),
    }
}

impl Refresher {
    /// Removes what belonged to those that have left and are quiet now, in one task for all.
    pub(super) fn withdraw(&mut self) {
        if self.leaving.is_empty() {
            return;
        }
        let leaving = std::mem::take(&mut self.leaving);
        let mut files: Vec<_> = leaving
            .iter()
            .map(|credential| (credential.name.clone(), removable(credential).into_vec()))
            .collect();
        let claimed = self.claimed(files.iter().flat_map(|(_, files)| files));
        for (_, files) in &mut files {
            files.retain(|file| !claimed.contains(file));
        }
        let directory = self.output_directory.clone();
        let cluster = self.tools.cluster.clone();
        self.tasks.spawn(async move {
            let removing = move || {
                let withdraw = |(name, files): (_, Vec<_>)| (name, withdraw(&directory, &files));
                files.into_iter().map(withdraw).collect()
            };
            // A panic aborts the process, and nothing here cancels a task.
            let removed: Vec<_> = tokio::task::spawn_blocking(removing).await.unwrap_or_default();
            let mut withdrawals = Vec::new();
            for ((name, files), credential) in removed.into_iter().zip(leaving) {
                let secrets = withdraw_secrets(&cluster, &credential).await;
                withdrawals.push((name, files.and_then(|files| Ok(files + secrets?))));
            }
            Ended::Withdraw(withdrawals)
        });
    }

    /// Those of `files` that a credential of the plan writes now.
    fn claimed<'a>(&self, files: impl Iterator<Item = &'a PathBuf>) -> HashSet<PathBuf> {
        let files: HashSet<&PathBuf> = files.collect();
        let items = self.ids.values().filter_map(|id| self.items.get(id));
        let outputs = items.flat_map(|item| &item.credential.outputs);
        outputs.flat_map(Output::files).filter(|file| files.contains(file)).collect()
    }

    pub(super) fn withdrawn(&mut self, withdrawals: Vec<Withdrawal>) {
        for (name, result) in withdrawals {
            match result {
                Ok(files) => self.forget_files(&name, files),
                Err(error) => self.not_withdrawn(&name, &error),
            }
        }
    }

    fn forget_files(&mut self, credential: &Name, files: usize) {
        self.tools.observer.emit(&Event::Withdrawn { credential, files });
        if let Some(&id) = self.ids.get(credential) {
            // It came back meanwhile: what it has published may have been removed.
            self.schedule.republish(id, self.tools.clock.now().boot);
        } else {
            let nothing = |record: &mut Record| record.removable = [].into();
            let _ = self.tools.state.amend(credential, nothing);
        }
    }

    /// The record still says what is to be removed, so the next start tries again.
    fn not_withdrawn(&self, credential: &Name, error: &PublishError) {
        let failure = local(Task::Publish, error.reason(), error);
        let event = Event::Failed { credential, failure: &failure, retry_in: Duration::ZERO };
        self.tools.observer.emit(&event);
    }
}
