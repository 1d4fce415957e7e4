//! The grant of last resort: a program prints what a token endpoint would have answered.

use super::{AcquireError, Attempt, RawResponse, redaction::Redaction, reply};
use crate::{credential::CommandLine, source, token::IssuedToken};

/// In the program's environment: for which credential it runs. It gets no secrets.
const NAME_VARIABLE: &str = "TOKENWARD_CREDENTIAL";

/// Runs the program and reads what it prints as a reply.
pub(super) async fn acquire(
    attempt: &Attempt<'_>,
    command: &CommandLine,
) -> Result<IssuedToken, AcquireError> {
    let environment = [(NAME_VARIABLE, attempt.credential.name.as_str())];
    let printed = source::output(command, &environment, attempt.deadline).await;
    let printed =
        printed.map_err(|cause| AcquireError::Source { what: "command".into(), cause })?;
    let body = printed.expose().as_bytes().to_vec().into();
    let raw = RawResponse { status: 200, headers: Vec::new(), body };
    reply::read(attempt, &raw, Redaction::default(), None).map_err(|error| match error {
        AcquireError::Refused(refusal) => {
            AcquireError::Printed { program: command.program().into(), refusal }
        }
        error => error,
    })
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::{
        acquire::{
            Exchange, HttpTransport, TokenRequest,
            fixture::{self, words},
        },
        credential::{Credential, Grant, TokenEndpoint},
        error::Fault,
        token::LifetimeSource,
    };

    /// Nobody may ask the network.
    struct Unused;

    impl HttpTransport for Unused {
        fn send<'a>(&'a self, _: &'a TokenEndpoint, _: TokenRequest, _: Duration) -> Exchange<'a> {
            panic!("a request was sent")
        }
    }

    async fn run(argv: &[&str], deadline: Duration) -> Result<IssuedToken, AcquireError> {
        let grant = Arc::new(Grant::Command(CommandLine(words(argv))));
        let credential = Credential { grant, ..fixture::credential() };
        let attempt = Attempt { deadline, ..fixture::attempt(&credential) };
        fixture::acquirer(Arc::new(Unused)).acquire(&attempt).await
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn what_a_program_prints_is_read_as_a_reply() {
        let script =
            r#"printf '{"access_token":"of-%s","expires_in":90}\n' "$TOKENWARD_CREDENTIAL""#;
        for (name, argv, token, lifetime, source) in [
            ("JSON", &["sh", "-c", script][..], "of-test", 90, LifetimeSource::ExpiresIn),
            (
                "form",
                &["echo", "access_token=t&expires_in=1h"],
                "t",
                3600,
                LifetimeSource::ExpiresIn,
            ),
            (
                "no lifetime",
                &["echo", r#"{"access_token":"t"}"#],
                "t",
                3600,
                LifetimeSource::Assumed(crate::token::Assumption::Missing),
            ),
        ] {
            let issued = run(argv, MINUTE).await.unwrap();
            assert_eq!(issued.access_token.expose(), token, "{name}");
            assert_eq!(issued.lifetime.duration.as_secs(), lifetime, "{name}");
            assert_eq!(issued.lifetime.source, source, "{name}");
        }
    }

    #[tokio::test]
    async fn a_program_that_prints_no_token_is_named() {
        let (local, permanent) = (Fault::Local, Fault::Permanent);
        for (argv, fault, reason, text) in [
            (&["false"][..], local, "source", "command: the program false failed"),
            (&["/no/such/program"], local, "source", "cannot be started"),
            (&["true"], local, "source", "the program true is empty"),
            (&["sleep", "600"], local, "source", "did not end within 0.3 s"),
            (&["echo", "hello"], local, "no_token", "echo printed plain text instead of a token"),
            (&["echo", "{}"], local, "no_token", "echo printed fields without a token"),
            (&["echo", "{"], local, "malformed_reply", "echo printed malformed JSON or XML"),
            (&["echo", r#"{"ok":false,"error":"x y"}"#], local, "error_reply", r#": "x y""#),
            (&["echo", "error=invalid_grant"], permanent, "invalid_grant", r#""invalid_grant""#),
            (&["echo", r#"{"access_token":"a b"}"#], permanent, "token_characters", ""),
        ] {
            let error = run(argv, Duration::from_millis(300)).await.unwrap_err();
            let said = error.to_string();
            assert_eq!((error.fault(), error.reason()), (fault, reason), "{argv:?}: {said}");
            assert!(said.contains(text) && !said.contains("endpoint answered"), "{said}");
        }
    }
}
