//! What can happen, and how the log says it.

use std::{path::Path, time::Duration};

use tracing::{debug, error, info, warn};

use crate::{
    credential::Name,
    error::{Failure, Fault},
    token::Lifetime,
};

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The daemon runs.
    Started {
        /// The configuration.
        configuration: &'a Path,
        /// How many credentials it has.
        credentials: usize,
    },
    /// A changed configuration is in force.
    Reloaded(Counts),
    /// A changed configuration is wrong; the old plan stays in force.
    ReloadRefused {
        /// How many errors it has.
        errors: usize,
        /// The first, with its place.
        first: &'a str,
    },
    /// A provider issued a token.
    Acquired {
        /// For which credential.
        credential: &'a Name,
        /// How long it lives, and how that is known.
        lifetime: Lifetime,
        /// When it will be refreshed.
        refresh_in: Duration,
    },
    /// A log-in was taken over.
    Adopted {
        /// For which credential.
        credential: &'a Name,
        /// How long its token lives, and how that is known.
        lifetime: Lifetime,
        /// When it will be refreshed.
        refresh_in: Duration,
    },
    /// The refresh token ends soon, and refreshing does not extend it.
    GrantEnds {
        /// Whose.
        credential: &'a Name,
        /// When.
        ends_in: Duration,
    },
    /// Another client secret than the last time got a token.
    OtherSecret {
        /// For which credential.
        credential: &'a Name,
        /// Its place in the configuration, from one.
        number: u32,
        /// How many there are.
        of: usize,
    },
    /// Outputs were written.
    Published {
        /// Whose.
        credential: &'a Name,
        /// How many files changed.
        changed: usize,
        /// How long consumers may have had a token that was ended by this one, if it ends the one
        /// before: from the request to now.
        outage: Option<Duration>,
    },
    /// A consumer was told.
    Notified {
        /// What was done, without values.
        target: &'a str,
        /// For how many credentials.
        credentials: usize,
    },
    /// A step failed.
    Failed {
        /// Whose.
        credential: &'a Name,
        /// Which, and why.
        failure: &'a Failure,
        /// When it is tried again.
        retry_in: Duration,
    },
    /// A resource was asked whether it takes the token.
    Probed {
        /// Whose.
        credential: &'a Name,
        /// What it said.
        result: ProbeResult,
    },
    /// Something that a person should look at; the daemon goes on.
    Warning(&'a str),
    /// Temporary files of a daemon that was killed were removed.
    Swept {
        /// How many.
        files: usize,
    },
    /// The wall clock was stepped: dates on disk are written anew, and nobody is asked.
    ClockStepped {
        /// By how many seconds; below zero: back.
        seconds: i64,
    },
    /// A credential left the configuration; its outputs stay.
    Removed {
        /// Which.
        credential: &'a Name,
    },
    /// A credential left the configuration, and its outputs were removed.
    Withdrawn {
        /// Which.
        credential: &'a Name,
        /// How many files there were.
        files: usize,
    },
    /// Another replica works.
    StandingBy {
        /// By this Lease.
        lease: &'a str,
        /// Who holds it.
        holder: &'a str,
    },
    /// The Lease is ours: we work.
    Elected {
        /// Which.
        lease: &'a str,
    },
    /// The Lease is ours no more: another may work.
    Deposed {
        /// Which.
        lease: &'a str,
    },
    /// The daemon finishes what is under way.
    Draining {
        /// Requests, saves and publications under way.
        under_way: usize,
    },
    /// The daemon ends.
    Stopped,
}

/// What a probe says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeResult {
    /// It is good.
    Accepted,
    /// It is not any more.
    Revoked,
    /// Nothing.
    Unclear,
}

impl ProbeResult {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Unclear => "unclear",
        }
    }
}

/// What a reload changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New credentials.
    pub added: usize,
    /// Credentials with other settings or secrets.
    pub changed: usize,
    /// Credentials that are gone.
    pub removed: usize,
}

