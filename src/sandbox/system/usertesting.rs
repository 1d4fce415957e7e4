//! `UserTesting`: `POST https://auth.usertesting.com/oauth2/aus1p3vtd8vtm4Bxv0h8/v1/token`, an
//! Okta authorization server.
//!
//! Documented: a form with the credentials in the body, a JWT, the members of the reply in their
//! order. Okta has two dialects for errors: OAuth's, and its platform's (`errorCode` ...) for
//! unknown clients, unknown paths and exceeded limits. Each reply carries the limit's state.

use hyper::{Method, StatusCode};
use serde_json::json;

use super::{Answer, Endpoint, System, either};
use crate::sandbox::{
    occasion::Occasion,
    okta::{error, is_over_limit, platform_error, respond, too_many_requests, with_limit},
    reply::Reply,
    request::{Client, Parameters, Request},
};

pub(super) const SYSTEM: System = System {
    name: "usertesting",
    is: "UserTesting: form body, JWT, the two error dialects and the rate limit of Okta",
    endpoints: &[Endpoint { path: PATH, client: &CLIENT, preset: Some("usertesting"), keys: "" }],
    answer: |request, occasion| with_limit(either(token(request, occasion)), occasion),
    outage: |occasion| {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let reply = platform_error(status, "E0000009", "Internal Server Error", occasion);
        with_limit(reply, occasion)
    },
};

const PATH: &str = "/usertesting/oauth2/aus1p3vtd8vtm4Bxv0h8/v1/token";
const CLIENT: Client = Client { id: "sandbox-usertesting", secret: "sandbox-usertesting-secret" };
const ISSUER: &str = "https://auth.usertesting.com/oauth2/aus1p3vtd8vtm4Bxv0h8";
const SCOPE: &str = "studies:read";
const LIFETIME: u64 = 3600;

fn token(request: &Request, occasion: &Occasion<'_>) -> Answer {
    let platform = |status, code, summary| Err(platform_error(status, code, summary, occasion));
    if is_over_limit(occasion) {
        return Err(too_many_requests(occasion));
    }
    if request.path != PATH {
        let summary = "Not found: Resource not found.";
        return platform(StatusCode::NOT_FOUND, "E0000007", summary);
    }
    if request.method != Method::POST {
        let summary = "The endpoint does not support the provided HTTP method";
        return platform(StatusCode::METHOD_NOT_ALLOWED, "E0000022", summary);
    }
    let Some(parameters) = request.form() else {
        let summary = "Bad request. Accept and/or Content-Type headers likely do not match \
                       supported values.";
        return platform(StatusCode::BAD_REQUEST, "E0000021", summary);
    };
    authenticate(request, &parameters, occasion)?;
    let refuse = |code, description| Err(error(StatusCode::BAD_REQUEST, code, description));
    match parameters.one("grant_type") {
        Some("client_credentials") => {}
        Some(_) => {
            let description = "The authorization grant type is not supported by the \
                               authorization server. Configured grant types: \
                               [client_credentials].";
            return refuse("unsupported_grant_type", description);
        }
        None => return refuse("invalid_request", "The 'grant_type' parameter is required."),
    }
    match parameters.one("scope") {
        Some(SCOPE) => Ok(granted(occasion)),
        Some(_) => refuse(
            "invalid_scope",
            "One or more scopes are not configured for the authorization server resource.",
        ),
        None => refuse(
            "invalid_scope",
            "The authorization server resource does not have any configured default scopes, \
             'scope' must be provided.",
        ),
    }
}

fn authenticate(
    request: &Request,
    parameters: &Parameters,
    occasion: &Occasion<'_>,
) -> Result<(), Reply> {
    let posted = parameters.credentials();
    if request.basic().is_some() && posted.is_some() {
        return Err(error(
            StatusCode::UNAUTHORIZED,
            "invalid_request",
            "Cannot supply multiple client credentials. Use one of the following: credentials in \
             the Authorization header, credentials in the post body, or a client_assertion in \
             the post body.",
        ));
    }
    match posted {
        Some((id, secret)) if CLIENT.is(id, secret) => Ok(()),
        Some((id, _)) if id == CLIENT.id => Err(error(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "The client secret supplied for a confidential client is invalid.",
        )),
        Some(_) => Err(platform_error(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Invalid value for 'client_id' parameter.",
            occasion,
        )),
        None => Err(error(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Client authentication failed. Either the client or the client credentials are \
             invalid.",
        )),
    }
}

