//! The token file: what is written, and how a date of an earlier process becomes a moment again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::StateError;
use crate::{
    clock::{BootTime, Now, STEP, WallTime},
    credential::{Credential, Fingerprint},
    secret::Secret,
    token::{IssuedToken, Lifetime},
};

/// A token from the state directory.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The token, with `requested_at` by this process's clocks.
    pub token: IssuedToken,
    /// How old it is.
    pub age: Duration,
    /// How long after the request it is to be refreshed.
    pub refresh_after: Duration,
    inputs: Box<str>,
    material: Option<Box<str>>,
}

impl Saved {
    /// Whether the token is what `credential` would be issued now. Secret material that cannot
    /// be read never costs a good token.
    pub fn fits(&self, credential: &Credential) -> bool {
        let same_material = match (&self.material, credential.material) {
            (Some(saved), Some(current)) => **saved == *current.to_string(),
            _ => true,
        };
        *self.inputs == *credential.inputs.to_string() && same_material
    }
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    inputs: String,
    material: Option<String>,
    access_token: &'a str,
    token_type: &'a str,
    scope: Option<&'a str>,
    requested_at: WallTime,
    requested_at_boot: BootTime,
    boot_id: &'a str,
    lifetime: Lifetime,
    refresh_after: Duration,
}

#[derive(Deserialize)]
struct Read {
    #[serde(deserialize_with = "this_version")]
    #[expect(dead_code, reason = "checked while it is read")]
    version: u32,
    inputs: Box<str>,
    material: Option<Box<str>>,
    #[serde(deserialize_with = "secret")]
    access_token: Secret,
    token_type: Box<str>,
    scope: Option<Box<str>>,
    requested_at: WallTime,
    requested_at_boot: BootTime,
    boot_id: Box<str>,
    lifetime: Lifetime,
    refresh_after: Duration,
}

const VERSION: u32 = 1;

fn this_version<'de, D: serde::Deserializer<'de>>(source: D) -> Result<u32, D::Error> {
    match u32::deserialize(source)? {
        VERSION => Ok(VERSION),
        _ => Err(serde::de::Error::custom("another version")),
    }
}

fn secret<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Secret, D::Error> {
    String::deserialize(source).map(Secret::from)
}

pub(super) fn encode(
    credential: &Credential,
    token: &IssuedToken,
    refresh_after: Duration,
    boot_id: &str,
) -> Result<Zeroizing<Vec<u8>>, StateError> {
    let written = Written {
        version: VERSION,
        inputs: credential.inputs.to_string(),
        material: credential.material.map(|digest: Fingerprint| digest.to_string()),
        access_token: token.access_token.expose(),
        token_type: &token.token_type,
        scope: token.scope.as_deref(),
        requested_at: token.requested_at.wall,
        requested_at_boot: token.requested_at.boot,
        boot_id,
        lifetime: token.lifetime,
        refresh_after,
    };
    serde_json::to_vec(&written).map(Zeroizing::new).map_err(|error| StateError::encode(&error))
}

pub(super) fn decode(bytes: &[u8], boot_id: &str, now: Now) -> Result<Saved, serde_json::Error> {
    let read: Read = serde_json::from_slice(bytes)?;
    let same_boot = *read.boot_id == *boot_id && read.requested_at_boot <= now.boot;
    let (age, wall) = if same_boot {
        let age = now.boot.since(read.requested_at_boot);
        (age, steady(read.requested_at, now.wall - age))
    } else {
        (now.wall.since(read.requested_at), read.requested_at)
    };
    // Issued in the future by the wall clock: the clock was wrong then or is wrong now, so the
    // age is unknown, and only a new token is sure.
    let from_the_future = !same_boot && read.requested_at > now.wall;
    Ok(Saved {
        token: IssuedToken {
            access_token: read.access_token,
            token_type: read.token_type,
            scope: read.scope,
            refresh_token: None,
            origin: None,
            fields: [].into(),
            requested_at: Now { wall, boot: now.boot - age },
            lifetime: read.lifetime,
        },
        age,
        refresh_after: if from_the_future { Duration::ZERO } else { read.refresh_after },
        inputs: read.inputs,
        material: read.material,
    })
}

/// The date as it was written, unless the wall clock was stepped since.
fn steady(written: WallTime, by_boot_clock: WallTime) -> WallTime {
    let drift = written.since(by_boot_clock).max(by_boot_clock.since(written));
    if drift > STEP { by_boot_clock } else { written }
}
