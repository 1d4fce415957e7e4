//! A Secret, by server-side apply.

use std::collections::BTreeMap;

use k8s_openapi::{
    ByteString, api::core::v1::Secret, apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{
    Api,
    api::{Patch, PatchParams},
};

use super::{Applied, ClusterError, FIELD_MANAGER, SecretManifest};
use crate::{credential::Name, token::Expiry};

/// Looks before a write. Between the two, somebody else may write.
const TRIES: usize = 4;

/// The label of what a tool keeps, as Kubernetes recommends it.
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// Whose token it holds. A Secret that says so is ours to write.
const CREDENTIAL: &str = "tokenward/credential";

/// When the token was asked for, in milliseconds since 1970, so that an older one never replaces it.
const ISSUED_AT: &str = "tokenward/issued-at";

/// Until when the token is good, for people and for alerts: RFC 3339, or `never`.
const EXPIRES_AT: &str = "tokenward/expires-at";

/// What is to be done about a Secret.
#[derive(Debug, PartialEq)]
enum Verdict {
    /// Nothing: it holds this token, or a newer one.
    Leave(Expiry),
    /// Nothing: it holds the token of another credential, which is this one.
    OfAnother(Box<str>),
    /// Write it. What we have written once is ours, whoever has edited it since; what others have
    /// made is theirs, and only keys that they have not set are added to it.
    Write { force: bool },
}

pub async fn apply(
    api: &Api<Secret>,
    manifest: &SecretManifest<'_>,
) -> Result<Applied, ClusterError> {
    for _ in 0..TRIES {
        let found = api.get_opt(manifest.name).await?;
        let mut wanted = wanted(manifest);
        let force = match judge(found.as_ref(), &wanted, manifest) {
            Verdict::Leave(expiry) => return Ok(Applied { changed: false, expiry }),
            Verdict::OfAnother(name) => return Err(ClusterError::OfAnotherCredential(name)),
            Verdict::Write { force } => force,
        };
        wanted.metadata.resource_version = found.and_then(|found| found.metadata.resource_version);
        if write(api, &wanted, force).await? {
            return Ok(Applied { changed: true, expiry: manifest.expiry });
        }
    }
    Err(ClusterError::Contended)
}

/// Applies nothing, which takes away all that we have applied before.
pub async fn withdraw(
    api: &Api<Secret>,
    name: &str,
    credential: &Name,
) -> Result<bool, ClusterError> {
    let Some(found) = api.get_opt(name).await? else { return Ok(false) };
    if annotation(&found, CREDENTIAL) != Some(credential.as_str()) {
        return Ok(false);
    }
    let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
    let empty = Secret { metadata, ..Secret::default() };
    let written = api.patch(name, &parameters(true), &Patch::Apply(&empty)).await;
    written.map(|_| true).map_err(ClusterError::from)
}

/// Whether it could be written; if not, it has changed since it was looked at.
async fn write(api: &Api<Secret>, wanted: &Secret, force: bool) -> Result<bool, ClusterError> {
    let name = wanted.metadata.name.as_deref().unwrap_or_default();
    match api.patch(name, &parameters(force), &Patch::Apply(wanted)).await {
        Ok(_) => Ok(true),
        // A conflict of owners names the fields; one of versions has nothing to name.
        Err(kube::Error::Api(status))
            if status.is_not_found()
                || status.is_conflict()
                    && status.details.as_ref().is_none_or(|details| details.causes.is_empty()) =>
        {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

fn parameters(force: bool) -> PatchParams {
    let parameters = PatchParams::apply(FIELD_MANAGER);
    if force { parameters.force() } else { parameters }
}

fn judge(found: Option<&Secret>, wanted: &Secret, manifest: &SecretManifest<'_>) -> Verdict {
    let Some(found) = found else { return Verdict::Write { force: false } };
    match annotation(found, CREDENTIAL) {
        None => return Verdict::Write { force: false },
        Some(name) if name != manifest.credential.as_str() => {
            return Verdict::OfAnother(name.into());
        }
        Some(_) => {}
    }
    let issued_at = annotation(found, ISSUED_AT).and_then(|millis| millis.parse().ok());
    // A date that lies ahead is that of a clock that was wrong, theirs or ours.
    let newer = manifest.issued_at.millis() + 1..=manifest.now.millis();
    let is_newer = issued_at.is_some_and(|it| newer.contains(&it));
    if is_newer && let Some(expiry) = expiry(found) {
        Verdict::Leave(expiry)
    } else if holds(found, wanted) {
        Verdict::Leave(manifest.expiry)
    } else {
        Verdict::Write { force: true }
    }
}

/// Whether everything that we want of a Secret stands in it.
fn holds(found: &Secret, wanted: &Secret) -> bool {
    fn within<V: PartialEq>(
        wanted: Option<&BTreeMap<String, V>>,
        found: Option<&BTreeMap<String, V>>,
    ) -> bool {
        let wanted = wanted.into_iter().flatten();
        wanted.into_iter().all(|(key, value)| found.and_then(|it| it.get(key)) == Some(value))
    }
    within(wanted.data.as_ref(), found.data.as_ref())
        && within(wanted.metadata.labels.as_ref(), found.metadata.labels.as_ref())
        && within(wanted.metadata.annotations.as_ref(), found.metadata.annotations.as_ref())
}

fn wanted(manifest: &SecretManifest<'_>) -> Secret {
    let own = |(key, value): &(Box<str>, Box<str>)| (key.to_string(), value.to_string());
    let mut labels: BTreeMap<_, _> = manifest.labels.iter().map(own).collect();
    labels.insert(MANAGED_BY.into(), "tokenward".into());
    let expires_at = manifest.expiry.date().map_or("never".into(), |date| date.to_string());
    let annotations = [
        (CREDENTIAL, manifest.credential.to_string()),
        (ISSUED_AT, manifest.issued_at.millis().to_string()),
        (EXPIRES_AT, expires_at),
    ];
    let data = manifest.data.iter();
    let data = data.map(|(key, value)| ((*key).into(), ByteString(value.expose().into())));
    Secret {
        metadata: ObjectMeta {
            name: Some(manifest.name.into()),
            labels: Some(labels),
            annotations: Some(annotations.map(|(key, value)| (key.into(), value)).into()),
            ..ObjectMeta::default()
        },
        data: Some(data.collect()),
        ..Secret::default()
    }
}

fn annotation<'a>(secret: &'a Secret, name: &str) -> Option<&'a str> {
    secret.metadata.annotations.as_ref()?.get(name).map(String::as_str)
}

fn expiry(secret: &Secret) -> Option<Expiry> {
    match annotation(secret, EXPIRES_AT)? {
        "never" => Some(Expiry::Never),
        date => {
            let date: jiff::Timestamp = date.parse().ok()?;
            Some(Expiry::at(date.as_second()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::WallTime;

    fn name(text: &str) -> Name {
        Name::parse(text).expect("a name")
    }

    fn manifest(credential: &Name, issued_at: i64, now: i64) -> SecretManifest<'_> {
        SecretManifest {
            namespace: None,
            name: "token",
            credential,
            issued_at: WallTime::from_seconds(issued_at),
            expiry: Expiry::at(issued_at + 3600),
            now: WallTime::from_seconds(now),
            labels: &[],
            data: [("access_token", crate::secret::Secret::from("token"))].into(),
        }
    }

    /// As it stands after a publication, and after what somebody has done to it.
    fn found(manifest: &SecretManifest<'_>, edit: impl FnOnce(&mut Secret)) -> Secret {
        let mut secret = wanted(manifest);
        edit(&mut secret);
        secret
    }

    #[test]
    fn what_stands_there_decides_what_is_done() {
        let (ours, theirs) = (name("one"), name("two"));
        let at = |issued_at| manifest(&ours, issued_at, 10_000);
        let same = found(&at(5_000), |_| {});
        let edited = found(&at(5_000), |it| it.data = None);
        let with_more = found(&at(5_000), |it| {
            it.data.get_or_insert_default().insert("theirs".into(), ByteString::default());
        });
        let unmarked = found(&at(5_000), |it| it.metadata.annotations = None);
        let (older, newer, ahead) = (at(4_000), at(6_000), at(20_000));
        let [older, newer, ahead] = [older, newer, ahead].map(|it| found(&it, |_| {}));
        let of_two = found(&manifest(&theirs, 5_000, 10_000), |_| {});
        let (write, force) = (Verdict::Write { force: false }, Verdict::Write { force: true });
        for (case, found, expected) in [
            ("nothing", None, write),
            ("this token", Some(same), Verdict::Leave(Expiry::at(8_600))),
            ("this token and keys of others", Some(with_more), Verdict::Leave(Expiry::at(8_600))),
            ("edited by somebody", Some(edited), force),
            ("an older token", Some(older), Verdict::Write { force: true }),
            ("a newer token", Some(newer), Verdict::Leave(Expiry::at(9_600))),
            ("one from the future", Some(ahead), Verdict::Write { force: true }),
            ("another credential's", Some(of_two), Verdict::OfAnother("two".into())),
            ("one that others have made", Some(unmarked), Verdict::Write { force: false }),
        ] {
            let manifest = at(5_000);
            assert_eq!(judge(found.as_ref(), &wanted(&manifest), &manifest), expected, "{case}");
        }
    }

    #[test]
    fn an_expiry_is_read_as_it_is_written() {
        let one = name("one");
        for expiry in [Expiry::at(1_790_000_000), Expiry::Never] {
            let manifest = SecretManifest { expiry, ..manifest(&one, 0, 0) };
            assert_eq!(super::expiry(&wanted(&manifest)), Some(expiry));
        }
    }
}
