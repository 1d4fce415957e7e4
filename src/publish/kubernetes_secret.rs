//! `kubernetes_secret`: a Secret in the cluster.
//!
//! The cluster is not asked whenever somebody wants to know how we are. What it has confirmed is a
//! receipt, which is kept on disk, and is renewed by looking again every minute.

use super::{OutputError, Publication, PublishError};
use crate::{
    clock::WallTime,
    cluster::{Applied, Cluster, ClusterError, Receipt, SecretManifest},
    credential::{Credential, KubernetesSecret, Template},
    secret::Secret,
    token::IssuedToken,
};

/// Applies the token to every Secret of a credential. One that fails does not stop the others.
/// `receipts` are those before, and then those after.
pub async fn apply(
    cluster: &Cluster,
    credential: &Credential,
    token: &IssuedToken,
    now: WallTime,
    receipts: &mut Vec<Receipt>,
) -> Result<Publication, PublishError> {
    let mut publication = Publication::default();
    let mut failures = Vec::new();
    let labels: Vec<Box<str>> = credential.secrets.iter().map(KubernetesSecret::label).collect();
    receipts.retain(|receipt| labels.contains(&receipt.secret));
    for (secret, label) in credential.secrets.iter().zip(labels) {
        let result = cluster.apply(&manifest(secret, credential, token, now)).await;
        file(receipts, &label, &result, now);
        match result {
            Ok(Applied { changed: true, .. }) => publication.changed.push(label),
            Ok(Applied { changed: false, .. }) => {}
            Err(error) => failures.push(OutputError::Secret { secret: label, error }),
        }
    }
    if failures.is_empty() { Ok(publication) } else { Err(PublishError { publication, failures }) }
}

/// Takes the token of a credential that has left out of its Secrets, and says of how many.
pub async fn withdraw_secrets(
    cluster: &Cluster,
    credential: &Credential,
) -> Result<usize, PublishError> {
    let mut withdrawn = 0;
    let mut failures = Vec::new();
    for secret in &credential.secrets {
        let namespace = secret.namespace.as_deref();
        match cluster.withdraw(namespace, &secret.name, &credential.name).await {
            Ok(was_there) => withdrawn += usize::from(was_there),
            Err(error) => failures.push(OutputError::Secret { secret: secret.label(), error }),
        }
    }
    let publication = Publication::default();
    if failures.is_empty() { Ok(withdrawn) } else { Err(PublishError { publication, failures }) }
}

/// What the cluster has confirmed stays confirmed while it gives no answer.
fn file(
    receipts: &mut Vec<Receipt>,
    secret: &str,
    result: &Result<Applied, ClusterError>,
    now: WallTime,
) {
    match result {
        Ok(applied) => {
            receipts.retain(|receipt| *receipt.secret != *secret);
            let (secret, expires_at) = (secret.into(), applied.expiry.date());
            receipts.push(Receipt { secret, confirmed_at: now, expires_at });
        }
        Err(error) if error.tells_of_others() => {
            receipts.retain(|receipt| *receipt.secret != *secret);
        }
        Err(_) => {}
    }
}

fn manifest<'a>(
    secret: &'a KubernetesSecret,
    credential: &'a Credential,
    token: &'a IssuedToken,
    now: WallTime,
) -> SecretManifest<'a> {
    let scheme = credential.authorization_scheme.as_deref();
    let value = |(key, value): &'a (Box<str>, _)| (&**key, fill(value, token, scheme));
    SecretManifest {
        namespace: secret.namespace.as_deref(),
        name: &secret.name,
        credential: &credential.name,
        issued_at: token.requested_at.wall,
        expiry: token.expiry(),
        now,
        labels: &secret.labels,
        data: secret.data.iter().map(value).collect(),
    }
}

fn fill(template: &Template, token: &IssuedToken, scheme: Option<&str>) -> Secret {
    Secret::from(template.of(token, scheme))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::Expiry;

    #[test]
    fn a_receipt_says_what_the_cluster_has_confirmed_last() {
        let now = WallTime::from_seconds(50);
        let good = |changed| Ok(Applied { changed, expiry: Expiry::at(90) });
        let old = Receipt {
            secret: "secret/token".into(),
            confirmed_at: WallTime::from_seconds(10),
            expires_at: Some(WallTime::from_seconds(60)),
        };
        let new = Receipt {
            confirmed_at: now,
            expires_at: Some(WallTime::from_seconds(90)),
            ..old.clone()
        };
        for (case, result, expected) in [
            ("written", good(true), vec![new.clone()]),
            ("as it should be", good(false), vec![new]),
            ("no answer", Err(ClusterError::Unreachable("".into())), vec![old.clone()]),
            ("forbidden now", Err(ClusterError::Forbidden("".into())), vec![old.clone()]),
            ("somebody else's", Err(ClusterError::OwnedByOthers("".into())), vec![]),
        ] {
            let mut receipts = vec![old.clone()];
            file(&mut receipts, "secret/token", &result, now);
            assert_eq!(receipts, expected, "{case}");
        }
    }
}
