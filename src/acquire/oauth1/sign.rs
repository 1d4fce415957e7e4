//! One request of a consumer, signed with the token in hand (RFC 5849, section 3).

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::Url;

use super::{
    OAuth1Error, Stamp,
    message::{Message, Protocol, header},
    signature::{Secrets, Signer},
};
use crate::{
    acquire::{AcquireError, Acquirer},
    credential::{OAuth1, SignatureMethod},
    secret::Secret,
    token::{CLIENT_ID, CLIENT_SECRET, IssuedToken, TOKEN_SECRET},
};

/// A request that a consumer is about to send.
#[derive(Clone, Debug)]
pub struct SignedRequest {
    /// The HTTP method.
    pub method: Box<str>,
    /// As it will be asked for, with its query.
    pub url: Url,
    /// What it carries.
    pub body: RequestBody,
}

/// What a request carries, as far as its signature cares.
#[derive(Clone, Debug)]
pub enum RequestBody {
    /// A form, or nothing; its parameters are signed.
    Form(Vec<(Box<str>, Secret)>),
    /// Anything else. Only its digest is signed, as `oauth_body_hash` (OAuth Request Body Hash
    /// 1.0), for servers that know it; the others pass it over.
    Bytes(Vec<u8>),
}

impl Acquirer {
    /// The value of the `Authorization` header for a request, good for that one alone.
    pub async fn sign(
        &self,
        oauth1: &OAuth1,
        token: &IssuedToken,
        request: &SignedRequest,
        stamp: Stamp,
    ) -> Result<Secret, AcquireError> {
        let field = |name| token.field(name).ok_or(OAuth1Error::OtherToken);
        let secrets = Secrets { client: field(CLIENT_SECRET)?, token: field(TOKEN_SECRET)? };
        let signer = Signer::new(&oauth1.signature_method, secrets).await?;
        let (form, hash) = match &request.body {
            RequestBody::Form(form) => (&form[..], None),
            RequestBody::Bytes(bytes) => {
                (&[][..], Some(body_hash(&oauth1.signature_method, bytes)))
            }
        };
        let message = Message { method: &request.method, url: &request.url, form };
        let protocol = Protocol {
            signer: &signer,
            signature_method: oauth1.signature_method.name(),
            client_id: field(CLIENT_ID)?,
            token: Some(token.access_token.expose()),
            stamp: &stamp,
            further: hash.as_deref().map(|hash| ("oauth_body_hash", hash)),
        };
        Ok(header(&protocol.sign(&message)?, oauth1.realm.as_deref()).into())
    }
}

/// With the digest of the signature method.
fn body_hash(method: &SignatureMethod, bytes: &[u8]) -> String {
    let algorithm = match method {
        SignatureMethod::HmacSha256 | SignatureMethod::RsaSha256 { .. } => &SHA256,
        SignatureMethod::HmacSha1
        | SignatureMethod::RsaSha1 { .. }
        | SignatureMethod::Plaintext => &SHA1_FOR_LEGACY_USE_ONLY,
    };
    STANDARD.encode(digest(algorithm, bytes))
}
