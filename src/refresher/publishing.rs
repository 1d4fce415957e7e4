//! One publication: the files, then the Secrets.

use std::{path::Path, sync::Arc};

use crate::{
    clock::Now,
    cluster::Cluster,
    credential::Credential,
    publish::{self, Publication, PublishError},
    state::{State, StateError},
    token::IssuedToken,
};

/// What a publication is made with.
pub struct Publishing {
    /// Whose.
    pub credential: Arc<Credential>,
    /// The token; the one that was saved if absent.
    pub in_hand: Option<Arc<IssuedToken>>,
    /// When it began.
    pub now: Now,
    /// Where the files are.
    pub directory: Arc<Path>,
    /// Where the saved token and the receipts are.
    pub state: Arc<State>,
    /// Where the Secrets are.
    pub cluster: Arc<Cluster>,
}

impl Publishing {
    /// Publishes. A cluster that gives no answer does not keep the files waiting.
    pub async fn perform(self) -> Result<Result<Publication, PublishError>, StateError> {
        let this = Arc::new(self);
        let same = this.clone();
        // A panic aborts the process, and nothing here cancels a task.
        let Ok(written) = tokio::task::spawn_blocking(move || same.files()).await else {
            return Ok(Ok(Publication::default()));
        };
        Ok(match written? {
            None => Ok(Publication::default()),
            Some((_, files)) if this.credential.secrets.is_empty() => files,
            Some((token, files)) => publish::both(files, this.secrets(&token).await),
        })
    }

    /// The token, and what became of the files. Blocks on the disk.
    fn files(&self) -> Result<Option<(Arc<IssuedToken>, PublishResult)>, StateError> {
        let Some(token) = self.token()? else { return Ok(None) };
        let scheme = self.credential.authorization_scheme.as_deref();
        let result = publish::publish(&self.directory, &self.credential.outputs, scheme, &token);
        Ok(Some((token, result)))
    }

    /// A saved token only if it is what the credential would be issued now: an output never gets
    /// another tenant's token because both were changed together.
    fn token(&self) -> Result<Option<Arc<IssuedToken>>, StateError> {
        if let Some(token) = &self.in_hand {
            return Ok(Some(token.clone()));
        }
        let saved = self.state.load(&self.credential.name, self.now)?;
        Ok(saved.filter(|saved| saved.fits(&self.credential)).map(|saved| Arc::new(saved.token)))
    }

    async fn secrets(&self, token: &IssuedToken) -> PublishResult {
        let name = &self.credential.name;
        let mut receipts = self.state.record(name).receipts;
        let now = self.now.wall;
        let result =
            publish::apply(&self.cluster, &self.credential, token, now, &mut receipts).await;
        // One that is lost is written again in a minute.
        let _ = self.state.amend(name, |record| record.receipts = receipts);
        result
    }
}

type PublishResult = Result<Publication, PublishError>;
