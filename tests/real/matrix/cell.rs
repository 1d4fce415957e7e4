//! One cell of the matrix: a credential of the program, and the client that the server knows.

use super::Authentication;
use crate::{
    server::{Client, Server, free_port},
    software::Software,
    tokenward,
};

/// One server, one grant, one client authentication.
pub struct Cell {
    grant: &'static str,
    authentication: Authentication,
    pub client: Client,
}

impl Cell {
    pub fn new(software: &Software, grant: &'static str, authentication: Authentication) -> Self {
        let has_secret = authentication.has_secret();
        let port =
            if software.any_loopback_port { String::new() } else { format!(":{}", free_port()) };
        let client = Client {
            secret: has_secret.then(|| "a secret of thirty-two characters".to_owned()),
            algorithm: authentication.algorithm(),
            redirect_uri: (grant == "authorization_code")
                .then(|| format!("http://127.0.0.1{port}/callback")),
            ..Client::new(&format!("{grant}-{authentication}"), grant, authentication.name())
        };
        Self { grant, authentication, client }
    }

    /// Of the credential, and of the client at the server.
    pub fn name(&self) -> String {
        self.client.id.clone()
    }

    /// Whether a person has to agree first.
    pub fn needs_login(&self) -> bool {
        matches!(self.grant, "authorization_code" | "device_code")
    }

    /// The credential in the configuration.
    pub fn entry(&self, software: &Software, server: &Server) -> String {
        let name = self.name();
        let mut keys = vec![
            format!("grant: {}", self.grant),
            format!("client_id: {name}"),
            "scope: [read]".to_owned(),
        ];
        keys.extend(self.authentication.keys(software, server));
        keys.extend(self.grant_keys(software, server));
        if let Some(secret) = &self.client.secret {
            keys.push(format!("client_secret: {secret}"));
        }
        tokenward::entry(&name, &keys)
    }

    fn grant_keys(&self, software: &Software, server: &Server) -> Vec<String> {
        match self.grant {
            "refresh_token" => vec![format!("refresh_token: {}", server.seed(&self.name()))],
            "password" => vec!["username: ann".into(), "password: ann's password".into()],
            "authorization_code" => {
                let endpoint = server.address(software.authorization_path);
                let mut keys = vec![format!("authorization_endpoint: {endpoint}")];
                if !software.any_loopback_port {
                    keys.extend(
                        self.client.redirect_uri.iter().map(|uri| format!("redirect_uri: {uri}")),
                    );
                }
                keys
            }
            "device_code" => {
                let path = software.device_authorization_path;
                // The client authenticates there too (RFC 8628, section 3.1).
                let endpoint = if self.authentication.is_tls() {
                    server.tls_address(path)
                } else {
                    server.address(path)
                };
                vec![format!("device_authorization_endpoint: {endpoint}")]
            }
            "jwt_bearer" => {
                let algorithm = self.authentication.algorithm().filter(|name| *name != "HS256");
                let algorithm = algorithm.unwrap_or("RS256");
                let key = server.file(&format!("{algorithm}.key"));
                vec![format!(
                    "assertion: {{ algorithm: {algorithm}, key: {{ file: {} }}, subject: ann, audience: {} }}",
                    key.display(),
                    server.token_endpoint(),
                )]
            }
            "token_exchange" => vec![
                format!("subject_token: {}", server.seed(&self.name())),
                "subject_token_type: urn:ietf:params:oauth:token-type:access_token".into(),
            ],
            _ => Vec::new(),
        }
    }
}
