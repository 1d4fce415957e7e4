//! A server that repeats what it was sent, wherever a server may write something.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::forms;

/// Where in its reply it repeats.
pub const PLACES: [&str; 12] = [
    "code",
    "description",
    "list",
    "object",
    "ok",
    "location",
    "html",
    "text",
    "reason_phrase",
    "header",
    "token",
    "lifetime",
];

/// What it repeats of the request.
pub const PARTS: [&str; 9] = [
    "request_line",
    "authorization",
    "pair",
    "body",
    "html_body",
    "json_body",
    "base64_body",
    "secret",
    "secret_in_html",
];

struct Request {
    line: String,
    authorization: String,
    body: String,
}

/// Starts it; `http://ADDRESS/PLACE/PART` is a token endpoint.
pub fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || answer(&client));
        }
    });
    address
}

fn answer(client: &TcpStream) -> Option<()> {
    let request = read(client)?;
    let path = request.line.split(['?', ' ']).nth(1)?;
    let mut names = path.split('/').skip(1);
    let (place, part) = (names.next()?, names.next()?);
    let reply = reply(place, &repeated(part, &request));
    // The client may be gone: it reads no more than it wants.
    (&mut &*client).write_all(reply.as_bytes()).ok()
}

fn read(client: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(client);
    let mut line = String::new();
    lines.read_line(&mut line).ok()?;
    let mut request =
        Request { line: line.trim().to_owned(), authorization: String::new(), body: String::new() };
    let mut length = 0;
    loop {
        let mut field = String::new();
        lines.read_line(&mut field).ok()?;
        let Some((name, value)) = field.trim().split_once(": ") else { break };
        match &*name.to_ascii_lowercase() {
            "authorization" => value.clone_into(&mut request.authorization),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).ok()?;
    Some(request)
}

fn repeated(part: &str, request: &Request) -> String {
    let pair = || {
        let encoded = request.authorization.strip_prefix("Basic ").unwrap_or_default();
        String::from_utf8_lossy(&STANDARD.decode(encoded).unwrap_or_default()).into_owned()
    };
    match part {
        "request_line" => request.line.clone(),
        "authorization" => request.authorization.clone(),
        "pair" => pair(),
        "html_body" => forms::html(&request.body),
        "json_body" => forms::ascii_json(&request.body),
        "base64_body" => STANDARD.encode(&request.body),
        "secret" => secret(request),
        "secret_in_html" => forms::html(&secret(request)),
        _ => request.body.clone(),
    }
}

/// The `client_secret` of a JSON body.
fn secret(request: &Request) -> String {
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap_or_default();
    body["client_secret"].as_str().unwrap_or_default().to_owned()
}

fn reply(place: &str, said: &str) -> String {
    let plain: String = said.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).collect();
    let json = |status, body: serde_json::Value| whole(status, "", &body.to_string());
    match place {
        "code" => json("400 Bad Request", json!({ "error": said })),
        "list" => json("401 No", json!({ "errors": [{ "errorType": said, "message": said }] })),
        "object" => json("403 No", json!({ "message": { "error": said, "message": [said] } })),
        "ok" => json("200 OK", json!({ "ok": false, "error": said })),
        "location" => whole("302 Found", &format!("Location: /login/{plain}?x={plain}\r\n"), ""),
        "html" => whole("502 No", "Content-Type: text/html\r\n", &format!("<p>{said}</p>")),
        "text" => whole("500 No", "Content-Type: text/plain\r\n", said),
        "reason_phrase" => whole(&format!("418 {plain}"), "", "{}"),
        "header" => whole("429 No", &format!("Retry-After: {plain}\r\nDate: {plain}\r\n"), ""),
        "token" => json("200 OK", json!({ "access_token": format!("{said}\n") })),
        "lifetime" => {
            let token = "issued-beside-a-repeated-secret";
            json("200 OK", json!({ "access_token": token, "expires_in": said, "expires_at": said }))
        }
        _ => json(
            "401 Unauthorized",
            json!({ "error": "invalid_client", "error_description": format!("you said: {said}") }),
        ),
    }
}

fn whole(status: &str, fields: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{fields}\r\n{body}"
    )
}
