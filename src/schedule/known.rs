//! What goes into the schedule and comes out of it about one credential.

use std::{sync::Arc, time::Duration};

use super::Wait;
use crate::{
    clock::BootTime,
    credential::{Client, Notification, RefreshPolicy, TokenEndpoint},
    error::PauseScope,
};

/// What the schedule needs to know of a credential's configuration.
#[derive(Clone, Debug)]
pub struct Spec {
    /// When it is refreshed.
    pub refresh: Arc<RefreshPolicy>,
    /// The token endpoint, whose budget it shares.
    pub endpoint: Arc<TokenEndpoint>,
    /// The client, whose pauses it shares.
    pub client: Arc<Client>,
    /// Who is told.
    pub notifications: Box<[Arc<Notification>]>,
}

/// A token that is in our hands, as far as the schedule cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// When it was asked for.
    pub requested_at: BootTime,
    /// Counted from then.
    pub lifetime: Duration,
    /// When the grant ends unless it is refreshed before, counted from then; `None` if it does not
    /// end, or if refreshing does not extend it.
    pub grant: Option<Duration>,
    /// When it is to be refreshed: drawn once, when it was issued.
    pub due: BootTime,
}

/// What is known of a credential from before this process started.
#[derive(Clone, Copy, Debug, Default)]
pub struct Resume {
    /// The token that the state directory holds for exactly these inputs.
    pub held: Option<Held>,
    /// The same if it has expired: nothing to publish, but the credential has worked once.
    pub past: Option<Held>,
    /// When the last request was sent: a crash loop stays gentle.
    pub last_request: Option<BootTime>,
    /// A pause that the last refusal asked for, and its end.
    pub pause: Option<(PauseScope, BootTime)>,
    /// Consumers were not told of the last change.
    pub untold: bool,
}

/// What is known of a credential now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The token in our hands.
    pub held: Option<Held>,
    /// When the next request is due; it may be sent later for its endpoint's sake.
    pub request_at: BootTime,
    /// When the next request can be sent at the earliest, as far as that is known.
    pub expected_at: BootTime,
    /// What it waits for beyond its own moment.
    pub wait: Option<Wait>,
    /// When a save, an adoption or a publication is due.
    pub local_at: Option<BootTime>,
    /// When a consumer is told of it.
    pub tell_at: Option<BootTime>,
    /// Requests that failed since the last token.
    pub failures: u32,
    /// Asking again changes nothing until an input changes.
    pub parked: bool,
}

impl Held {
    /// When it is no longer good.
    pub fn expires(&self) -> BootTime {
        self.requested_at + self.lifetime
    }
}
