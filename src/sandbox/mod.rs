//! An embedded authorization server, for the demo, the tests and offline trials.
//!
//! ```text
//! connection -> server -> exchange -> system | habit | likeness -> Reply -> delivery -> connection
//!                             |
//!                             +-> journal (what was asked, and how it was answered)
//! ```
//!
//! A [`system`] speaks as one real provider does, byte for byte as documented. A [`habit`] is a
//! well-behaved server with one thing wrong. Both are pure functions from a request and an
//! [`occasion`] to a reply, and each is one row of a table. A [`likeness`] is what the sandbox is
//! told of a provider, and answers as that one's documentation shows.
//!
//! The room imports nothing of the client's rooms, so that a mistake on one side is not mirrored
//! on the other.

mod assertion;
mod credentials;
mod delivery;
mod describe;
mod exchange;
mod habit;
mod journal;
mod keys;
mod likeness;
mod memory;
mod occasion;
mod okta;
mod outage;
mod reply;
mod request;
mod server;
mod signed;
mod system;
mod ticket;
mod way_back;

pub use describe::Offer;
pub use journal::{Outcome, Seen};
pub use keys::{RSA_CERTIFICATE, RSA_KEY, write_keys};
pub use likeness::{Answer, Authorization, Expected, Likeness, Login, SignedClaims};
pub use server::{Options, Sandbox, SandboxError};
