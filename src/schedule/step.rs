//! The words between the schedule and who performs what it decides.

use std::{sync::Arc, time::Duration};

use super::{Held, Id, ResourceId, TargetId};
use crate::{
    clock::BootTime,
    credential::Notification,
    error::{Evidence, Fault, Pause},
};

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Read the values that the next request needs, on this machine.
    Prepare(Id),
    /// Ask the provider for a token.
    Acquire(Id),
    /// Make the token in hand durable, or the refresh token.
    Save(Id),
    /// Take over a log-in.
    Adopt(Id),
    /// Write the token to its outputs.
    Publish(Id),
    /// Tell a consumer that the outputs of these credentials have changed.
    Notify(TargetId, Arc<Notification>, Vec<Id>),
    /// Ask a resource whether it still takes the token.
    Probe(Id, ResourceId),
    /// Nothing is due before this moment, unless an outcome or a change comes first.
    Wait(Option<BootTime>),
}

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The values for the request are there.
    Prepared,
    /// The provider issued a token that was asked for at this moment and lives for this long.
    Acquired {
        /// When the request was sent.
        requested_at: BootTime,
        /// Counted from then.
        lifetime: Duration,
        /// When the grant ends, likewise, if refreshing extends it.
        grant: Option<Duration>,
    },
    /// It did not, or the values for the request are not there.
    Refused(Refusal),
    /// The token is durable.
    Saved,
    /// A refresh token is durable that came without a token to publish.
    Kept,
    /// It could not be made durable.
    NotSaved,
    /// A log-in was taken over: from here on its token is the one in our hands. `None`: there was
    /// none whose token is of use, and nothing changes.
    Adopted(Option<Held>),
    /// It could not be taken over.
    NotAdopted,
    /// The outputs are whole; whether their bytes changed.
    Published {
        /// Consumers are told only then.
        changed: bool,
    },
    /// At least one output could not be written.
    NotPublished {
        /// Whether the bytes of another one changed.
        changed: bool,
    },
}

/// Why a request brought no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of failure it was. [`Fault::Local`] means that nothing was sent.
    pub fault: Fault,
    /// What it says of the endpoint.
    pub evidence: Evidence,
    /// What the server asked for.
    pub pause: Option<Pause>,
}

/// What the operator allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests under way at once, over all endpoints.
    pub concurrent_requests: usize,
    /// The least time between two requests to one endpoint.
    pub endpoint_spacing: Duration,
}

impl Limits {
    /// Whether anything may be sent: a daemon that ends sends nothing more.
    pub const fn allows_requests(&self) -> bool {
        self.concurrent_requests > 0
    }
}

/// What a reload changed for a credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Another token is wanted: its inputs changed.
    pub acquire: bool,
    /// The token has to be written again: its outputs changed.
    pub publish: bool,
}
