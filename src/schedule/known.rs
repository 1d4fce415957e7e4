//! What goes into the schedule and comes out of it about one credential.

use std::{sync::Arc, time::Duration};

use crate::{
    clock::BootTime,
    credential::{Notification, RefreshPolicy, TokenEndpoint},
};

/// What the schedule needs to know of a credential's configuration.
#[derive(Clone, Debug)]
pub struct Spec {
    /// When it is refreshed.
    pub refresh: Arc<RefreshPolicy>,
    /// Whom it shares a budget with.
    pub endpoint: Arc<TokenEndpoint>,
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
    /// When it is to be refreshed: drawn once, when it was issued.
    pub due: BootTime,
}

/// What is known of a credential from before this process started.
#[derive(Clone, Copy, Debug, Default)]
pub struct Resume {
    /// The token that the state directory holds for exactly these inputs.
    pub held: Option<Held>,
    /// When the last request was sent: a crash loop stays gentle.
    pub last_request: Option<BootTime>,
    /// Until when the endpoint asked to be left alone.
    pub paused_until: Option<BootTime>,
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
    /// Until when its endpoint asked to be left alone.
    pub paused_until: BootTime,
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
