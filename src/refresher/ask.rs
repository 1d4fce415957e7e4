//! One request, from the token before to the token after.

use std::{sync::Arc, time::Duration};

use super::{
    item::{Alone, InHand},
    lost_answer::Sending,
};
use crate::{
    acquire::{AcquireError, Acquirer, Attempt, Prepared, Rescued},
    clock::Now,
    credential::Credential,
    error::{Evidence, Fault, Pause},
    state::{State, StateError, Unanswered},
    token::IssuedToken,
};

/// What a request is made with. The token before is read when it is needed: it is not kept in
/// memory for every credential.
pub struct Ask {
    /// For what.
    pub credential: Arc<Credential>,
    /// The same, with what programs have printed for this request.
    pub prepared: Arc<Credential>,
    /// The moment of sending.
    pub sent_at: Now,
    /// For the exchange.
    pub deadline: Duration,
    /// Which of the client's secrets is in turn.
    pub client_secret: usize,
    /// The token before, if it is not saved yet.
    pub unsaved: Option<InHand>,
    /// A refresh token that is not saved yet.
    pub alone: Option<Arc<Alone>>,
    /// Who asks.
    pub acquirer: Arc<Acquirer>,
    /// Where the token before is, and the mark of what is sent.
    pub state: Arc<State>,
}

/// Why a request brought no token.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The provider, or what leads to it.
    #[error(transparent)]
    Acquire(#[from] AcquireError),
    /// The refresh token could not be read, or what comes of it could not be saved: then it is
    /// not spent.
    #[error(transparent)]
    State(#[from] StateError),
}

/// The token before.
struct Before {
    token: Arc<IssuedToken>,
    /// Whether it still opens something.
    is_good: bool,
    /// Whether it is what the credential would be issued now.
    fits: bool,
    /// Whether a resource has refused it.
    is_revoked: bool,
}

impl Before {
    /// The token, if another would be no better: it does not expire, nothing has changed, and
    /// nobody has refused it.
    fn lasting(&self) -> Option<IssuedToken> {
        let lasts = self.fits && !self.is_revoked && self.token.lifetime.is_unlimited();
        lasts.then(|| (*self.token).clone())
    }
}

impl AskError {
    /// Whether it can pass by itself, and on which side.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Acquire(error) => error.fault(),
            Self::State(error) => error.fault(),
        }
    }

    /// A stable word for logs and metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Acquire(error) => error.reason(),
            Self::State(error) => error.reason(),
        }
    }

    /// Whether another secret of the client may do better.
    pub fn concerns_client_secret(&self) -> bool {
        match self {
            Self::Acquire(error) => error.concerns_client_secret(),
            Self::State(_) => false,
        }
    }

    /// Whether it stays open what became of the request.
    pub const fn leaves_open(&self) -> bool {
        match self {
            Self::Acquire(error) => error.leaves_open(),
            Self::State(_) => false,
        }
    }

    /// What it says of the endpoint.
    pub fn evidence(&self) -> Evidence {
        match self {
            Self::Acquire(error) => error.evidence(),
            Self::State(_) => Evidence::Unknown,
        }
    }

    /// The pause that the server asked for.
    pub fn pause(&self) -> Option<Pause> {
        match self {
            Self::Acquire(error) => error.pause(),
            Self::State(_) => None,
        }
    }

    /// A refresh token that must be kept in spite of it.
    pub fn rescued(&self) -> Option<&Rescued> {
        match self {
            Self::Acquire(error) => error.rescued(),
            Self::State(_) => None,
        }
    }
}

impl Ask {
    /// Asks, once.
    pub async fn perform(self) -> Result<IssuedToken, AskError> {
        let before = self.before().await?;
        if let Some(token) = before.as_ref().and_then(Before::lasting) {
            return Ok(token);
        }
        let attempt = Attempt {
            credential: &self.prepared,
            sent_at: self.sent_at,
            deadline: self.deadline,
            previous: before.as_ref().map(|before| &*before.token),
            client_secret: self.client_secret,
        };
        let prepared = self.acquirer.prepare(&attempt).await?;
        let on_record = self.mark(&prepared, before.as_ref())?;
        let result = self.acquirer.send(&attempt, prepared).await;
        Ok(result.inspect_err(|error| self.unmark(on_record, error))?)
    }

    /// Whether a token comes of the one before; others begin anew each time.
    fn goes_on(&self) -> bool {
        let grant = &self.credential.grant;
        grant.has_refresh_token() || grant.needs_login()
    }

    /// One of other inputs is handed in as well: the grant may be the same.
    async fn before(&self) -> Result<Option<Before>, AskError> {
        if !self.goes_on() {
            return Ok(None);
        }
        if let Some(unsaved) = self.unsaved.as_ref().filter(|it| it.is_of_host(&self.credential)) {
            return Ok(Some(Before {
                token: unsaved.token.clone(),
                is_good: unsaved.is_good(self.sent_at.boot),
                fits: unsaved.fits(&self.credential),
                is_revoked: false,
            }));
        }
        let (state, name, now) = (self.state.clone(), self.credential.name.clone(), self.sent_at);
        let alone = self.alone.clone();
        let loaded = tokio::task::spawn_blocking(move || {
            if let Some(alone) = alone {
                alone.save(&state)?;
            }
            state.load(&name, now)
        });
        // A panic aborts the process, and nothing here cancels a task.
        let Ok(loaded) = loaded.await else { return Ok(None) };
        // One that cannot be read is never taken for a missing one.
        let saved = loaded?.filter(|saved| saved.is_of_host(&self.credential));
        let is_revoked = self.state.record(&self.credential.name).is_revoked();
        Ok(saved.map(|saved| Before {
            is_good: saved.is_good() && !is_revoked,
            fits: saved.fits(&self.credential),
            is_revoked,
            token: Arc::new(saved.token),
        }))
    }

    /// Puts on record, durable, that a refresh token is being sent; gives what was on record
    /// before. A disk that takes no mark would not take the next refresh token either, so this one
    /// is not spent then.
    fn mark(
        &self,
        prepared: &Prepared,
        before: Option<&Before>,
    ) -> Result<Option<Unanswered>, AskError> {
        let Some(refresh_token) = prepared.refresh_token() else { return Ok(None) };
        let name = &self.credential.name;
        let on_record = self.state.record(name).unanswered;
        let sending = Sending {
            refresh_token,
            mark: on_record.as_ref(),
            answered_at: before.map(|before| before.token.requested_at.wall),
            // Where a new token ends the one before, the request that was lost may have done so.
            is_good: before.is_some_and(|before| before.is_good)
                && !self.credential.refresh.exclusive,
            now: self.sent_at.wall,
        };
        let renewal = self.credential.renewal.as_deref();
        let rule = renewal.and_then(|renewal| renewal.after_lost_answer);
        let Some(mark) = sending.mark(rule) else {
            let login = self.credential.grant.needs_login();
            return Err(AcquireError::LostAnswer { name: name.clone(), login }.into());
        };
        self.state.mark_unanswered(name, mark)?;
        Ok(on_record)
    }

    /// A refusal is an answer; what was not sent needs none. A new refresh token needs its mark
    /// until it is saved.
    fn unmark(&self, before: Option<Unanswered>, error: &AcquireError) {
        if !self.goes_on() || error.leaves_open() || error.rescued().is_some() {
            return;
        }
        let mark = if matches!(error, AcquireError::Transport(_)) { before } else { None };
        // A mark that stays is taken for a lost answer, which is the careful side.
        let _ = self.state.amend(&self.credential.name, |record| record.unanswered = mark);
    }
}
