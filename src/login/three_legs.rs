//! A log-in of OAuth 1.0a (RFC 5849, section 2): temporary credentials, a page, a verifier.

use std::{io::BufRead, sync::Arc};

use tokio::time::timeout;
use url::Url;

use super::{
    Login, LoginError, Notice, PATIENCE,
    listener::{Listener, can_listen},
    paste::{self, Pasted},
};
use crate::{
    acquire::{AcquireError, Nonce, OAuth1Error, OwnerAuthorization, Stamp},
    credential::{Callback, OAuth1},
    secret::Secret,
    token::IssuedToken,
};

/// The resource owner has agreed: to what, and the verifier that proves it.
type Agreed = (Arc<OwnerAuthorization>, Secret);

impl Login<'_> {
    pub(super) async fn in_three_legs(
        &self,
        oauth1: &OAuth1,
        input: Box<dyn BufRead + Send>,
    ) -> Result<IssuedToken, LoginError> {
        let after = self.patience.unwrap_or(PATIENCE);
        let agreed = match &oauth1.callback {
            Callback::Page(page) if !self.paste && can_listen(page) => {
                timeout(after, self.agreed_here(oauth1, page)).await
            }
            _ => timeout(after, self.agreed_elsewhere(oauth1, Pasted::read(input))).await,
        };
        let (owner, verifier) = agreed.unwrap_or(Err(LoginError::Timeout { after }))?;
        let attempt = self.attempt();
        let [.., nonce] = self.randomness.nonces();
        let stamp = self.stamp(&attempt.credential.endpoint.url, nonce);
        Ok(self.acquirer.token_credentials(&attempt, oauth1, &owner, &verifier, stamp).await?)
    }

    /// The browser comes back to us.
    async fn agreed_here(&self, oauth1: &OAuth1, page: &Url) -> Result<Agreed, LoginError> {
        let listener = Listener::bind(page).await?;
        let callback = Callback::Page(listener.redirect_uri().clone());
        let owner = self.temporary_credentials(oauth1, &callback).await?;
        (self.tell)(Notice::Open { page: &owner.url });
        let expected = owner.clone();
        let address = listener.answer(Box::new(move |it| expected.is_answer(it))).await;
        let verifier = owner.answer(&address)?;
        Ok((owner, verifier))
    }

    /// The person brings the address, or the verifier that the page has shown.
    async fn agreed_elsewhere(
        &self,
        oauth1: &OAuth1,
        mut pasted: Pasted,
    ) -> Result<Agreed, LoginError> {
        let callback = match &oauth1.callback {
            Callback::Page(page) => Callback::Page(paste::redirect_uri(page)),
            Callback::OutOfBand => Callback::OutOfBand,
        };
        let owner = self.temporary_credentials(oauth1, &callback).await?;
        (self.tell)(match owner.callback() {
            Some(_) => Notice::Bring { page: &owner.url },
            None => Notice::Type { page: &owner.url },
        });
        let base = owner.callback().unwrap_or(&owner.url);
        loop {
            let line = pasted.line().await.ok_or(LoginError::Input)?;
            match paste::read(&line, "oauth_verifier", base, |address| owner.answer(address)) {
                Ok(verifier) => return Ok((owner, verifier)),
                Err(error) if error.is_a_slip() => (self.tell)(Notice::BringAgain(&error)),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A machine whose clock is wrong is refused, and learns by that what the server's clock
    /// shows: then it is worth one more request.
    async fn temporary_credentials(
        &self,
        oauth1: &OAuth1,
        callback: &Callback,
    ) -> Result<Arc<OwnerAuthorization>, LoginError> {
        let [first, second, _] = self.randomness.nonces();
        let ask = async |nonce| {
            let (attempt, stamp) = (self.attempt(), self.stamp(&oauth1.initiate, nonce));
            self.acquirer.temporary_credentials(&attempt, oauth1, callback.clone(), stamp).await
        };
        let result = match ask(first).await {
            Err(AcquireError::OAuth1(OAuth1Error::Refused { status: 400..=499, .. }))
                if self.is_skewed(&oauth1.initiate) =>
            {
                ask(second).await
            }
            result => result,
        };
        Ok(Arc::new(result?))
    }

    fn stamp(&self, url: &Url, nonce: Nonce) -> Stamp {
        Stamp { timestamp: (self.second)(self.acquirer.server_time(url)), nonce }
    }

    /// Whether the server's clock is known to show another time than ours.
    fn is_skewed(&self, url: &Url) -> bool {
        let (theirs, ours) = (self.acquirer.server_time(url), self.clock.now().wall);
        theirs.seconds().abs_diff(ours.seconds()) > 1
    }
}
