//! Real exchanges over loopback.

mod certificate;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

use super::*;
use crate::{acquire::fixture, error::Fault};

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Odd: \u{e4}\r\n\r\n{}";

/// A server that takes one connection, reads a request up to its body and gives it to `answer`.
async fn serve<Answer: Future<Output = ()> + Send>(
    answer: impl FnOnce(TcpStream) -> Answer + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { answer(listener.accept().await.unwrap().0).await });
    address
}

async fn request_of(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"a=b") && stream.read_buf(&mut bytes).await.unwrap() > 0 {}
    String::from_utf8(bytes).unwrap()
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, reply: &str) -> String {
    let request = request_of(&mut stream).await;
    // A client that has read enough may hang up before all is written.
    let _ = stream.write_all(reply.as_bytes()).await;
    request
}

fn request(url: &str) -> TokenRequest {
    TokenRequest {
        method: Method::Post,
        url: url.parse().unwrap(),
        headers: vec![("X-Key".into(), Secret::from("k"))],
        body: Secret::from("a=b"),
    }
}

async fn send(endpoint: &TokenEndpoint, deadline: u64) -> Result<RawResponse, TransportError> {
    let request = request(endpoint.url.as_str());
    HttpClients::default().send(endpoint, request, Duration::from_millis(deadline)).await
}

async fn send_to(address: SocketAddr) -> Result<RawResponse, TransportError> {
    send(&fixture::endpoint(&format!("http://{address}/token")), 10_000).await
}

#[tokio::test]
async fn one_request_goes_out_and_the_reply_comes_back_as_it_is() {
    let (sender, received) = tokio::sync::oneshot::channel();
    let address = serve(async |stream| sender.send(answer(stream, GOOD).await).unwrap()).await;
    let reply = send_to(address).await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (200, b"{}".as_slice()));
    assert_eq!(reply.header("content-LENGTH"), Some("2"));
    let request = received.await.unwrap().to_lowercase();
    assert!(request.starts_with("post /token http/1.1\r\n"), "{request}");
    assert!(request.contains("x-key: k\r\n") && request.ends_with("\r\n\r\na=b"), "{request}");
    assert!(!request.contains("accept-encoding"), "{request}");
}

#[tokio::test]
async fn a_redirect_is_handed_back_and_not_followed() {
    let reply = "HTTP/1.1 307 Temporary Redirect\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n";
    // The server takes one connection only: a second request would fail the exchange.
    let address = serve(async move |stream| drop(answer(stream, reply).await)).await;
    let reply = send_to(address).await.unwrap();
    assert_eq!((reply.status, reply.header("location")), (307, Some("/other")));
}

#[tokio::test]
async fn a_reply_may_have_a_mebibyte_and_no_more() {
    for (length, fits) in [(RawResponse::MAX_BODY, true), (RawResponse::MAX_BODY + 1, false)] {
        let body = "x".repeat(length);
        // Without a Content-Length, as a server would that wants to fill our memory.
        let reply = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}");
        let address = serve(async move |stream| drop(answer(stream, &reply).await)).await;
        match send_to(address).await {
            Ok(reply) => assert!(fits && reply.body.len() == length),
            Err(error) => assert!(!fits && error.reason() == "too_large", "{error}"),
        }
    }
}

