//! What issuers have said, and who is asking one now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::OnceCell;

use super::{DiscoveryError, Metadata};
use crate::{clock::BootTime, credential::TokenEndpoint, error::Fault};

/// Endpoints move about once in years, and a wrong one is noticed when it is asked.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

type Answer = Result<Arc<Metadata>, Arc<DiscoveryError>>;

/// One question per issuer, however many credentials it has.
#[derive(Default)]
pub struct Issuers(Mutex<HashMap<TokenEndpoint, Arc<Question>>>);

/// A question to an issuer, shared by all who wait for its answer.
struct Question {
    asked_at: BootTime,
    answer: OnceCell<Answer>,
    /// What it said a day ago.
    before: Option<Arc<Metadata>>,
}

impl Issuers {
    /// The answer that is known, or is under way, or that `ask` brings.
    pub async fn known<Ask>(&self, issuer: &TokenEndpoint, now: BootTime, ask: Ask) -> Answer
    where
        Ask: AsyncFnOnce() -> Result<Metadata, DiscoveryError>,
    {
        let question = self.question(issuer, now);
        let answer = question.answer.get_or_init(async || match (ask().await, &question.before) {
            (Ok(metadata), _) => Ok(Arc::new(metadata)),
            // The issuer is down, but its token endpoint need not be.
            (Err(error), Some(before)) if error.fault() == Fault::Transient => Ok(before.clone()),
            (Err(error), _) => Err(Arc::new(error)),
        });
        answer.await.clone()
    }

    /// Lets the next attempt ask again.
    pub fn forget(&self, issuer: &TokenEndpoint) {
        self.lock().remove(issuer);
    }

    fn question(&self, issuer: &TokenEndpoint, now: BootTime) -> Arc<Question> {
        let mut questions = self.lock();
        let last = questions.get(issuer);
        let before = match last.map(|last| (last, last.answer.get())) {
            Some((last, None)) => return last.clone(),
            Some((last, Some(Ok(_)))) if now.since(last.asked_at) < KEPT => return last.clone(),
            Some((_, Some(Ok(metadata)))) => Some(metadata.clone()),
            Some((_, Some(Err(_)))) | None => None,
        };
        let question = Arc::new(Question { asked_at: now, answer: OnceCell::new(), before });
        questions.insert(issuer.clone(), question.clone());
        question
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TokenEndpoint, Arc<Question>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