/// One event, one line.
pub(super) fn log(event: &Event<'_>) {
    match *event {
        Event::Started { configuration, credentials } => {
            info!(configuration = %configuration.display(), credentials, "started");
        }
        Event::Reloaded(Counts { added, changed, removed }) => {
            info!(added, changed, removed, "configuration reloaded");
        }
        Event::ReloadRefused { errors, first } => {
            error!(errors, %first, "configuration refused, the old one stays in force");
        }
        Event::Acquired { credential, lifetime, refresh_in } => {
            log_acquired(credential, lifetime, refresh_in);
        }
        Event::Adopted { credential, lifetime, refresh_in } => {
            log_adopted(credential, lifetime, refresh_in);
        }
        Event::GrantEnds { credential, ends_in } => {
            let ends_in_s = ends_in.as_secs();
            warn!(
                %credential, ends_in_s,
                "the grant ends soon, and refreshing does not extend it: begin it anew in time"
            );
        }
        Event::OtherSecret { credential, number, of } => {
            info!(%credential, number, of, "another client secret is in use");
        }
        Event::Published { credential, changed: 0, .. } => {
            debug!(%credential, "outputs are as they should be");
        }
        Event::Published { credential, changed, outage } => {
            let outage_ms = outage.and_then(|outage| u64::try_from(outage.as_millis()).ok());
            info!(%credential, files = changed, outage_ms, "published");
        }
        Event::Notified { target, credentials } => info!(%target, credentials, "consumer told"),
        Event::Failed { credential, failure, retry_in } => {
            log_failure(credential, failure, retry_in);
        }
        Event::Probed { credential, result } => {
            let result = result.as_str();
            debug!(%credential, %result, "token probed");
        }
        Event::Warning(text) => warn!("{text}"),
        Event::Swept { files } => info!(files, "removed temporary files of a killed daemon"),
        Event::ClockStepped { seconds } => {
            warn!(seconds, "the clock was stepped; dates on disk are written anew");
        }
        Event::StandingBy { lease, holder } => info!(%lease, %holder, "standing by"),
        Event::Elected { lease } => info!(%lease, "elected: this replica works"),
        Event::Deposed { lease } => {
            error!(%lease, "the Lease could not be renewed in time: another replica may work now");
        }
        Event::Removed { credential } => {
            info!(%credential, "no longer configured; its files are kept");
        }
        Event::Withdrawn { credential, files } => {
            info!(%credential, files, "no longer configured; its outputs are removed");
        }
        Event::Draining { under_way } => info!(under_way, "stopping, finishing what is under way"),
        Event::Stopped => info!("stopped"),
    }
}

fn log_adopted(credential: &Name, lifetime: Lifetime, refresh_in: Duration) {
    if lifetime.is_unlimited() {
        info!(%credential, "log-in taken over; the token does not expire");
        return;
    }
    let (lifetime_s, refresh_in_s) = (lifetime.duration.as_secs(), refresh_in.as_secs());
    info!(%credential, lifetime_s, refresh_in_s, "log-in taken over");
}

fn log_acquired(credential: &Name, lifetime: Lifetime, refresh_in: Duration) {
    let (lifetime_s, refresh_in_s) = (lifetime.duration.as_secs(), refresh_in.as_secs());
    if let Some(assumption) = lifetime.source.assumption() {
        let reason = assumption.as_str();
        warn!(
            %credential, lifetime_s, refresh_in_s, %reason,
            "token acquired; the reply has no usable lifetime, so assume_lifetime is used"
        );
    } else if lifetime.is_unlimited() {
        info!(%credential, "the token in hand is kept; it does not expire");
    } else {
        info!(%credential, lifetime_s, refresh_in_s, "token acquired");
    }
}

fn log_failure(credential: &Name, failure: &Failure, retry_in: Duration) {
    let Failure { task, fault, reason, message } = failure;
    let (task, fault, retry_in_s) = (task.as_str(), fault.as_str(), retry_in.as_secs());
    match failure.fault {
        Fault::Transient => {
            warn!(%credential, %task, %fault, %reason, retry_in_s, "{message}");
        }
        Fault::Permanent | Fault::Local => {
            error!(%credential, %task, %fault, %reason, retry_in_s, "{message}");
        }
    }
}
