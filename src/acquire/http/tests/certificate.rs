//! The certificate that we show (RFC 8705), to a server that asks for one.

use std::path::Path;

use rcgen::Issuer;
use tokio_rustls::rustls::{
    RootCertStore, pki_types::CertificateDer, server::WebPkiClientVerifier,
};

use super::*;
use crate::credential::ClientCertificate;

type Authority = Issuer<'static, KeyPair>;

/// An authority, and its certificate in PEM and DER.
fn new_authority() -> (Authority, String, CertificateDer<'static>) {
    let mut parameters = CertificateParams::new([]).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    (Issuer::new(parameters, key), certificate.pem(), certificate.der().clone())
}

/// A certificate of `authority` in PEM, and its key.
fn issue(authority: &Authority) -> (String, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
    (parameters.signed_by(&key, authority).unwrap().pem(), key)
}

/// A directory with the files of one client, and a server that lets in whom `authority` knows.
struct World {
    directory: tempfile::TempDir,
    authority: Authority,
    acceptor: TlsAcceptor,
    clients: HttpClients,
}

impl World {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (authority, pem, der) = new_authority();
        let mut roots = RootCertStore::empty();
        roots.add(der).unwrap();
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
        let (certificate, key) = issue(&authority);
        let certificate = rustls_pki_types::pem::PemObject::from_pem_slice(certificate.as_bytes());
        let config = ServerConfig::builder()
            .with_client_cert_verifier(verifier)
            .with_single_cert(
                vec![certificate.unwrap()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let world = Self { directory, authority, acceptor, clients: HttpClients::default() };
        world.store("ca.pem", &pem);
        world
    }

    fn path(&self, name: &str) -> Box<Path> {
        self.directory.path().join(name).into()
    }

    /// Replaces a file as whoever rotates certificates does.
    fn store(&self, name: &str, content: &str) {
        let new = tempfile::NamedTempFile::new_in(&self.directory).unwrap();
        std::io::Write::write_all(&mut new.as_file(), content.as_bytes()).unwrap();
        new.persist(self.path(name)).unwrap();
    }

    fn endpoint(&self, url: &str, certificate: &str, key: &str) -> TokenEndpoint {
        let files = ClientCertificate { certificate: self.path(certificate), key: self.path(key) };
        TokenEndpoint {
            ca_file: Some(self.path("ca.pem")),
            certificate: Some(Box::new(files)),
            ..fixture::endpoint(url)
        }
    }

    /// The status of the reply, or the reason why there is none.
    async fn send(&self, endpoint: &TokenEndpoint) -> Result<u16, TransportError> {
        let url = self.serve().await;
        let endpoint = TokenEndpoint { url: url.parse().unwrap(), ..endpoint.clone() };
        let sent = self.clients.send(&endpoint, request(&url), Duration::from_secs(10)).await;
        sent.map(|reply| reply.status)
    }

    async fn serve(&self) -> String {
        let acceptor = self.acceptor.clone();
        let address = serve(async move |stream| {
            match acceptor.accept(stream).into_fallible().await {
                Ok(stream) => drop(answer(stream, GOOD).await),
                // Its alert is read before the connection ends.
                Err((_, mut stream)) => drop(stream.read_to_end(&mut Vec::new()).await),
            }
        });
        format!("https://localhost:{}/token", address.await.port())
    }
}

const URL: &str = "https://localhost/token";

#[tokio::test]
async fn it_opens_the_door_and_is_read_again() {
    let world = World::new();
    let (certificate, key) = issue(&world.authority);
    let (renewed, renewed_key) = issue(&world.authority);
    let (strange, strange_key) = issue(&new_authority().0);
    let endpoint = world.endpoint(URL, "cert.pem", "key.pem");
    // The same clients all along: nothing of an old certificate may stay in the cache.
    for (case, certificate, key, expected) in [
        ("of its authority", &certificate, &key, Ok(200)),
        ("renewed", &renewed, &renewed_key, Ok(200)),
        ("of a stranger", &strange, &strange_key, Err(("tls", Fault::Transient))),
        ("half way through a renewal", &renewed, &key, Err(("client_certificate", Fault::Local))),
        ("renewed, the other half", &renewed, &renewed_key, Ok(200)),
    ] {
        world.store("cert.pem", certificate);
        world.store("key.pem", &key.serialize_pem());
        let sent = world.send(&endpoint).await;
        let result = sent.map_err(|error| (error.reason(), error.fault()));
        assert_eq!(result, expected, "{case}");
    }
}

#[tokio::test]
async fn without_it_the_door_stays_shut() {
    let world = World::new();
    let endpoint = TokenEndpoint { certificate: None, ..world.endpoint(URL, "-", "-") };
    let error = world.send(&endpoint).await.unwrap_err();
    assert_eq!((error.reason(), error.fault()), ("tls", Fault::Transient), "{error}");
    assert!(error.to_string().contains("check `client_certificate`"), "{error}");
}

#[tokio::test]
async fn one_file_may_hold_both() {
    let world = World::new();
    let (certificate, key) = issue(&world.authority);
    for content in [
        format!("{certificate}{}", key.serialize_pem()),
        format!("{}{certificate}", key.serialize_pem()),
    ] {
        world.store("both.pem", &content);
        let sent = world.send(&world.endpoint(URL, "both.pem", "both.pem")).await;
        assert_eq!(sent.map_err(|error| error.to_string()), Ok(200));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_said_before_anything_is_sent() {
    let world = World::new();
    let (certificate, key) = issue(&world.authority);
    let (_, other) = issue(&world.authority);
    world.store("cert.pem", &certificate);
    world.store("key.pem", &key.serialize_pem());
    world.store("other.pem", &other.serialize_pem());
    world.store("text", "hunter2");
    world.store(
        "damaged.pem",
        "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n",
    );
    world.store(
        "encrypted.pem",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\naHVudGVyMg==\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    // (certificate, key, the file that is named, what is said of it)
    for (certificate, key, named, said) in [
        ("absent", "key.pem", "absent", "cannot be read: No such file"),
        ("cert.pem", "absent", "absent", "cannot be read: No such file"),
        ("text", "key.pem", "text", "holds no certificate in PEM"),
        ("key.pem", "key.pem", "key.pem", "holds no certificate in PEM"),
        ("cert.pem", "text", "text", "holds no private key in PEM"),
        ("cert.pem", "encrypted.pem", "encrypted.pem", "without a passphrase"),
        ("cert.pem", "other.pem", "other.pem", "a key that does not fit the certificate"),
        ("cert.pem", "damaged.pem", "damaged.pem", "a key that does not fit the certificate"),
    ] {
        let endpoint = world.endpoint(URL, certificate, key);
        let error = world.clients.check(&endpoint).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert_eq!((error.reason(), error.fault()), ("client_certificate", Fault::Local), "{text}");
        assert!(text.contains(&*world.path(named).to_string_lossy()), "{named}: {text}");
        assert!(text.contains(said) && error.to_string().ends_with(error.advice()), "{text}");
        assert!(!text.contains("hunter2") && !text.contains("aHVud"), "{text}");
    }
    let endpoint = world.endpoint(URL, "cert.pem", "key.pem");
    assert!(world.clients.check(&endpoint).await.is_ok());
}
