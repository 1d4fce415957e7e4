//! Where an attempt takes place: as configured, or as the issuer says.

use std::{borrow::Cow, sync::Arc};

use super::{
    AcquireError, Acquirer, Attempt,
    metadata::{self, Metadata},
};
use crate::credential::Credential;

/// Where an attempt takes place.
pub(super) struct Place<'a> {
    /// With its token endpoint, even if that had to be discovered.
    pub(super) credential: Cow<'a, Credential>,
    /// What the issuer says, if it was asked.
    pub(super) metadata: Option<Arc<Metadata>>,
}

impl Acquirer {
    /// Asks the issuer where the endpoints are, if that has to be discovered and is not known.
    pub(super) async fn place<'a>(&self, attempt: &Attempt<'a>) -> Result<Place<'a>, AcquireError> {
        let credential = attempt.credential;
        let metadata =
            self.metadata(&credential.endpoint, attempt.sent_at, attempt.deadline).await?;
        let credential = match &metadata {
            None => Cow::Borrowed(credential),
            Some(metadata) => Cow::Owned(at_token_endpoint(credential, metadata)?),
        };
        Ok(Place { credential, metadata })
    }
}

impl Place<'_> {
    /// The attempt, at this place.
    pub(super) fn attempt<'b>(&'b self, attempt: &Attempt<'b>) -> Attempt<'b> {
        Attempt { credential: &self.credential, ..*attempt }
    }

    /// The credential with its token endpoint, if that had to be discovered.
    pub(super) fn discovered(self) -> Option<Credential> {
        match self.credential {
            Cow::Owned(credential) => Some(credential),
            Cow::Borrowed(_) => None,
        }
    }
}

/// The same credential with its token endpoint in the issuer's place, as if it were configured so.
fn at_token_endpoint(
    credential: &Credential,
    metadata: &Metadata,
) -> Result<Credential, AcquireError> {
    let mut credential = credential.clone();
    let endpoint = Arc::make_mut(&mut credential.endpoint);
    let url = metadata.token_endpoint.clone();
    endpoint.url = url.ok_or_else(|| metadata::missing(endpoint, "token_endpoint"))?;
    endpoint.discover = false;
    Ok(credential)
}
