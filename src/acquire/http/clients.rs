//! Which client serves which endpoint. One client costs about 100 kB and 2 ms, nearly all of it
//! for the certificate authorities, so there are as few as possible and none before its time.

use std::{
    collections::HashMap,
    fmt, io,
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Certificate, Client, ClientBuilder, redirect, retry};
use url::Url;
use zeroize::Zeroizing;

use super::{TransportError, identity};
use crate::credential::{ClientCertificate, Fingerprint, TokenEndpoint, is_loopback, origin};

/// An idle connection costs about 35 kB, and the next request is minutes away.
const IDLE: Duration = Duration::from_secs(15);

/// A burst to one endpoint may reuse this many connections.
const IDLE_PER_HOST: usize = 2;

/// The clients made so far.
#[derive(Default)]
pub(super) struct Clients(Mutex<HashMap<Kind, Made>>);

/// What makes clients differ.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Kind {
    /// Loopback is reached directly: a proxy could not reach it, and would learn the secret.
    loopback: bool,
    trust: Trust,
    /// What we show (RFC 8705); nothing without TLS.
    certificate: Option<Box<ClientCertificate>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Trust {
    /// Plain `http`: nobody to trust, and no certificates to load.
    Nobody,
    /// What this machine trusts.
    System,
    /// The authorities in a file, and no others.
    Only(Box<Path>),
}

/// What a client is made of, as it was read from its files.
#[derive(Default)]
struct Files {
    authorities: Option<Vec<u8>>,
    identity: Option<Zeroizing<Vec<u8>>>,
}

struct Made {
    client: Client,
    /// The files as they were then.
    content: [Option<Fingerprint>; 2],
}

impl Clients {
    /// The client for a request to `url`, made anew if the content of one of its files has changed.
    pub(super) async fn client_for(
        &self,
        endpoint: &TokenEndpoint,
        url: &Url,
    ) -> Result<Client, TransportError> {
        let kind = kind(endpoint, url)?;
        let files = Files::read(&kind).await?;
        let content = files.content();
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = made.get(&kind)
            && made.content == content
        {
            return Ok(made.client.clone());
        }
        let client = make(&kind, &files)?;
        made.insert(kind, Made { client: client.clone(), content });
        Ok(client)
    }
}

impl Files {
    async fn read(kind: &Kind) -> Result<Self, TransportError> {
        let mut files = Self::default();
        if let Trust::Only(path) = &kind.trust {
            files.authorities = Some(read(path).await?);
        }
        if let Some(certificate) = &kind.certificate {
            files.identity = Some(identity::read(certificate).await?);
        }
        Ok(files)
    }

    fn content(&self) -> [Option<Fingerprint>; 2] {
        let identity = self.identity.as_ref().map(|pem| pem.as_slice());
        [self.authorities.as_deref(), identity].map(|content| content.map(Fingerprint::of))
    }
}

/// Whether `url` may be asked at all, and by which kind of client.
fn kind(endpoint: &TokenEndpoint, url: &Url) -> Result<Kind, TransportError> {
    let loopback = is_loopback(url);
    let trust = match (url.scheme(), &endpoint.ca_file) {
        ("https", None) => Trust::System,
        ("https", Some(path)) => Trust::Only(path.clone()),
        // Whoever asked for https is not led to anything less by a reply.
        ("http", _) if endpoint.allow_insecure => Trust::Nobody,
        ("http", _) if loopback && endpoint.url.scheme() != "https" => Trust::Nobody,
        ("http", _) if loopback => return Err(TransportError::Downgrade { origin: origin(url) }),
        _ => return Err(TransportError::Insecure { origin: origin(url) }),
    };
    let certificate = endpoint.certificate.clone().filter(|_| trust != Trust::Nobody);
    Ok(Kind { loopback, trust, certificate })
}

fn make(kind: &Kind, files: &Files) -> Result<Client, TransportError> {
    let builder = builder(kind, files)?;
    let (Some(certificate), Some(pem)) = (&kind.certificate, &files.identity) else {
        return build(builder);
    };
    let made = build(builder.identity(identity::parse(certificate, pem)?));
    match made {
        // The library does not say which part it minds. Without the certificate, it shows.
        Err(_) if self::builder(kind, files).and_then(build).is_ok() => {
            Err(identity::unfit(certificate))
        }
        made => made,
    }
}

fn build(builder: ClientBuilder) -> Result<Client, TransportError> {
    let made = builder.build();
    made.map_err(|error| TransportError::Setup { cause: error.without_url().to_string().into() })
}

fn builder(kind: &Kind, files: &Files) -> Result<ClientBuilder, TransportError> {
    let builder = Client::builder()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .https_only(kind.trust != Trust::Nobody)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_HOST);
    let builder = if kind.loopback { builder.no_proxy() } else { builder };
    Ok(match &kind.trust {
        Trust::Nobody => builder.tls_certs_only([]),
        Trust::System => builder,
        Trust::Only(path) => {
            let pem = files.authorities.as_deref().unwrap_or_default();
            builder.tls_certs_only(certificates(path, pem)?)
        }
    })
}

async fn read(path: &Path) -> Result<Vec<u8>, TransportError> {
    tokio::fs::read(path).await.map_err(|cause| TransportError::CaFile { path: path.into(), cause })
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<Certificate>, TransportError> {
    let invalid = |text: &str| TransportError::CaFile {
        path: path.into(),
        cause: io::Error::new(io::ErrorKind::InvalidData, text),
    };
    let certificates = Certificate::from_pem_bundle(pem).map_err(|_| invalid("it is not PEM"))?;
    if certificates.is_empty() {
        return Err(invalid("it has no certificate"));
    }
    Ok(certificates)
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clients")
    }
}
