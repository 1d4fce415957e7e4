//! The seam to the network: what goes out, what comes back, and what can go wrong between.

use std::{fmt, io, path::Path, pin::Pin, time::Duration};

use url::Url;
use zeroize::Zeroizing;

use crate::{
    credential::{Method, TokenEndpoint, without_query},
    error::{Evidence, Fault},
    secret::Secret,
};

/// One exchange under way.
pub type Exchange<'a> =
    Pin<Box<dyn Future<Output = Result<RawResponse, TransportError>> + Send + 'a>>;

/// Sends token requests. It follows no redirect and repeats nothing by itself: only the scheduler
/// decides to ask again.
pub trait HttpTransport: Send + Sync {
    /// Sends `request` and reads the whole reply, both within `deadline`. The endpoint says whom
    /// to trust and which certificate to show; the request may go to another URL of the provider.
    fn send<'a>(
        &'a self,
        endpoint: &'a TokenEndpoint,
        request: TokenRequest,
        deadline: Duration,
    ) -> Exchange<'a>;
}

/// A request to a provider, with secrets in it.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// The method.
    pub method: Method,
    /// The endpoint's URL, with the parameters in its query if that is where they go.
    pub url: Url,
    /// Names and values.
    pub headers: Vec<(Box<str>, Secret)>,
    /// The encoded parameters, unless they are in the query.
    pub body: Secret,
}

/// A reply as it came, with a token in it.
#[derive(Clone, PartialEq, Eq)]
pub struct RawResponse {
    /// The status code.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(Box<str>, Box<str>)>,
    /// The body, at most [`RawResponse::MAX_BODY`] bytes.
    pub body: Zeroizing<Vec<u8>>,
}

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// Plain `http` to another machine.
    #[error("{origin} would send the client's secret in plain text; {}", self.advice())]
    Insecure {
        /// Scheme and host.
        origin: Box<str>,
    },
    /// Plain `http`, though to this machine, where the token endpoint is `https`.
    #[error("{origin} is plain http, and whoever asks for https is not led to it; {}", self.advice())]
    Downgrade {
        /// Scheme and host.
        origin: Box<str>,
    },
    /// The certificate authorities could not be read.
    #[error("the ca_file {} cannot be used: {cause}; {}", path.display(), self.advice())]
    CaFile {
        /// The file.
        path: Box<Path>,
        /// What the system said.
        cause: io::Error,
    },
    /// The certificate that we show could not be made ready.
    #[error("the client certificate's file {} {flaw}; {}", path.display(), self.advice())]
    ClientCertificate {
        /// The file.
        path: Box<Path>,
        /// What is wrong with it.
        flaw: CertificateFlaw,
    },
    /// The HTTP client could not be made.
    #[error("the HTTP client cannot be set up: {cause}; {}", self.advice())]
    Setup {
        /// What it said.
        cause: Box<str>,
    },
    /// A header that HTTP does not allow.
    #[error("the request header {name:?} has a character that HTTP forbids; {}", self.advice())]
    Header {
        /// Its name.
        name: Box<str>,
    },
    /// The host's name has no address.
    #[error("the name of {origin} cannot be resolved: {cause}; {}", self.advice())]
    Dns {
        /// Scheme and host.
        origin: Box<str>,
        /// What the resolver said.
        cause: Box<str>,
    },
    /// Nobody there.
    #[error("cannot connect to {origin}: {cause}; {}", self.advice())]
    Connect {
        /// Scheme and host.
        origin: Box<str>,
        /// What the system said.
        cause: Box<str>,
    },
    /// Somebody there, but not provably the right one.
    #[error("no trusted connection to {origin}: {cause}; {}", self.advice())]
    Tls {
        /// Scheme and host.
        origin: Box<str>,
        /// What TLS said.
        cause: Box<str>,
    },
    /// Too late.
    #[error("{origin} did not answer within {} s; {}", after.as_secs_f32(), self.advice())]
    Timeout {
        /// Scheme and host.
        origin: Box<str>,
        /// The deadline.
        after: Duration,
    },
    /// The connection broke after it stood.
    #[error("the exchange with {origin} broke off: {cause}; {}", self.advice())]
    Interrupted {
        /// Scheme and host.
        origin: Box<str>,
        /// What the system said.
        cause: Box<str>,
    },
    /// A reply without end.
    #[error("{origin} sent more than 1 MiB, which is no token; {}", self.advice())]
    TooLarge {
        /// Scheme and host.
        origin: Box<str>,
    },
}

