//! What was granted, and how it is said (RFC 6749, section 5.1).

use serde_json::json;

use hyper::StatusCode;

use super::{Manner, Overlap};
use crate::sandbox::{
    occasion::Occasion,
    reply::{Reply, quoted},
};

/// A request that has been granted, before it becomes a reply.
pub(in crate::sandbox) struct Granted<'a> {
    pub(in crate::sandbox) occasion: &'a Occasion<'a>,
    pub(in crate::sandbox) lifetime: u64,
    pub(in crate::sandbox) scope: Option<String>,
    /// The refresh token that goes with it.
    pub(in crate::sandbox) refresh: Option<Refresh>,
    pub(super) manner: &'a Manner,
    pub(super) site: &'a str,
    pub(super) client_id: String,
    /// For whom the token speaks.
    pub(super) subject: String,
    pub(super) audience: Vec<String>,
    /// Further members that the grant asks for.
    pub(super) beside: &'static str,
}

/// A grant that can be renewed.
pub(in crate::sandbox) struct Refresh {
    /// Which grant it is.
    pub(super) grant: String,
    /// What renews it from now on; `None` if it is what renewed it this time.
    pub(in crate::sandbox) token: Option<String>,
    /// Whether it was renewed, and not begun.
    pub(in crate::sandbox) was_renewed: bool,
}

impl Granted<'_> {
    /// A JWT of this lifetime.
    pub(in crate::sandbox) fn jwt(&self, lifetime: u64) -> String {
        self.occasion.jwt(&json!({
            "iss": format!("{}{}", self.occasion.base, self.site),
            "sub": self.subject,
            "client_id": self.client_id,
            "aud": self.audience,
            "scope": self.scope,
            "iat": self.occasion.now.seconds(),
            "exp": self.occasion.expiry(lifetime).seconds(),
            "jti": self.occasion.uuid(),
            "grant": self.refresh.as_ref().map(|refresh| &refresh.grant),
            "turn": self.occasion.turn,
        }))
    }

    /// `,"scope":"..."`, if a scope was asked for.
    pub(in crate::sandbox) fn scope_member(&self) -> String {
        self.scope
            .as_deref()
            .map(|scope| format!(r#","scope":{}"#, quoted(scope)))
            .unwrap_or_default()
    }

    /// `,"refresh_token":"..."`, if there is a new one, and what else the grant asks for.
    pub(in crate::sandbox) fn further_members(&self) -> String {
        let token = self.refresh.as_ref().and_then(|refresh| refresh.token.as_deref());
        let member = token.map(|token| format!(r#","refresh_token":{}"#, quoted(token)));
        format!("{}{}", member.unwrap_or_default(), self.beside)
    }

    /// Where a new token kills the old one, notes which one is the latest.
    pub(super) fn end_the_token_before(&self) {
        if self.manner.overlap == Overlap::None {
            let name = latest_mark(self.site, &self.client_id);
            self.occasion.memory.set(&name, self.occasion.turn, self.occasion.now);
        }
    }

    /// The reply of a server without fault, with a JWT.
    pub(in crate::sandbox) fn reply(&self) -> Reply {
        Reply::json(
            StatusCode::OK,
            format!(
                r#"{{"access_token":"{}","token_type":"Bearer","expires_in":{}{}{}}}"#,
                self.jwt(self.lifetime),
                self.lifetime,
                self.scope_member(),
                self.further_members(),
            ),
        )
    }
}

/// Under which name the latest token of a client is remembered.
pub(super) fn latest_mark(site: &str, client_id: &str) -> String {
    format!("{site} latest {client_id}")
}