#[tokio::test]
async fn the_deadline_holds_for_the_whole_exchange() {
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let address = serve(async |mut stream| {
        request_of(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{").await.unwrap();
        let _ = released.await;
    })
    .await;
    let endpoint = fixture::endpoint(&format!("http://{address}/token?secret=hunter2"));
    let error = send(&endpoint, 200).await.unwrap_err();
    drop(release);
    let text = error.to_string();
    assert_eq!((error.reason(), error.fault()), ("timeout", Fault::Transient), "{text}");
    assert!(text.contains("did not answer within 0.2 s; ") && !text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn no_connection_is_a_transient_fault() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = send_to(closed).await.unwrap_err();
    assert_eq!((error.reason(), error.fault()), ("connect", Fault::Transient));
    assert!(error.to_string().contains("Connection refused"), "{error}");

    for reply in ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "SSH-2.0-OpenSSH\r\n\r\n"] {
        let address = serve(async move |stream| drop(answer(stream, reply).await)).await;
        let error = send_to(address).await.unwrap_err();
        assert_eq!((error.reason(), error.fault()), ("interrupted", Fault::Transient), "{error}");
    }
}

#[tokio::test]
async fn plain_http_goes_to_this_machine_only() {
    let plain = fixture::endpoint("http://idp.invalid/token?secret=hunter2");
    let error = send(&plain, 10_000).await.unwrap_err();
    assert_eq!((error.reason(), error.fault()), ("insecure", Fault::Local));
    assert!(error.to_string().starts_with("http://idp.invalid would send"), "{error}");
}

#[tokio::test]
async fn a_client_for_https_sends_nothing_in_plain_text() {
    let endpoint = fixture::endpoint("https://localhost/token");
    let address = serve(async |stream| drop(answer(stream, GOOD).await)).await;
    let request = request(&format!("http://{address}/token"));
    let sent = HttpClients::default().send(&endpoint, request, Duration::from_secs(10)).await;
    let error = sent.unwrap_err();
    assert_eq!((error.reason(), error.fault()), ("insecure", Fault::Local));
    assert!(error.to_string().contains("is not led to it"), "nothing would leave here: {error}");
}

#[tokio::test]
async fn a_header_that_http_forbids_is_named() {
    let endpoint = fixture::endpoint("http://127.0.0.1:9/token");
    for (name, value) in [("X-Key", "a\nb"), ("X Key", "a")] {
        let headers = vec![(name.into(), Secret::from(value))];
        let request = TokenRequest { headers, ..request("http://127.0.0.1:9/token") };
        let sent = HttpClients::default().send(&endpoint, request, Duration::from_secs(10)).await;
        let error = sent.unwrap_err();
        assert_eq!((error.reason(), error.fault()), ("header", Fault::Local), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

/// A private authority's certificate in PEM, and a server's acceptor with one that it signed.
fn authority() -> (String, TlsAcceptor) {
    let mut parameters = CertificateParams::new([]).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = server.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (issuer.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn serve_tls(acceptor: TlsAcceptor) -> String {
    let address = serve(async move |stream| {
        // A client that does not trust us ends the handshake.
        if let Ok(stream) = acceptor.accept(stream).await {
            answer(stream, GOOD).await;
        }
    })
    .await;
    format!("https://localhost:{}/token", address.port())
}

#[tokio::test]
async fn a_ca_file_decides_whom_to_trust_and_is_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let ca_file = directory.path().join("ca.pem");
    let clients = HttpClients::default();
    let (trusted, acceptor) = authority();
    let (stranger, _) = authority();
    let store = |content: &str| {
        let new = tempfile::NamedTempFile::new_in(&directory).unwrap();
        std::io::Write::write_all(&mut new.as_file(), content.as_bytes()).unwrap();
        new.persist(&ca_file).unwrap();
    };
    // The same clients all along: a changed file must not leave an old trust in the cache.
    for (name, content, expected) in [
        ("its authority", &*trusted, Ok(200)),
        ("another", &stranger, Err(("tls", Fault::Transient))),
        ("again", &trusted, Ok(200)),
        ("no PEM", "hello", Err(("ca_file", Fault::Local))),
    ] {
        store(content);
        let url = serve_tls(acceptor.clone()).await;
        let endpoint =
            TokenEndpoint { ca_file: Some(ca_file.clone().into()), ..fixture::endpoint(&url) };
        let sent = clients.send(&endpoint, request(&url), Duration::from_secs(10)).await;
        let result =
            sent.map(|reply| reply.status).map_err(|error| (error.reason(), error.fault()));
        assert_eq!(result, expected, "{name}");
    }
    let absent = Some(PathBuf::from("/no/such/ca.pem").into());
    let endpoint = TokenEndpoint { ca_file: absent, ..fixture::endpoint("https://localhost:9/") };
    let error = send(&endpoint, 10_000).await.unwrap_err();
    assert!(error.to_string().contains("the ca_file /no/such/ca.pem cannot be used"), "{error}");
}

#[tokio::test]
async fn without_a_ca_file_the_machines_authorities_count() {
    let (_, acceptor) = authority();
    let url = serve_tls(acceptor).await;
    let error = send(&fixture::endpoint(&url), 10_000).await.unwrap_err();
    assert_eq!(error.reason(), "tls", "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");
}

/// The environment belongs to the process, so this test runs itself again in another one.
#[tokio::test]
async fn a_proxy_is_used_except_for_this_machine() {
    const NAME: &str = "acquire::http::tests::a_proxy_is_used_except_for_this_machine";
    if std::env::var_os("TOKENWARD_TEST_PROXIED").is_some() {
        let direct = serve(async |stream| drop(answer(stream, GOOD).await)).await;
        assert_eq!(send_to(direct).await.unwrap().status, 200);
        let far = fixture::endpoint("http://idp.invalid/token");
        let far = TokenEndpoint { allow_insecure: true, ..far };
        assert_eq!(send(&far, 10_000).await.unwrap().status, 200);
        return;
    }
    let (sender, received) = tokio::sync::oneshot::channel();
    let proxy = serve(async |stream| sender.send(answer(stream, GOOD).await).unwrap()).await;
    let child = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME])
        .env("TOKENWARD_TEST_PROXIED", "1")
        .env("http_proxy", format!("http://{proxy}"))
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output();
    let output = child.await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(received.await.unwrap().starts_with("POST http://idp.invalid/token HTTP/1.1\r\n"));
}