fn granted(occasion: &Occasion<'_>) -> Reply {
    let lifetime = occasion.lifetime(LIFETIME);
    let token = occasion.jwt(&json!({
        "ver": 1,
        "jti": format!("AT.{}", occasion.uuid()),
        "iss": ISSUER,
        "aud": "api://default",
        "iat": occasion.now.seconds(),
        "exp": occasion.expiry(lifetime).seconds(),
        "cid": CLIENT.id,
        "scp": [SCOPE],
        "sub": CLIENT.id,
    }));
    respond(
        StatusCode::OK,
        format!(
            "{{\n    \"token_type\": \"Bearer\",\n    \"expires_in\": {lifetime},\n    \
             \"access_token\": \"{token}\",\n    \"scope\": \"{SCOPE}\"\n}}"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{
        occasion::tests::with_occasion,
        request::tests::{FORM, JSON, basic, request},
    };

    const GOOD: &str = "grant_type=client_credentials&client_id=sandbox-usertesting&\
                        client_secret=sandbox-usertesting-secret&scope=studies%3Aread";

    fn answer(request: &Request, this_minute: u32) -> Reply {
        with_occasion(|occasion| {
            occasion.this_minute = this_minute;
            (SYSTEM.answer)(request, occasion)
        })
    }

    #[test]
    fn the_reply_is_the_documented_one() {
        let reply = answer(&request(PATH, &[FORM], GOOD), 1);
        let body = String::from_utf8_lossy(&reply.body);
        let token = body.split('"').find(|part| part.starts_with("eyJ")).expect("a JWT");
        let documented = "{\n    \"token_type\": \"Bearer\",\n    \"expires_in\": 3600,\n    \
                          \"access_token\": \"ACCESS_TOKEN\",\n    \"scope\": \
                          \"studies:read\"\n}";
        assert_eq!(
            (reply.status.as_u16(), &*body.replace(token, "ACCESS_TOKEN")),
            (200, documented)
        );
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one row for each refusal")]
    fn each_bad_request_is_refused_in_oktas_words() {
        let oauth = |code: &str, description: &str| {
            format!(r#"{{"error":"{code}","error_description":"{description}"}}"#)
        };
        let both = basic(CLIENT.id, CLIENT.secret);
        let rows = [
            (
                "a wrong secret",
                GOOD.replace("-secret&", "-wrong&"),
                401,
                oauth(
                    "invalid_client",
                    "The client secret supplied for a confidential client is invalid.",
                ),
            ),
            (
                "no secret",
                GOOD.replace("client_secret", "x"),
                401,
                oauth(
                    "invalid_client",
                    "Client authentication failed. Either the client or the client credentials are invalid.",
                ),
            ),
            (
                "no grant",
                GOOD.replace("grant_type", "x"),
                400,
                oauth("invalid_request", "The 'grant_type' parameter is required."),
            ),
            (
                "another grant",
                GOOD.replace("client_credentials", "password"),
                400,
                oauth(
                    "unsupported_grant_type",
                    "The authorization grant type is not supported by the authorization server. Configured grant types: [client_credentials].",
                ),
            ),
            (
                "no scope",
                GOOD.replace("scope", "x"),
                400,
                oauth(
                    "invalid_scope",
                    "The authorization server resource does not have any configured default scopes, 'scope' must be provided.",
                ),
            ),
            (
                "the scope of an older page",
                GOOD.replace("studies%3Aread", "public_api.read"),
                400,
                oauth(
                    "invalid_scope",
                    "One or more scopes are not configured for the authorization server resource.",
                ),
            ),
        ];
        for (name, body, status, expected) in rows {
            let reply = answer(&request(PATH, &[FORM], &body), 1);
            let body = String::from_utf8_lossy(&reply.body).into_owned();
            assert_eq!((reply.status.as_u16(), body), (status, expected), "{name}");
        }
        let reply = answer(&request(PATH, &[FORM, ("authorization", &both)], GOOD), 1);
        assert_eq!(reply.status, 401);
        assert!(String::from_utf8_lossy(&reply.body).starts_with(
            r#"{"error":"invalid_request","error_description":"Cannot supply multiple client"#
        ));
    }

    #[test]
    fn the_platform_answers_in_its_own_dialect() {
        let platform = |code: &str, summary: &str| {
            format!(
                r#"{{"errorCode":"{code}","errorSummary":"{summary}","errorLink":"{code}","errorId":"oae3031323334354637b839616263646566","errorCauses":[]}}"#
            )
        };
        let mut get = request(PATH, &[], "");
        get.method = Method::GET;
        let unknown = GOOD.replace("sandbox-usertesting&", "nobody&");
        let old_path = "/usertesting/oauth2/default/v1/token";
        let rows = [
            (
                "GET",
                get,
                1,
                405,
                platform("E0000022", "The endpoint does not support the provided HTTP method"),
            ),
            (
                "JSON",
                request(PATH, &[JSON], "{}"),
                1,
                400,
                platform(
                    "E0000021",
                    "Bad request. Accept and/or Content-Type headers likely do not match supported values.",
                ),
            ),
            (
                "an unknown client",
                request(PATH, &[FORM], &unknown),
                1,
                401,
                platform("invalid_client", "Invalid value for 'client_id' parameter."),
            ),
            (
                "the path of an older page",
                request(old_path, &[FORM], GOOD),
                1,
                404,
                platform("E0000007", "Not found: Resource not found."),
            ),
            (
                "over the limit",
                request(PATH, &[FORM], GOOD),
                601,
                429,
                platform("E0000047", "API call exceeded rate limit due to too many requests."),
            ),
        ];
        for (name, request, this_minute, status, expected) in rows {
            let reply = answer(&request, this_minute);
            let body = String::from_utf8_lossy(&reply.body).into_owned();
            assert_eq!((reply.status.as_u16(), body), (status, expected), "{name}");
        }
    }
}
