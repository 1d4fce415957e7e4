//! A token that comes a second time.

use crate::{
    clock::Now,
    token::{IssuedToken, Lifetime},
};

/// Some servers answer with the token that they issued before, and count its lifetime from now
/// although it ends when it was first said to. The earlier end counts while it lies ahead; behind
/// it, the server has shown that it has prolonged the token.
pub(super) fn lifetime(
    said: Lifetime,
    token: &str,
    sent_at: Now,
    previous: Option<&IssuedToken>,
) -> Lifetime {
    let same = previous.filter(|previous| previous.access_token.expose() == token);
    let Some(previous) = same else { return said };
    let end = previous.requested_at.boot + previous.lifetime.duration;
    let left = end.since(sent_at.boot);
    if left.is_zero() || left >= said.duration {
        return said;
    }
    Lifetime { duration: left, source: previous.lifetime.source }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        acquire::{Attempt, fixture, redaction::Redaction, reply},
        token::LifetimeSource::{Assumed, ExpiresIn},
    };

    #[test]
    fn the_same_token_lives_no_longer_than_it_was_first_said_to() {
        let credential = fixture::credential();
        let after = |previous, sent_at, body: &[u8]| {
            let attempt = Attempt { sent_at, previous, ..fixture::attempt(&credential) };
            let raw = fixture::raw(200, &[], body);
            reply::read(&attempt, &raw, Redaction::default(), None).unwrap()
        };
        let first = br#"{"access_token":"t","expires_in":600}"#;
        let first = after(None, fixture::SENT_AT, first);
        let missing = crate::token::Assumption::Missing;
        for (name, seconds, body, expected, source) in [
            ("the same again", 7, r#"{"access_token":"t","expires_in":600}"#, 593, ExpiresIn),
            ("nothing said", 7, r#"{"access_token":"t"}"#, 593, ExpiresIn),
            ("shorter", 7, r#"{"access_token":"t","expires_in":60}"#, 60, ExpiresIn),
            ("another", 7, r#"{"access_token":"u","expires_in":600}"#, 600, ExpiresIn),
            ("another, unsaid", 7, r#"{"access_token":"u"}"#, 3600, Assumed(missing)),
            ("prolonged", 600, r#"{"access_token":"t","expires_in":600}"#, 600, ExpiresIn),
        ] {
            let span = Duration::from_secs(seconds);
            let sent_at =
                Now { wall: fixture::SENT_AT.wall + span, boot: fixture::SENT_AT.boot + span };
            let again = after(Some(&first), sent_at, body.as_bytes());
            let lifetime = Lifetime { duration: Duration::from_secs(expected), source };
            assert_eq!((again.lifetime, again.requested_at), (lifetime, sent_at), "{name}");
        }
    }
}
