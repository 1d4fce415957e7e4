//! Noticing that somebody has logged in.

use std::{path::PathBuf, sync::Arc};

use crate::{
    config::watch::{Watch, WatchError},
    credential::Credential,
    state::State,
};

/// The files in which log-ins are left, of credentials that begin with one. Without such there is
/// nothing to watch, and no watch.
pub struct Logins {
    state: Arc<State>,
    watch: Option<Watch>,
}

impl Logins {
    /// Watches nothing yet.
    pub const fn new(state: Arc<State>) -> Self {
        Self { state, watch: None }
    }

    /// Watches for log-ins of these credentials from now on. The error says why they will be
    /// noticed late.
    pub fn follow(&mut self, credentials: &[Arc<Credential>]) -> Result<(), WatchError> {
        let paths: Vec<PathBuf> = credentials
            .iter()
            .filter(|credential| credential.grant.needs_login())
            .map(|credential| self.state.login_path(&credential.name))
            .collect();
        match &mut self.watch {
            _ if paths.is_empty() => self.watch = None,
            Some(watch) => return watch.set_paths(paths),
            None => {
                let (watch, error) = Watch::new(paths);
                self.watch = Some(watch);
                return error.map_or(Ok(()), Err);
            }
        }
        Ok(())
    }

    /// Waits until a log-in may have come. It can be dropped at any time without losing one.
    pub async fn changed(&mut self) {
        match &mut self.watch {
            Some(watch) => watch.changed().await,
            None => std::future::pending().await,
        }
    }
}
