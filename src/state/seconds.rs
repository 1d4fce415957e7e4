//! Which seconds log-ins of OAuth 1.0a have taken. Some servers tell two of one client apart by
//! nothing but `oauth_timestamp`, and give both the same token.

use std::{collections::BTreeMap, ffi::OsStr};

use super::{State, StateError, read_json};
use crate::{
    atomic::Durability,
    clock::WallTime,
    credential::{Credential, Fingerprint},
};

const FILE: &str = "seconds.json";

impl State {
    /// Takes a second for a log-in: the one of `at`, or the next that no log-in at the endpoint of
    /// `credential` has. Other processes of this machine take theirs in turn.
    pub fn take_second(
        &self,
        credential: &Credential,
        at: WallTime,
    ) -> Result<WallTime, StateError> {
        let _turn = self.turn()?;
        let mut taken: BTreeMap<Box<str>, i64> =
            read_json(&self.root, OsStr::new(FILE)).unwrap_or_default();
        let endpoint = credential.endpoint.url.as_str();
        let key = Fingerprint::of(endpoint.as_bytes()).to_string().into();
        let last = taken.get(&key).copied();
        // Far ahead is no second that was taken, but a clock that has been mended since.
        let next = last.map(|last| last + 1).filter(|next| next - at.seconds() < MOST_AHEAD);
        let second = next.unwrap_or_default().max(at.seconds());
        taken.insert(key, second);
        let bytes = serde_json::to_vec(&taken).map_err(|error| StateError::encode(&error))?;
        let access = self.access_of_owner()?;
        self.root.replace(OsStr::new(FILE), &bytes, access, Durability::Volatile)?;
        Ok(WallTime::from_seconds(second))
    }
}

/// Servers take a timestamp that is a little ahead of their clock.
const MOST_AHEAD: i64 = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::fixture;

    #[test]
    fn no_two_log_ins_have_one_second() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open_for_login(folder.path()).unwrap();
        let here = fixture::credential();
        let mut elsewhere = here.clone();
        elsewhere.endpoint = fixture::endpoint("https://other.example/token").into();
        // (case, the credential, the second it is, the one that is taken)
        let cases = [
            ("the first", &here, 1_000, 1_000),
            ("another in the same second", &here, 1_000, 1_001),
            ("a third", &here, 1_000, 1_002),
            ("another server", &elsewhere, 1_000, 1_000),
            ("later", &here, 1_010, 1_010),
            ("a clock that was set back a little", &here, 1_005, 1_011),
            ("a clock that was set back far", &here, 500, 500),
            ("and goes on from there", &here, 500, 501),
        ];
        for (case, credential, now, expected) in cases {
            let taken = state.take_second(credential, WallTime::from_seconds(now)).unwrap();
            assert_eq!(taken.seconds(), expected, "{case}");
        }
    }
}
