//! The token file: what is written, and how a date of an earlier process becomes a moment again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{StateError, exposed};
use crate::{
    clock::{BootTime, Now, STEP, WallTime},
    credential::Credential,
    secret::Secret,
    token::{IssuedToken, Lifetime, LifetimeSource, RefreshToken},
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
    host: Option<Box<str>>,
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

    /// Whether it was issued where `credential` asks now: a refresh token goes to no other host,
    /// whatever is changed in the configuration.
    pub fn is_of_host(&self, credential: &Credential) -> bool {
        self.host.as_deref().is_none_or(|host| credential.endpoint.url.host_str() == Some(host))
    }

    /// Whether its access token still opens something.
    pub fn is_good(&self) -> bool {
        !self.token.access_token.is_empty() && self.age < self.token.lifetime.duration
    }
}

/// The file. What came later than version 1 of the program has a default: older files lack it.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    #[serde(deserialize_with = "this_version")]
    version: u32,
    inputs: Box<str>,
    material: Option<Box<str>>,
    #[serde(default)]
    host: Option<Box<str>>,
    #[serde(with = "exposed")]
    access_token: Secret,
    token_type: Box<str>,
    scope: Option<Box<str>>,
    #[serde(default)]
    refresh_token: Option<StoredRefreshToken>,
    #[serde(default)]
    pub(super) origin: Option<Box<str>>,
    #[serde(default)]
    fields: Vec<StoredField>,
    requested_at: WallTime,
    requested_at_boot: BootTime,
    boot_id: Box<str>,
    lifetime: Lifetime,
    refresh_after: Duration,
}

#[derive(Serialize, Deserialize)]
struct StoredRefreshToken {
    #[serde(with = "exposed")]
    value: Secret,
    expires_at: Option<WallTime>,
    rotates: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredField {
    name: Box<str>,
    #[serde(with = "exposed")]
    value: Secret,
}

const VERSION: u32 = 1;

fn this_version<'de, D: serde::Deserializer<'de>>(source: D) -> Result<u32, D::Error> {
    match u32::deserialize(source)? {
        VERSION => Ok(VERSION),
        _ => Err(serde::de::Error::custom("another version")),
    }
}

impl Stored {
    pub(super) fn new(
        credential: &Credential,
        token: &IssuedToken,
        refresh_after: Duration,
        boot_id: &str,
    ) -> Self {
        let field = |(name, value): &(Box<str>, Secret)| StoredField {
            name: name.clone(),
            value: value.clone(),
        };
        Self {
            version: VERSION,
            inputs: credential.inputs.to_string().into(),
            material: credential.material.map(|digest| digest.to_string().into()),
            host: host(credential),
            access_token: token.access_token.clone(),
            token_type: token.token_type.clone(),
            scope: token.scope.clone(),
            refresh_token: token.refresh_token.clone().map(Into::into),
            origin: token.origin.clone(),
            fields: token.fields.iter().map(field).collect(),
            requested_at: token.requested_at.wall,
            requested_at_boot: token.requested_at.boot,
            boot_id: boot_id.into(),
            lifetime: token.lifetime,
            refresh_after,
        }
    }

    /// A file for a refresh token alone. Nobody's inputs are empty, so it fits no credential and
    /// is never published.
    pub(super) fn without_access_token() -> Self {
        Self {
            version: VERSION,
            inputs: "".into(),
            material: None,
            host: None,
            access_token: Secret::default(),
            token_type: "".into(),
            scope: None,
            refresh_token: None,
            origin: None,
            fields: Vec::new(),
            requested_at: WallTime::default(),
            requested_at_boot: BootTime::default(),
            boot_id: "".into(),
            lifetime: Lifetime { duration: Duration::ZERO, source: LifetimeSource::Fixed },
            refresh_after: Duration::ZERO,
        }
    }

    /// Replaces the refresh token, and with it the host that gave it. The access token stays what
    /// it was: its inputs tell what it is good for.
    pub(super) fn keep(
        &mut self,
        credential: &Credential,
        refresh_token: RefreshToken,
        origin: Option<Box<str>>,
    ) {
        self.host = host(credential);
        self.refresh_token = Some(refresh_token.into());
        self.origin = origin;
    }

    pub(super) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, StateError> {
        serde_json::to_vec(self).map(Zeroizing::new).map_err(|error| StateError::encode(&error))
    }

    /// The token by the clocks of this boot.
    pub(super) fn at(self, boot_id: &str, now: Now) -> Saved {
        let same_boot = *self.boot_id == *boot_id && self.requested_at_boot <= now.boot;
        let (age, wall) = if same_boot {
            let age = now.boot.since(self.requested_at_boot);
            (age, steady(self.requested_at, now.wall - age))
        } else {
            (now.wall.since(self.requested_at), self.requested_at)
        };
        // Issued in the future by the wall clock: the clock was wrong then or is wrong now, so
        // the age is unknown, and only a new token is sure.
        let from_the_future = !same_boot && self.requested_at > now.wall;
        Saved {
            token: IssuedToken {
                access_token: self.access_token,
                token_type: self.token_type,
                scope: self.scope,
                refresh_token: self.refresh_token.map(Into::into),
                origin: self.origin,
                fields: self.fields.into_iter().map(|field| (field.name, field.value)).collect(),
                requested_at: Now { wall, boot: now.boot - age },
                lifetime: self.lifetime,
            },
            age,
            refresh_after: if from_the_future { Duration::ZERO } else { self.refresh_after },
            inputs: self.inputs,
            material: self.material,
            host: self.host,
        }
    }
}

fn host(credential: &Credential) -> Option<Box<str>> {
    credential.endpoint.url.host_str().map(Into::into)
}

impl From<RefreshToken> for StoredRefreshToken {
    fn from(token: RefreshToken) -> Self {
        let RefreshToken { value, expires_at, rotates } = token;
        Self { value, expires_at, rotates }
    }
}

impl From<StoredRefreshToken> for RefreshToken {
    fn from(token: StoredRefreshToken) -> Self {
        let StoredRefreshToken { value, expires_at, rotates } = token;
        Self { value, expires_at, rotates }
    }
}

/// The date as it was written, unless the wall clock was stepped since.
fn steady(written: WallTime, by_boot_clock: WallTime) -> WallTime {
    let drift = written.since(by_boot_clock).max(by_boot_clock.since(written));
    if drift > STEP { by_boot_clock } else { written }
}
