//! A small authorization server: metadata, device and authorization endpoint, token endpoint.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
};

pub const ACCESS_TOKEN: &str = "acc3ss-t0ken";
pub const REFRESH_TOKEN: &str = "r3fresh-t0ken";
pub const DEVICE_CODE: &str = "d3vice-code";
pub const CODE: &str = "c0de-from-the-page";

/// How the provider takes a log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Whoever asks gets it.
    Agreeable,
    /// The person says no.
    Refusing,
    /// The person says nothing.
    Waiting,
    /// No refresh token comes with the token.
    Forgetful,
    /// The metadata are somebody else's.
    Impostor,
}

/// The server. Its thread ends with the process.
pub struct Provider {
    issuer: Arc<str>,
}

impl Provider {
    pub fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer: Arc<str> = format!("http://{}", listener.local_addr().unwrap()).into();
        let own = issuer.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), &own, mood);
            }
        });
        Self { issuer }
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

fn answer(mut stream: TcpStream, issuer: &str, mood: Mood) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = Vec::new();
    for line in reader.by_ref().lines().map_while(Result::ok) {
        if line.is_empty() {
            break;
        }
        head.push(line.to_ascii_lowercase());
        if head.len() == 1 {
            head[0] = line;
        }
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    let target = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let url = url::Url::parse(issuer).unwrap().join(target).unwrap();
    let reply = reply(&url, &String::from_utf8(body).unwrap(), issuer, mood);
    // Whoever has gone does not mind.
    let _ = stream.write_all(reply.as_bytes());
}

fn reply(url: &url::Url, body: &str, issuer: &str, mood: Mood) -> String {
    match url.path() {
        "/.well-known/openid-configuration" => metadata(issuer, mood),
        "/device" => json(
            200,
            &format!(
                r#"{{"device_code":"{DEVICE_CODE}","user_code":"AB-CD","verification_uri":"{issuer}/confirm","interval":1,"expires_in":60}}"#
            ),
        ),
        "/authorize" => {
            let value = |name| url.query_pairs().find(|(key, _)| key == name).unwrap().1;
            assert_eq!(value("code_challenge_method"), "S256");
            let (back, state) = (value("redirect_uri"), value("state"));
            let query = format!("code={CODE}&state={state}&iss={issuer}");
            format!("HTTP/1.1 302 Found\r\nLocation: {back}?{query}\r\nContent-Length: 0\r\n\r\n")
        }
        "/token" => token(body, mood),
        _ => json(404, "{}"),
    }
}

fn metadata(issuer: &str, mood: Mood) -> String {
    let own = if mood == Mood::Impostor { "https://elsewhere.example" } else { issuer };
    json(
        200,
        &format!(
            r#"{{"issuer":"{own}","token_endpoint":"{issuer}/token","authorization_endpoint":"{issuer}/authorize","device_authorization_endpoint":"{issuer}/device","authorization_response_iss_parameter_supported":true}}"#
        ),
    )
}

/// A code is taken only with the verifier that belongs to it.
fn token(body: &str, mood: Mood) -> String {
    let is_code = body.contains(CODE) && body.contains("code_verifier=");
    let is_device = body.contains(DEVICE_CODE);
    match mood {
        Mood::Refusing => json(400, r#"{"error":"access_denied"}"#),
        Mood::Waiting => json(400, r#"{"error":"authorization_pending"}"#),
        _ if !is_code && !is_device => json(400, r#"{"error":"invalid_grant"}"#),
        Mood::Forgetful => json(200, &format!(r#"{{"access_token":"{ACCESS_TOKEN}"}}"#)),
        Mood::Agreeable | Mood::Impostor => json(
            200,
            &format!(
                r#"{{"access_token":"{ACCESS_TOKEN}","refresh_token":"{REFRESH_TOKEN}","expires_in":3600}}"#
            ),
        ),
    }
}

fn json(status: u16, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}
