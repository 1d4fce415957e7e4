//! The one real transport: reqwest, told to do less.
//!
//! No redirect is followed, nothing is repeated, and no more than one mebibyte is read. There is
//! no decompression, so that a small reply cannot become a large one.

mod clients;
mod identity;

use std::{io, time::Duration};

use reqwest::{
    Client, Response,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use zeroize::Zeroizing;

use self::clients::Clients;
use super::transport::{Exchange, HttpTransport, RawResponse, TokenRequest, TransportError};
use crate::{
    credential::{Method, TokenEndpoint, origin},
    secret::Secret,
};

/// Sends token requests over the network. Clients are made when they are first needed, and shared
/// by all endpoints that trust the same certificate authorities and are shown the same certificate.
#[derive(Debug, Default)]
pub struct HttpClients(Clients);

impl HttpClients {
    /// Whether requests to `endpoint` can be made: the files of its
    /// certificates are read, nothing is sent.
    pub async fn check(&self, endpoint: &TokenEndpoint) -> Result<(), TransportError> {
        self.0.client_for(endpoint, &endpoint.url).await.map(drop)
    }
}

impl HttpTransport for HttpClients {
    fn send<'a>(
        &'a self,
        endpoint: &'a TokenEndpoint,
        request: TokenRequest,
        deadline: Duration,
    ) -> Exchange<'a> {
        Box::pin(async move {
            let origin = origin(&request.url);
            let exchange = async {
                let client = self.0.client_for(endpoint, &request.url).await?;
                exchange(&client, &origin, request).await
            };
            match tokio::time::timeout(deadline, exchange).await {
                Ok(result) => result,
                Err(_elapsed) => {
                    Err(TransportError::Timeout { origin: origin.clone(), after: deadline })
                }
            }
        })
    }
}

async fn exchange(
    client: &Client,
    origin: &str,
    request: TokenRequest,
) -> Result<RawResponse, TransportError> {
    let fail = |error| failure(origin, &error);
    let outgoing = match request.method {
        Method::Get => client.get(request.url),
        Method::Post => client.post(request.url).body(request.body.expose().to_owned()),
    };
    let outgoing = outgoing.headers(headers(&request.headers)?);
    let reply = outgoing.send().await.map_err(fail)?;
    let status = reply.status().as_u16();
    let headers = reply.headers().iter().map(|(name, value)| {
        (name.as_str().into(), String::from_utf8_lossy(value.as_bytes()).into())
    });
    let headers = headers.collect();
    Ok(RawResponse { status, headers, body: body(origin, reply).await? })
}

fn headers(fields: &[(Box<str>, Secret)]) -> Result<HeaderMap, TransportError> {
    let mut headers = HeaderMap::with_capacity(fields.len());
    for (name, value) in fields {
        let forbidden = || TransportError::Header { name: name.clone() };
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| forbidden())?;
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| forbidden())?;
        value.set_sensitive(true);
        headers.append(key, value);
    }
    Ok(headers)
}

/// The body, read piece by piece: its announced length may be a lie.
async fn body(origin: &str, mut reply: Response) -> Result<Zeroizing<Vec<u8>>, TransportError> {
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = reply.chunk().await.map_err(|error| failure(origin, &error))? {
        if body.len() + chunk.len() > RawResponse::MAX_BODY {
            return Err(TransportError::TooLarge { origin: origin.into() });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What went wrong, by the innermost cause: reqwest's own text would show the URL and its query.
fn failure(origin: &str, error: &reqwest::Error) -> TransportError {
    let origin = origin.into();
    let cause = innermost(error);
    if error.is_dns() {
        TransportError::Dns { origin, cause }
    } else if is_tls(error) {
        TransportError::Tls { origin, cause }
    } else if error.is_connect() {
        TransportError::Connect { origin, cause }
    } else {
        TransportError::Interrupted { origin, cause }
    }
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |error| error.source())
}

/// The last cause on one line. Only system, TLS and HTTP libraries speak here, and none of them
/// knows a secret.
fn innermost(error: &reqwest::Error) -> Box<str> {
    let last = causes(error).last().map_or_else(|| "no reason given".into(), ToString::to_string);
    last.chars().filter(|c| !c.is_control()).take(200).collect::<String>().into()
}

/// rustls reports a certificate or a protocol that it does not accept as invalid data. So it does
/// with the server's alert about our certificate, which TLS 1.3 sends only after the handshake.
fn is_tls(error: &reqwest::Error) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).any(is_invalid_data)
}

/// An `io::Error` inside another is no `source` of it.
fn is_invalid_data(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>());
    error.kind() == io::ErrorKind::InvalidData || inner.is_some_and(is_invalid_data)
}

#[cfg(test)]
mod tests;
