//! How the client proves who it is: a row of the matrix.

use std::fmt;

use crate::{
    server::Server,
    software::{BasicEncoding, Software},
};

/// How the client proves who it is: a row of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    None,
    ClientSecretBasic,
    ClientSecretPost,
    ClientSecretJwt,
    /// By this algorithm.
    PrivateKeyJwt(&'static str),
    TlsClientAuth,
    SelfSignedTlsClientAuth,
}

/// All rows.
pub const AUTHENTICATIONS: [Authentication; 10] = [
    Authentication::None,
    Authentication::ClientSecretBasic,
    Authentication::ClientSecretPost,
    Authentication::ClientSecretJwt,
    Authentication::PrivateKeyJwt("RS256"),
    Authentication::PrivateKeyJwt("PS256"),
    Authentication::PrivateKeyJwt("ES256"),
    Authentication::PrivateKeyJwt("EdDSA"),
    Authentication::TlsClientAuth,
    Authentication::SelfSignedTlsClientAuth,
];

impl Authentication {
    /// By RFC 7591, section 2, and RFC 8705, section 2.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt(_) => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }

    pub const fn algorithm(self) -> Option<&'static str> {
        match self {
            Self::ClientSecretJwt => Some("HS256"),
            Self::PrivateKeyJwt(algorithm) => Some(algorithm),
            _ => None,
        }
    }

    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt)
    }

    pub const fn is_tls(self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }

    /// Where and how the client authenticates.
    pub fn keys(self, software: &Software, server: &Server) -> Vec<String> {
        let name = self.name();
        let value = match self {
            Self::ClientSecretBasic if software.basic_encoding == BasicEncoding::Raw => {
                "{ client_secret_basic: { encoding: raw } }".to_owned()
            }
            Self::PrivateKeyJwt(algorithm) => {
                let key = server.file(&format!("{algorithm}.key"));
                let key = key.display();
                format!(
                    "{{ private_key_jwt: {{ algorithm: {algorithm}, key: {{ file: {key} }} }} }}"
                )
            }
            _ => name.to_owned(),
        };
        let mut keys = vec![format!("client_authentication: {value}")];
        if self.is_tls() {
            let file = |name: &str| server.file(name).display().to_string();
            keys.push(format!("token_endpoint: {}", server.tls_address(software.token_path)));
            keys.push(format!("ca_file: {}", file("authority.pem")));
            keys.push(format!(
                "client_certificate: {{ certificate: {}, key: {} }}",
                file(&format!("{name}.pem")),
                file(&format!("{name}.key")),
            ));
        } else {
            keys.push(format!("token_endpoint: {}", server.token_endpoint()));
        }
        keys
    }
}

impl fmt::Display for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PrivateKeyJwt(algorithm) => write!(f, "{}-{algorithm}", self.name()),
            _ => f.write_str(self.name()),
        }
    }
}
