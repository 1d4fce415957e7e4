use std::path::Path;

use super::*;
use crate::{
    acquire::fixture::{self, Provider, literal, words},
    credential::{
        Algorithm, BasicEncoding, BodyFormat, Method, Signing, StepPart, StepText, TokenExchange,
    },
};

fn missing() -> ValueSource {
    ValueSource::File(Path::new("/nowhere/value").into())
}

fn command(script: &str) -> ValueSource {
    ValueSource::Command(CommandLine(words(&["/bin/sh", "-c", script])))
}

fn named_source(source: ValueSource) -> Box<[(Box<str>, ValueSource)]> {
    [("x-value".into(), source)].into()
}

fn assertion(key: ValueSource) -> Assertion {
    Assertion {
        signing: Signing { algorithm: Algorithm::ES256, key, key_id: None, certificate: None },
        issuer: None,
        subject: None,
        audience: None,
        lifetime: std::time::Duration::from_secs(60),
        claims: [].into(),
    }
}

fn mac() -> Assertion {
    mac_of(literal("secret"))
}

/// One that is signed with a secret.
fn mac_of(key: ValueSource) -> Assertion {
    let assertion = assertion(key);
    let signing = Signing { algorithm: Algorithm::HS256, ..assertion.signing };
    Assertion { signing, ..assertion }
}

fn with_grant(grant: Grant) -> Credential {
    Credential { grant: Arc::new(grant), ..fixture::credential() }
}

fn with_client(client: Client) -> Credential {
    Credential { client: Arc::new(client), ..fixture::credential() }
}

fn with_jwt(secrets: &[ValueSource], assertion: Assertion) -> Credential {
    let authentication = ClientAuthentication::Jwt(Box::new(assertion));
    with_client(Client { secrets: secrets.into(), ..fixture::client(authentication) })
}

fn with_secrets(secrets: &[ValueSource]) -> Credential {
    let basic = ClientAuthentication::ClientSecretBasic(BasicEncoding::Form);
    with_client(Client { secrets: secrets.into(), ..fixture::client(basic) })
}

fn with_parameters(change: impl FnOnce(&mut Parameters)) -> Credential {
    let mut parameters = fixture::parameters();
    change(&mut parameters);
    Credential { parameters: Arc::new(parameters), ..fixture::credential() }
}

fn with_renewal(source: ValueSource) -> Credential {
    let renewal = Renewal {
        url: None,
        grant_type: "refresh_token".into(),
        parameter: "refresh_token".into(),
        extra: named_source(source),
        after_lost_answer: None,
    };
    let grant = Grant::RefreshToken { seed: literal("rt") };
    Credential { renewal: Some(Arc::new(renewal)), ..with_grant(grant) }
}

fn with_step(source: ValueSource) -> Credential {
    let step = FollowUp {
        take: [].into(),
        url: StepText([StepPart::Text("https://idp.example/second".into())].into()),
        method: Method::Post,
        body: BodyFormat::Form,
        parameters: [].into(),
        headers: [("x-value".into(), StepValue::Source(source))].into(),
    };
    Credential { steps: [step].into(), ..fixture::credential() }
}

fn exchange(actor_token: ValueSource) -> TokenExchange {
    TokenExchange {
        subject_token: literal("subject"),
        subject_token_type: "".into(),
        actor_token: Some(actor_token),
        actor_token_type: "".into(),
        requested_token_type: None,
    }
}

