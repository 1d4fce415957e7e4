//! The two requests of a log-in (RFC 5849, sections 2.1 and 2.3). Between them the resource owner
//! agrees. A renewal is a request of the same kind.

use url::Url;

use super::{
    Leg, OwnerAuthorization, Stamp, answer,
    message::{Message, Protocol},
    signature::{Secrets, Signer},
};
use crate::{
    acquire::{
        AcquireError, Acquirer, Attempt, HttpTransport, RawResponse, TokenRequest, read,
        redaction::Redaction, request,
    },
    credential::{Callback, Client, Method, OAuth1, ParameterPlace, ValueSource},
    secret::Secret,
    token::IssuedToken,
};

/// One leg: what it has that the others have not.
pub(super) struct Request<'a> {
    pub(super) leg: Leg,
    pub(super) url: &'a Url,
    /// Identifier and shared secret of the temporary credentials, or of the token.
    pub(super) token: Option<(&'a Secret, &'a Secret)>,
    pub(super) further: (&'static str, &'a str),
    pub(super) form: Vec<(Box<str>, Secret)>,
    pub(super) stamp: Stamp,
}

/// Who asks.
pub(super) struct Consumer {
    pub(super) id: Secret,
    pub(super) secret: Secret,
}

impl Acquirer {
    /// Asks for temporary credentials, and says which page to open with them. `callback` is where
    /// the browser will really come back to.
    pub async fn temporary_credentials(
        &self,
        attempt: &Attempt<'_>,
        oauth1: &OAuth1,
        callback: Callback,
        stamp: Stamp,
    ) -> Result<OwnerAuthorization, AcquireError> {
        let parameters = &*attempt.credential.parameters;
        let mut form = further(&parameters.extra).await?;
        if !attempt.credential.scope.is_empty() {
            form.push(("scope".into(), (&*attempt.credential.scope).into()));
        }
        let page = match &callback {
            Callback::OutOfBand => "oob",
            Callback::Page(url) => url.as_str(),
        };
        let request = Request {
            leg: Leg::TemporaryCredentials,
            url: &oauth1.initiate,
            token: None,
            further: ("oauth_callback", page),
            form,
            stamp,
        };
        let (raw, _) = self.ask_signed(attempt, oauth1, request).await?;
        let (token, token_secret) = answer::temporary(&raw)?;
        Ok(OwnerAuthorization::new(&oauth1.authorize, callback, token, token_secret))
    }

    /// Hands in the verifier. The answer comes once: whoever loses it begins again.
    pub async fn token_credentials(
        &self,
        attempt: &Attempt<'_>,
        oauth1: &OAuth1,
        owner: &OwnerAuthorization,
        verifier: &Secret,
        stamp: Stamp,
    ) -> Result<IssuedToken, AcquireError> {
        let request = Request {
            leg: Leg::TokenCredentials,
            url: &attempt.credential.endpoint.url,
            token: Some((&owner.token, &owner.token_secret)),
            further: ("oauth_verifier", verifier.expose()),
            form: Vec::new(),
            stamp,
        };
        let (raw, consumer) = self.ask_signed(attempt, oauth1, request).await?;
        answer::token(Leg::TokenCredentials, attempt, &raw, consumer)
    }

    async fn ask_signed(
        &self,
        attempt: &Attempt<'_>,
        oauth1: &OAuth1,
        request: Request<'_>,
    ) -> Result<(RawResponse, Consumer), AcquireError> {
        let credential = attempt.credential;
        let consumer = Consumer::of(&credential.client).await?;
        let request_of_leg = request.compose(attempt, oauth1, &consumer).await?;
        let raw = self.wire.send(&credential.endpoint, request_of_leg, attempt.deadline).await?;
        answer::check(request.leg, attempt.sent_at, &raw)?;
        Ok((raw, consumer))
    }
}

impl Consumer {
    /// The client credentials. With a private key there is no shared secret.
    pub(super) async fn of(client: &Client) -> Result<Self, AcquireError> {
        let id = match &client.id {
            Some(id) => read("client_id", id).await?,
            None => Secret::default(),
        };
        let secret = match client.secrets.first() {
            Some(secret) => read("client_secret", secret).await?,
            None => Secret::default(),
        };
        Ok(Self { id, secret })
    }
}

impl Request<'_> {
    pub(super) async fn compose(
        &self,
        attempt: &Attempt<'_>,
        oauth1: &OAuth1,
        consumer: &Consumer,
    ) -> Result<TokenRequest, AcquireError> {
        let parameters = &*attempt.credential.parameters;
        let mut url = self.url.clone();
        for (name, value) in further(&parameters.query).await? {
            url.query_pairs_mut().append_pair(&name, value.expose());
        }
        // RFC 9110, section 9.3.1: a GET has no body, so what would stand there goes into the query.
        let (method, form, place) = match (parameters.method, oauth1.parameters_in) {
            (Method::Post, place) => ("POST", &self.form[..], place),
            (Method::Get, place) => {
                for (name, value) in &self.form {
                    url.query_pairs_mut().append_pair(name, value.expose());
                }
                let in_body = place == ParameterPlace::Body;
                ("GET", &[][..], if in_body { ParameterPlace::Query } else { place })
            }
        };
        let message = Message { method, url: &url, form };
        let protocol = self.sign(oauth1, consumer, &message).await?;
        let placed = message.place(&protocol, place, oauth1.realm.as_deref());
        let headers = placed.headers(further(&parameters.headers).await?);
        let (url, body) = (placed.url, placed.body.into());
        Ok(TokenRequest { method: parameters.method, url, headers, body })
    }

    async fn sign(
        &self,
        oauth1: &OAuth1,
        consumer: &Consumer,
        message: &Message<'_>,
    ) -> Result<Vec<(Box<str>, Secret)>, AcquireError> {
        let token_secret = self.token.map_or("", |(_, secret)| secret.expose());
        let secrets = Secrets { client: consumer.secret.expose(), token: token_secret };
        let protocol = Protocol {
            signer: &Signer::new(&oauth1.signature_method, secrets).await?,
            signature_method: oauth1.signature_method.name(),
            client_id: consumer.id.expose(),
            token: self.token.map(|(token, _)| token.expose()),
            stamp: &self.stamp,
            further: Some(self.further),
        };
        Ok(protocol.sign(message)?)
    }
}

/// Further parameters or headers from the configuration. No answer is shown, so none of them has
/// to be hidden in one.
async fn further(
    fields: &[(Box<str>, ValueSource)],
) -> Result<Vec<(Box<str>, Secret)>, AcquireError> {
    request::read_all(fields, &mut Redaction::default()).await
}
