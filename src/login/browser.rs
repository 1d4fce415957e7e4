//! A log-in in a browser (RFC 8252), which comes back to us or to the person.

use std::{io::BufRead, sync::Arc};

use tokio::time::timeout;

use super::{
    Login, LoginError, Notice, PATIENCE,
    listener::{Listener, can_listen},
    paste::{self, Pasted},
};
use crate::{
    acquire::{Attempt, Authorization},
    credential::AuthorizationRequest,
    secret::Secret,
    token::IssuedToken,
};

impl Login<'_> {
    pub(super) async fn in_a_browser(
        &self,
        request: &AuthorizationRequest,
        input: Box<dyn BufRead + Send>,
    ) -> Result<IssuedToken, LoginError> {
        let after = self.patience.unwrap_or(PATIENCE);
        let arrival = if self.paste || !can_listen(&request.redirect_uri) {
            timeout(after, self.brought(request, Pasted::read(input))).await
        } else {
            timeout(after, self.sent_back(request)).await
        };
        let (authorization, code) = arrival.unwrap_or(Err(LoginError::Timeout { after }))?;
        let token = async |attempt: Attempt<'_>| {
            self.acquirer.redeem_code(&attempt, &authorization, &code).await
        };
        Ok(self.ask(token).await?)
    }

    /// The browser comes back to us.
    async fn sent_back(
        &self,
        request: &AuthorizationRequest,
    ) -> Result<(Arc<Authorization>, Secret), LoginError> {
        let listener = Listener::bind(&request.redirect_uri).await?;
        let redirect_uri = listener.redirect_uri().clone();
        let authorization = self.authorization(request, redirect_uri).await?;
        (self.tell)(Notice::Open { page: &authorization.url });
        let expected = authorization.clone();
        let address = listener.answer(Box::new(move |it| expected.is_answer(it))).await;
        let code = authorization.answer(&address)?;
        Ok((authorization, code))
    }

    /// The person brings what the browser ended at.
    async fn brought(
        &self,
        request: &AuthorizationRequest,
        mut pasted: Pasted,
    ) -> Result<(Arc<Authorization>, Secret), LoginError> {
        let redirect_uri = paste::redirect_uri(&request.redirect_uri);
        let authorization = self.authorization(request, redirect_uri).await?;
        (self.tell)(Notice::Bring { page: &authorization.url });
        loop {
            let line = pasted.line().await.ok_or(LoginError::Input)?;
            let taken = paste::read(&line, "code", authorization.redirect_uri(), |address| {
                authorization.answer(address)
            });
            match taken {
                Ok(code) => return Ok((authorization, code)),
                Err(error) if error.is_a_slip() => (self.tell)(Notice::BringAgain(&error)),
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn authorization(
        &self,
        request: &AuthorizationRequest,
        redirect_uri: url::Url,
    ) -> Result<Arc<Authorization>, LoginError> {
        let attempt = self.attempt();
        let authorization =
            self.acquirer.authorization(&attempt, request, redirect_uri, &self.randomness);
        Ok(Arc::new(authorization.await?))
    }
}
