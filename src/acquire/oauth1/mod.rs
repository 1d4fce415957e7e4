//! OAuth 1.0a (RFC 5849): three legs to a token that mostly never expires, and a signature for
//! each request that is made with it.
//!
//! ```text
//! encode --> base_string --+
//!            signature ----+--> message (in the header, the body or the query)
//!                                  ^                ^
//!     legs: temporary credentials, |   sign: one request of a consumer
//!     (owner: the page), token credentials --> answer --> IssuedToken
//!     session: the next token credentials --------^
//! ```
//!
//! All but the legs and the session is pure, apart from reading a private key: moment and nonce are arguments.

mod answer;
mod base_string;
mod encode;
mod error;
mod legs;
mod message;
mod owner;
mod session;
mod sign;
mod signature;

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

pub(super) use self::session::Renewal;
pub use self::{
    error::{Leg, OAuth1Error},
    owner::OwnerAuthorization,
    sign::{RequestBody, SignedRequest},
};
use super::Randomness;
use crate::clock::WallTime;

/// What makes a request the only one of its kind (RFC 5849, section 3.3).
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// By the clock of the server. No two log-ins may have the same: there are servers that tell
    /// them apart by nothing else, and give both one token.
    pub timestamp: WallTime,
    /// Never used before with this timestamp.
    pub nonce: Nonce,
}

/// 128 random bits.
#[derive(Clone, Copy)]
pub struct Nonce(pub [u8; 16]);

impl Randomness {
    /// It has room for a log-in's requests, one of which may have to be sent twice.
    pub fn nonces(&self) -> [Nonce; 3] {
        std::array::from_fn(|number| {
            let mut nonce = [0; 16];
            nonce.copy_from_slice(&self.0[number * 16..][..16]);
            Nonce(nonce)
        })
    }
}

impl Nonce {
    /// One of draws that are uniform in `[0, 1)`. It has to be new, not secret.
    pub fn drawn(draw: fn() -> f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a draw below one gives a number below 256"
        )]
        Self(std::array::from_fn(|_| (draw() * 256.0) as u8))
    }

    /// In characters that need no encoding, which some servers forget to undo.
    fn text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce")
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
