//! What the sandbox hands out and wants back: refresh tokens, authorization codes, device codes.
//!
//! Each says all about itself and is signed, so that nothing has to be kept for it. The key is in
//! the open like every secret here; so a refresh token outlives a restart, as it does elsewhere.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};

use crate::clock::WallTime;

const KEY: &[u8] = b"the sandbox has no secrets";

/// Something that is handed out and comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ticket {
    /// What it can be used for.
    pub(super) kind: Kind,
    /// Where: the path that the endpoints have in common.
    pub(super) site: String,
    /// The grant that it stands for, which goes on from one refresh token to the next.
    pub(super) grant: String,
    /// Which one of its grant it is.
    pub(super) serial: u64,
    /// For whom.
    pub(super) client_id: String,
    /// For what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<String>,
    /// Until when, in seconds since 1970.
    pub(super) expires_at: i64,
    /// Where the code was sent (RFC 6749, section 4.1.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) redirect_uri: Option<String>,
    /// What the verifier must fit (RFC 7636, section 4.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code_challenge: Option<String>,
}

/// What a ticket can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    RefreshToken,
    AuthorizationCode,
    DeviceCode,
    /// What the first of two requests gets.
    Session,
}

impl Ticket {
    /// The first one of a grant.
    pub(super) fn first(
        kind: Kind,
        site: &str,
        client_id: &str,
        grant: String,
        until: WallTime,
    ) -> Self {
        Self {
            kind,
            site: site.to_owned(),
            grant,
            serial: 0,
            client_id: client_id.to_owned(),
            scope: None,
            expires_at: until.seconds(),
            redirect_uri: None,
            code_challenge: None,
        }
    }

    /// The ticket as it travels.
    pub(super) fn sealed(&self) -> String {
        // A plain struct of texts and numbers can always be written.
        let said = BASE64.encode(serde_json::to_vec(self).unwrap_or_default());
        let seal = BASE64.encode(hmac::sign(&key(), said.as_bytes()));
        format!("{said}.{seal}")
    }

    /// A ticket that came back, if it is ours.
    pub(super) fn opened(sealed: &str) -> Option<Self> {
        let (said, seal) = sealed.split_once('.')?;
        hmac::verify(&key(), said.as_bytes(), &BASE64.decode(seal).ok()?).ok()?;
        serde_json::from_slice(&BASE64.decode(said).ok()?).ok()
    }

    /// Whether it can be used for this, here, now and by this client.
    pub(super) fn is_good(&self, kind: Kind, site: &str, client_id: &str, now: WallTime) -> bool {
        self.kind == kind
            && self.site == site
            && self.client_id == client_id
            && now.seconds() < self.expires_at
    }
}

fn key() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, KEY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> Ticket {
        let until = WallTime::from_seconds(100);
        Ticket::first(Kind::RefreshToken, "/plain", "c", "g".into(), until)
    }

    #[test]
    fn a_ticket_comes_back_as_it_went_out() {
        assert_eq!(Ticket::opened(&ticket().sealed()), Some(ticket()));
    }

    #[test]
    fn what_was_changed_or_made_up_is_not_opened() {
        let sealed = ticket().sealed();
        let other = Ticket { serial: 1, ..ticket() }.sealed();
        let (said, seal) = (other.split('.').next().unwrap_or(""), sealed.split('.').nth(1));
        let mixed = format!("{said}.{}", seal.unwrap_or(""));
        for forged in [&*mixed, said, "", ".", "a.b", &format!("{sealed}A")] {
            assert_eq!(Ticket::opened(forged), None, "{forged}");
        }
    }

    #[test]
    fn a_ticket_is_good_for_one_thing_at_one_place_and_for_a_time() {
        use Kind::{DeviceCode, RefreshToken};
        for (name, kind, site, client, now, good) in [
            ("as meant", RefreshToken, "/plain", "c", 99, true),
            ("another kind", DeviceCode, "/plain", "c", 99, false),
            ("another place", RefreshToken, "/habit/bom", "c", 99, false),
            ("another client", RefreshToken, "/plain", "d", 99, false),
            ("too late", RefreshToken, "/plain", "c", 100, false),
        ] {
            let now = WallTime::from_seconds(now);
            assert_eq!(ticket().is_good(kind, site, client, now), good, "{name}");
        }
    }
}
