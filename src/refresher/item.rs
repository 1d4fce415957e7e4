//! One credential in the refresher.

use std::{sync::Arc, time::Duration};

use crate::{
    clock::{Now, WallTime},
    credential::Credential,
    schedule::{Held, Resume, Spec},
    state::{Record, Saved},
    token::IssuedToken,
};

/// A credential and, between its request and its publication, its token.
#[derive(Debug)]
pub struct Item {
    /// As configured now.
    pub credential: Arc<Credential>,
    /// The token, and the credential as it was when the token was asked for.
    pub in_hand: Option<(Arc<Credential>, Arc<IssuedToken>)>,
}

/// No endpoint is left alone for longer, whatever the clock showed when it asked.
const DAY: Duration = Duration::from_secs(86_400);

/// What the schedule needs to know of a credential.
pub fn spec(credential: &Credential) -> Spec {
    Spec {
        refresh: credential.refresh.clone(),
        endpoint: credential.endpoint.clone(),
        notifications: credential.notifications.clone(),
    }
}

/// What the state directory knows of a credential, as moments of this boot.
pub fn resume(credential: &Credential, saved: Option<&Saved>, record: &Record, now: Now) -> Resume {
    let ago = |date: WallTime| now.boot - now.wall.since(date);
    Resume {
        held: saved
            .filter(|saved| saved.fits(credential))
            .and_then(|saved| held(credential, saved, now)),
        last_request: record.requested_at.map(ago),
        paused_until: record.paused_until.map(|date| now.boot + date.since(now.wall).min(DAY)),
        untold: record.untold,
    }
}

/// A saved token, counted from now: the boot clock may have started after it was issued. `None`
/// if it is no longer good. A calendar moment that passed meanwhile makes it due.
fn held(credential: &Credential, saved: &Saved, now: Now) -> Option<Held> {
    let remaining = saved.token.lifetime.duration.checked_sub(saved.age)?;
    let issued = saved.token.requested_at.wall;
    let calendar = credential.refresh.calendar.as_ref();
    let missed = calendar.and_then(|calendar| calendar.next_after(issued));
    let due = if missed.is_some_and(|moment| moment <= now.wall) {
        now.boot
    } else {
        now.boot + saved.refresh_after.saturating_sub(saved.age)
    };
    Some(Held { requested_at: now.boot, lifetime: remaining, due })
}
