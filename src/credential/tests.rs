//! Whoever prints a credential while looking for a fault must not print what it keeps secret.

use std::{fmt::Debug, time::Duration};

use super::{
    fixture::{literal, words},
    *,
};
use crate::secret::Secret;

const SECRET: &str = "s3cret";

fn url() -> Endpoint {
    Endpoint(format!("https://user:{SECRET}@idp.example/t?key={SECRET}").parse().unwrap())
}

fn assertion() -> Assertion {
    let value = || literal(SECRET);
    Assertion {
        signing: Signing {
            algorithm: Algorithm::HS256,
            key: value(),
            key_id: Some(value()),
            certificate: Some(value()),
        },
        issuer: Some(value()),
        subject: Some(value()),
        audience: Some(value()),
        lifetime: Duration::from_secs(60),
        claims: [("scope".into(), value())].into(),
    }
}

fn argv() -> CommandLine {
    CommandLine(words(&["/usr/bin/vault", SECRET]))
}

#[test]
fn debug_shows_no_secret() {
    let text = || Secret::from(SECRET);
    let named = || [("name".into(), literal(SECRET))].into();
    let values: [(&str, &dyn Debug); 14] = [
        ("literal", &literal(SECRET)),
        ("command", &ValueSource::Command(argv())),
        ("assertion", &Grant::JwtBearer(assertion())),
        (
            "client secret",
            &Client {
                id: None,
                secrets: [literal(SECRET)].into(),
                authentication: ClientAuthentication::Jwt(Box::new(assertion())),
            },
        ),
        ("seed", &Grant::RefreshToken { seed: literal(SECRET) }),
        ("password", &Grant::Password { username: literal("u"), password: literal(SECRET) }),
        ("device endpoint", &Grant::DeviceCode { endpoint: Some(url()) }),
        (
            "authorization endpoint",
            &Grant::AuthorizationCode(AuthorizationRequest {
                endpoint: Some(url()),
                redirect_uri: "http://127.0.0.1:0/".parse().unwrap(),
                pkce: true,
                parameters: [].into(),
            }),
        ),
        ("printed reply", &Grant::Command(argv())),
        (
            "renewal",
            &Renewal {
                url: Some(url()),
                grant_type: "refresh_token".into(),
                parameter: "refresh_token".into(),
                extra: named(),
                after_lost_answer: None,
            },
        ),
        ("step", &StepValue::Text(StepText([StepPart::Text(text())].into()))),
        (
            "body",
            &BodyTemplate {
                content_type: "text/xml".into(),
                parts: [BodyPart::Text(text())].into(),
            },
        ),
        ("output", &Template([TemplatePart::Text(text())].into())),
        ("notification", &Notification::Command { argv: argv(), timeout: Duration::ZERO }),
    ];
    for (case, value) in values {
        let shown = format!("{value:?}");
        assert!(shown.len() > 2 && !shown.contains(SECRET), "{case}: {shown}");
    }
}
