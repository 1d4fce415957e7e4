//! One credential in the refresher.

use std::{sync::Arc, time::Duration};

use crate::{
    acquire::Rescued,
    clock::{BootTime, Now, WallTime},
    credential::Credential,
    schedule::{Held, Resume, Spec, refresh_moment},
    state::{Record, Saved, State, StateError},
    token::IssuedToken,
};

/// A credential and, between its request and its publication, its token.
#[derive(Debug)]
pub struct Item {
    /// As configured now.
    pub credential: Arc<Credential>,
    /// The token. Few have one at a time, so it is small when absent.
    pub in_hand: Option<Box<InHand>>,
    /// A refresh token that came without such a token and is not durable yet.
    pub alone: Option<Arc<Alone>>,
    /// The credential with what programs have printed for its next request, if any have.
    pub prepared: Option<Box<Prepared>>,
}

/// What programs have printed for the next request.
#[derive(Debug)]
pub struct Prepared {
    /// The credential as it was when they ran.
    pub of: Arc<Credential>,
    /// The same, with their output in their place.
    pub with: Arc<Credential>,
    /// When.
    pub at: BootTime,
}

/// A refresh token that came with nothing else of use.
#[derive(Debug)]
pub struct Alone {
    /// The credential as it was when the request was sent.
    pub credential: Arc<Credential>,
    /// What came.
    pub rescued: Rescued,
}

impl Alone {
    /// Makes it durable.
    pub fn save(&self, state: &State) -> Result<(), StateError> {
        let Rescued { refresh_token, origin } = &self.rescued;
        state.keep_refresh_token(&self.credential, refresh_token, origin.clone())
    }
}

/// A token that is not published yet.
#[derive(Clone, Debug)]
pub struct InHand {
    /// The credential as it was when the token was asked for.
    pub credential: Arc<Credential>,
    /// The token.
    pub token: Arc<IssuedToken>,
    /// Whether it is durable: a process that ends does not lose it.
    pub saved: bool,
}

impl InHand {
    /// Whether the token is what `credential` would be issued now, as with
    /// [`Saved::fits`](crate::state::Saved::fits).
    pub fn fits(&self, credential: &Credential) -> bool {
        let asked = &self.credential;
        let same_material =
            asked.material.zip(credential.material).is_none_or(|(asked, now)| asked == now);
        asked.inputs == credential.inputs && same_material
    }

    /// Whether it was issued where `credential` asks now: its refresh token goes to no other host.
    pub fn is_of_host(&self, credential: &Credential) -> bool {
        self.credential.endpoint.url.host_str() == credential.endpoint.url.host_str()
    }

    /// Takes over a refresh token that came later, and whose it is.
    pub fn take_over(&mut self, alone: &Alone) {
        let Alone { credential, rescued } = alone;
        let token = Arc::make_mut(&mut self.token);
        token.refresh_token = Some(rescued.refresh_token.clone());
        token.origin.clone_from(&rescued.origin);
        Arc::make_mut(&mut self.credential).endpoint = credential.endpoint.clone();
        self.saved = false;
    }

    /// Whether its access token still opens something.
    pub fn is_good(&self, now: BootTime) -> bool {
        self.token.requested_at.boot + self.token.lifetime.duration > now
    }
}

impl Item {
    /// A credential with nothing in hand.
    pub const fn new(credential: Arc<Credential>) -> Self {
        Self { credential, in_hand: None, alone: None, prepared: None }
    }

    /// The credential as its next request is composed of it; what programs have printed is used
    /// once, soon, and only for what is configured now. Otherwise they run again.
    pub fn take_prepared(&mut self, now: BootTime) -> Arc<Credential> {
        let prepared = self
            .prepared
            .take()
            .filter(|it| Arc::ptr_eq(&it.of, &self.credential) && now.since(it.at) <= PREPARED_FOR);
        prepared.map_or_else(|| self.credential.clone(), |it| it.with)
    }

    /// The token in hand, if it is newer than what is saved.
    pub fn unsaved(&self) -> Option<&InHand> {
        self.in_hand.as_deref().filter(|it| !it.saved)
    }

    /// Whether a process that ends now loses nothing of it.
    pub fn is_durable(&self) -> bool {
        self.unsaved().is_none() && self.alone.is_none()
    }
}

/// What programs have printed counts for so long.
const PREPARED_FOR: Duration = Duration::from_secs(60);

/// What the schedule needs to know of a credential.
pub fn spec(credential: &Credential) -> Spec {
    Spec {
        refresh: credential.refresh.clone(),
        endpoint: credential.endpoint.clone(),
        client: credential.client.clone(),
        notifications: credential.notifications.clone(),
    }
}

/// What the state directory knows of a credential, as moments of this boot.
pub fn resume(credential: &Credential, saved: Option<&Saved>, record: &Record, now: Now) -> Resume {
    let ago = |date: WallTime| now.boot - now.wall.since(date);
    let saved = saved.filter(|saved| saved.fits(credential));
    let held = saved.and_then(|saved| held(credential, saved, record.grant_extends, now));
    Resume {
        held,
        past: saved.filter(|_| held.is_none()).map(|saved| past(saved, now)),
        last_request: record.requested_at.map(ago),
        pause: record.pause_left(now.wall).map(|pause| (pause.scope, now.boot + pause.span)),
        untold: record.untold,
    }
}

/// A saved token, on this boot's clock. `None` if it is no longer good. It is due when it was to be
/// refreshed, or earlier if the policy has become stricter or a calendar moment has passed.
pub fn held(credential: &Credential, saved: &Saved, grant_extends: bool, now: Now) -> Option<Held> {
    let remaining = saved.token.lifetime.duration.checked_sub(saved.age)?;
    // A token from before this boot counts as issued at the boot, with what it had left then.
    let age = saved.age.min(now.boot.since(BootTime::default()));
    let (requested_at, lifetime) = (now.boot - age, age + remaining);
    let policy = &credential.refresh;
    let grant = grant_left(&saved.token).filter(|_| grant_extends);
    let latest = refresh_moment(policy, requested_at, lifetime, grant, 0.0);
    let issued = saved.token.requested_at.wall;
    let missed = policy.calendar.as_ref().and_then(|calendar| calendar.next_after(issued));
    let due = if missed.is_some_and(|moment| moment <= now.wall) {
        now.boot
    } else {
        (now.boot + saved.refresh_after.saturating_sub(saved.age)).min(latest)
    };
    Some(Held { requested_at, lifetime, grant, due })
}

/// A saved token that has expired.
fn past(saved: &Saved, now: Now) -> Held {
    let lifetime = saved.token.lifetime.duration.min(saved.age);
    Held { requested_at: now.boot - saved.age, lifetime, grant: None, due: now.boot }
}

/// When the grant of a token ends unless it is refreshed, counted from the request.
pub fn grant_left(token: &IssuedToken) -> Option<Duration> {
    let ends = token.refresh_token.as_ref()?.expires_at?;
    Some(ends.since(token.requested_at.wall))
}