/// What a request says of it.
async fn at_compose_time(credential: &Credential) -> String {
    let provider =
        Provider::new(|_| Ok(fixture::raw(200, &[], br#"{"access_token":"t","expires_in":60}"#)));
    let acquired = fixture::acquirer(provider).acquire(&fixture::attempt(credential)).await;
    acquired.expect_err("a value that cannot be read").to_string()
}

#[tokio::test]
async fn an_unusable_value_is_reported_as_the_request_would() {
    let basic = || fixture::client(ClientAuthentication::ClientSecretPost);
    let password = Grant::Password { username: literal("user"), password: missing() };
    let with_claim = |assertion| Assertion { claims: named_source(missing()), ..assertion };
    let signing = |change: fn(&mut Signing)| {
        let mut assertion = mac();
        change(&mut assertion.signing);
        with_grant(Grant::JwtBearer(assertion))
    };
    let with_party = |change: fn(&mut Assertion)| {
        let mut assertion = mac();
        change(&mut assertion);
        with_grant(Grant::JwtBearer(assertion))
    };
    let cases = [
        ("client_id", with_client(Client { id: Some(missing()), ..basic() })),
        ("client_secret", with_secrets(&[missing()])),
        ("a secret that signs", with_jwt(&[missing()], mac())),
        ("the client's key", with_jwt(&[], assertion(missing()))),
        ("no key at all", with_jwt(&[], assertion(literal("no key")))),
        ("a claim of the client", with_jwt(&[], with_claim(mac()))),
        ("password", with_grant(password)),
        ("actor_token", with_grant(Grant::TokenExchange(exchange(missing())))),
        ("the grant's key", with_grant(Grant::AppJwt(assertion(missing())))),
        ("the token's key", with_grant(Grant::SignedJwt(assertion(missing())))),
        ("an RSA key of another kind", with_grant(Grant::JwtBearer(rsa("no key in here")))),
        ("an RSA key that is damaged", with_grant(Grant::JwtBearer(rsa("MAA=")))),
        ("key_id", signing(|signing| signing.key_id = Some(missing()))),
        ("certificate", signing(|signing| signing.certificate = Some(missing()))),
        ("no certificate", signing(|signing| signing.certificate = Some(literal("none")))),
        ("issuer", with_party(|assertion| assertion.issuer = Some(missing()))),
        ("subject", with_party(|assertion| assertion.subject = Some(missing()))),
        ("audience", with_party(|assertion| assertion.audience = Some(missing()))),
        ("extra", with_parameters(|parameters| parameters.extra = named_source(missing()))),
        ("query", with_parameters(|parameters| parameters.query = named_source(missing()))),
        ("headers", with_parameters(|parameters| parameters.headers = named_source(missing()))),
        ("renewal", with_renewal(missing())),
        ("a step", with_step(missing())),
        ("a program", with_secrets(&[command("exit 3")])),
    ];
    for (case, credential) in cases {
        let expected = at_compose_time(&credential).await;
        let read = read_inputs(&Arc::new(credential), 0).await;
        assert_eq!(read.expect_err(case).to_string(), expected, "{case}");
    }
}

fn rsa(body: &str) -> Assertion {
    let pem = format!("-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\n");
    let assertion = assertion(literal(&pem));
    let signing = Signing { algorithm: Algorithm::RS256, ..assertion.signing };
    Assertion { signing, ..assertion }
}

#[tokio::test]
async fn what_a_request_may_not_read_does_not_matter() {
    let oauth1 = || Grant::OAuth1(fixture::oauth1());
    let cases = [
        ("nothing is amiss", fixture::credential(), 0),
        ("another client secret", with_secrets(&[literal("new"), missing()]), 0),
        ("another client secret, in turn", with_secrets(&[missing(), literal("old")]), 3),
        ("a key beside a client secret", with_jwt(&[literal("s")], mac_of(missing())), 0),
        ("the configured refresh token", with_grant(Grant::RefreshToken { seed: missing() }), 0),
        (
            "a refresh token that a program prints",
            with_grant(Grant::RefreshToken { seed: command("exit 1") }),
            0,
        ),
        (
            "the secret of a client that sends none",
            with_client(Client {
                secrets: [missing()].into(),
                ..fixture::client(ClientAuthentication::None)
            }),
            0,
        ),
        (
            "what only a request needs",
            Credential {
                grant: Arc::new(Grant::SignedJwt(mac())),
                ..with_secrets(&[command("exit 1")])
            },
            0,
        ),
        (
            "a token of OAuth 1.0a, which may never expire",
            Credential { grant: Arc::new(oauth1()), ..with_secrets(&[missing()]) },
            0,
        ),
        (
            "a program that prints the reply",
            with_grant(Grant::Command(CommandLine(words(&["/bin/false"])))),
            0,
        ),
    ];
    for (case, credential, client_secret) in cases {
        let credential = Arc::new(credential);
        let read = read_inputs(&credential, client_secret).await.expect(case);
        assert!(Arc::ptr_eq(&read, &credential), "{case}");
    }
}

#[tokio::test]
async fn a_program_runs_once_and_its_output_takes_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let runs = folder.path().join("runs");
    let program = || command(&format!("echo run >> {}; echo printed", runs.display()));
    let two =
        |source: ValueSource| named_source(source.clone()).into_iter().chain(named_source(source));
    let exchanged = |token| with_grant(Grant::TokenExchange(exchange(token)));
    // What is compared: the credential with a program in it, and with its output.
    let cases = [
        ("a client secret", with_secrets as fn(&[ValueSource]) -> Credential),
        ("the client's key", |it| with_jwt(it, mac())),
        ("a step", |it| with_step(it[0].clone())),
        ("a renewal", |it| with_renewal(it[0].clone())),
    ];
    let cases = cases.map(|(case, of)| (case, of(&[program()]), of(&[literal("printed")])));
    let twice = |source: ValueSource| {
        with_parameters(|parameters| parameters.query = two(source).collect())
    };
    let further = [
        ("a grant", exchanged(program()), exchanged(literal("printed"))),
        ("the same twice", twice(program()), twice(literal("printed"))),
    ];
    for (case, credential, expected) in cases.into_iter().chain(further) {
        let _ = std::fs::remove_file(&runs);
        let credential = Arc::new(credential);
        let read = read_inputs(&credential, 0).await.expect(case);
        assert_eq!(*read, expected, "{case}");
        assert!(Arc::ptr_eq(&read.endpoint, &credential.endpoint), "{case}");
        fixture::acquirer(Provider::new(|_| {
            Ok(fixture::raw(200, &[], br#"{"access_token":"t"}"#))
        }))
        .acquire(&fixture::attempt(&read))
        .await
        .expect(case);
        let runs = std::fs::read_to_string(&runs).expect(case);
        assert_eq!(runs.lines().count(), 1, "{case}");
    }
}

#[tokio::test]
async fn only_parts_with_a_program_are_replaced() {
    let credential = Arc::new(with_secrets(&[command("echo printed")]));
    let read = read_inputs(&credential, 0).await.expect("readable");
    assert!(!Arc::ptr_eq(&read.client, &credential.client));
    assert!(Arc::ptr_eq(&read.grant, &credential.grant));
    assert!(Arc::ptr_eq(&read.parameters, &credential.parameters));
    assert!(Arc::ptr_eq(&read.steps, &credential.steps));
}
