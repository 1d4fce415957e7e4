//! What the server says about itself (RFC 8414, section 2; `OpenID` Connect Discovery 1.0,
//! section 3).

use hyper::{Method, StatusCode};
use serde_json::json;

use super::{Visit, grant};
use crate::sandbox::reply::Reply;

const AUTHENTICATIONS: [&str; 5] =
    ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"];
const ALGORITHMS: [&str; 12] = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
    "ES384", "EdDSA",
];

/// The document, at both of its addresses.
pub(super) fn document(visit: &Visit<'_>) -> Reply {
    if visit.request.method != Method::GET {
        return Reply::bare(StatusCode::METHOD_NOT_ALLOWED, "").header("allow", "GET");
    }
    let body = json!({
        "issuer": format!("{}{}", visit.issuer(), visit.manner.issuer_suffix),
        "token_endpoint": visit.url("/token"),
        "authorization_endpoint": visit.url("/authorize"),
        "device_authorization_endpoint": visit.url("/device_authorization"),
        "grant_types_supported": grant::GRANT_TYPES,
        "token_endpoint_auth_methods_supported": AUTHENTICATIONS,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    Reply::typed(StatusCode::OK, "application/json", body.to_string())
}