/// What is wrong with a file of the certificate that we show.
#[derive(Debug, thiserror::Error)]
pub enum CertificateFlaw {
    /// The system does not let us read it.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// It has no section of PEM that is a certificate.
    #[error("holds no certificate in PEM")]
    NoCertificate,
    /// It has no section of PEM that is a private key without a passphrase.
    #[error("holds no private key in PEM without a passphrase")]
    NoKey,
    /// Key and certificate are not a pair, or one is damaged.
    #[error("holds a key that does not fit the certificate")]
    Unfit,
}

impl TransportError {
    /// Whether it can pass by itself.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Insecure { .. }
            | Self::Downgrade { .. }
            | Self::CaFile { .. }
            | Self::ClientCertificate { .. }
            | Self::Setup { .. }
            | Self::Header { .. } => Fault::Local,
            Self::Dns { .. }
            | Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Timeout { .. }
            | Self::Interrupted { .. }
            | Self::TooLarge { .. } => Fault::Transient,
        }
    }

    /// What it says of the endpoint. Of what fails on this machine, nothing.
    pub const fn evidence(&self) -> Evidence {
        match self.fault() {
            Fault::Local => Evidence::Unknown,
            Fault::Transient | Fault::Permanent => Evidence::Failing,
        }
    }

    /// Whether the request may have been received.
    pub const fn leaves_open(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::Interrupted { .. } | Self::TooLarge { .. })
    }

    /// A label for logs and metrics that stays the same over versions.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Insecure { .. } | Self::Downgrade { .. } => "insecure",
            Self::CaFile { .. } => "ca_file",
            Self::ClientCertificate { .. } => "client_certificate",
            Self::Setup { .. } => "http_setup",
            Self::Header { .. } => "header",
            Self::Dns { .. } => "dns",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::Interrupted { .. } => "interrupted",
            Self::TooLarge { .. } => "too_large",
        }
    }

    /// What a person should do next.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Insecure { .. } => "use https, or accept the risk with `allow_insecure: true`",
            Self::Downgrade { .. } => "use https there too, or set `allow_insecure: true`",
            Self::CaFile { .. } => "name a readable file of PEM certificates",
            Self::ClientCertificate { .. } => {
                "give `client_certificate` the PEM files of a certificate and of its key"
            }
            Self::Setup { .. } => "check the certificates of this machine and its proxy variables",
            Self::Header { .. } => "correct it in the configuration or at the value's source",
            Self::Dns { .. } => "check the host in the URL and this machine's resolver",
            Self::Connect { .. } => "check the URL, the firewall and the proxy variables",
            Self::Tls { .. } => {
                "if its certificate is from a private authority, name that in ca_file; if it sent \
                 an alert, check `client_certificate`"
            }
            Self::Timeout { .. } => "if it is always so slow, raise `timeout`",
            Self::Interrupted { .. } => {
                "it is tried again; if it stays so, look at proxies between"
            }
            Self::TooLarge { .. } => "check that token_endpoint is the URL of a token endpoint",
        }
    }
}

impl RawResponse {
    /// The longest body that is read.
    pub const MAX_BODY: usize = 1 << 20;

    /// The value of the first header called `name`, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value.trim())
    }
}

impl fmt::Debug for TokenRequest {
    /// Names only: a parameter in the query may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("method", &self.method)
            .field("url", &without_query(&self.url))
            .field("headers", &self.headers)
            .field("body", &self.body)
            .finish()
    }
}

impl fmt::Debug for RawResponse {
    /// The status alone: headers may hold cookies and echoed tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse").field("status", &self.status).finish_non_exhaustive()
    }
}
