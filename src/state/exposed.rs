//! Secrets as they stand in the files of this room, and nowhere else: a [`Secret`] has no serde
//! of its own, so that none is ever written by accident.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::secret::Secret;

pub(super) fn serialize<S: Serializer>(secret: &Secret, target: S) -> Result<S::Ok, S::Error> {
    secret.expose().serialize(target)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<Secret, D::Error> {
    String::deserialize(source).map(Secret::from)
}
