//! How each grant and each client authentication is asked of `plain`, as keys of a credential.

use super::{CLIENT, PUBLIC_CLIENT};
use crate::sandbox::request::Client;

/// A client that signs with a private key has no use for its secret.
const SIGNER: Client = Client { id: CLIENT.id, secret: "" };
const PUBLIC: Client = Client { id: PUBLIC_CLIENT, secret: "" };

/// A way to ask.
pub(in crate::sandbox) struct Trial {
    pub(in crate::sandbox) name: &'static str,
    pub(in crate::sandbox) client: &'static Client,
    /// `@SITE@` stands for the URL of the server, `@KEYS@` for the folder with its keys.
    pub(in crate::sandbox) keys: &'static str,
}

const fn trial(name: &'static str, keys: &'static str) -> Trial {
    Trial { name, client: &CLIENT, keys }
}

pub(in crate::sandbox) const TRIALS: [Trial; 13] = [
    trial("client_credentials", "grant: client_credentials"),
    trial("refresh_token", "grant: refresh_token, refresh_token: sandbox-refresh-token"),
    trial("authorization_code", "issuer: \"@SITE@\", grant: authorization_code"),
    trial("device_code", "issuer: \"@SITE@\", grant: device_code"),
    trial("jwt_bearer", "grant: jwt_bearer, assertion: { key: { file: \"@KEYS@/rsa.pem\" } }"),
    trial("token_exchange", "grant: token_exchange, subject_token: sandbox-subject"),
    trial("password", "grant: password, username: sandbox-user, password: sandbox-password"),
    trial(
        "account_credentials",
        "grant_type: account_credentials, parameters: { account_id: \"1\" }",
    ),
    trial("client_secret_basic", "client_authentication: client_secret_basic"),
    trial("client_secret_post", "client_authentication: client_secret_post"),
    trial("client_secret_jwt", "client_authentication: client_secret_jwt"),
    Trial {
        name: "private_key_jwt",
        client: &SIGNER,
        keys: "client_authentication: { private_key_jwt: { key: { file: \"@KEYS@/rsa.pem\" } } }",
    },
    Trial {
        name: "none",
        client: &PUBLIC,
        keys: "client_authentication: none, client_id: sandbox-public",
    },
];
