//! A small Learning Record Store with the habits of the ADL's: it speaks OAuth 1.0a in prose,
//! tells two log-ins of a client apart by their second, and repeats secrets in its errors. Unlike
//! the ADL's it checks the signature of every request.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tokenward::clock::{Clock, SystemClock};
use url::{Url, form_urlencoded};

pub const ID: &str = "k%e&y+ ä";
pub const SECRET: &str = "s%e&c+ ü";
pub const VERIFIER: &str = "69424+7662";

/// How it takes a log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Whoever asks gets it.
    Agreeable,
    /// The person says no.
    Denying,
    /// Its clock is ten minutes ahead, and it takes nothing older than five.
    Ahead,
}

/// The server. Its thread ends with the process.
pub struct Lrs {
    pub address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What it knows: shared secrets by token, and where the browser goes back to.
#[derive(Default)]
struct Memory {
    secrets: HashMap<String, String>,
    callbacks: HashMap<String, String>,
}

/// A request, taken apart.
pub struct Request {
    method: String,
    url: Url,
    parameters: Vec<(String, String)>,
}

impl Lrs {
    pub fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (own, log) = (address.clone(), asked.clone());
        std::thread::spawn(move || {
            let mut memory = Memory::default();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = Request::read(&stream, &own) else { continue };
                log.lock().unwrap().push(request.url.path().to_owned());
                let reply = memory.reply(&request, mood);
                // Whoever has gone does not mind.
                let _ = stream.write_all(reply.as_bytes());
            }
        });
        Self { address, asked }
    }

    /// The paths that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Sends a request with a header, and gives the first line of the answer.
    pub fn send(&self, method: &str, target: &str, header: &str, form: &str) -> String {
        let host = self.address.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let length = form.len();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\n{}\r\nContent-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}",
            header.trim()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }
}

impl Memory {
    fn reply(&mut self, request: &Request, mood: Mood) -> String {
        let offset = if mood == Mood::Ahead { 600 } else { 0 };
        let now = SystemClock.now().wall.seconds() + offset;
        let value = |name| request.value(name).unwrap_or_default();
        let token = value("oauth_token");
        if request.url.path() == "/xAPI/OAuth/authorize" {
            return self.authorize(&token, mood);
        }
        let timestamp: i64 = value("oauth_timestamp").parse().unwrap_or_default();
        let secret = self.secrets.get(&token).cloned();
        let expected = request.signature(secret.as_deref().unwrap_or_default());
        let (status, body) = if value("oauth_consumer_key") != ID {
            (401, "Invalid consumer.".into())
        } else if now - timestamp > 300 {
            (400, "The timestamp lapse is greater than the OAuth server threshold.".into())
        } else if value("oauth_signature") != expected {
            (400, format!("Signature mismatch, expected: b'{SECRET}&' or '{expected}'"))
        } else {
            self.answer(request.url.path(), &token, secret.is_some(), timestamp, request)
        };
        let date = jiff::Timestamp::from_second(now).unwrap();
        let date =
            jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap();
        let length = body.len();
        format!(
            "HTTP/1.1 {status} X\r\nDate: {date}\r\nContent-Type: text/html; charset=utf-8\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    }

    fn answer(
        &mut self,
        path: &str,
        token: &str,
        is_known: bool,
        second: i64,
        request: &Request,
    ) -> (u16, String) {
        match path {
            "/xAPI/OAuth/initiate" => {
                let callback = request.value("oauth_callback").unwrap();
                self.callbacks.insert(format!("t%&+ ä{second}"), callback);
                (200, self.credentials('t', second) + "&oauth_callback_confirmed=True")
            }
            _ if !is_known => (401, format!("Invalid request token: {token}")),
            "/xAPI/OAuth/token" if request.value("oauth_verifier").as_deref() != Some(VERIFIER) => {
                (400, "Invalid OAuth verifier.".into())
            }
            "/xAPI/OAuth/token" => {
                self.secrets.remove(token);
                (200, self.credentials('a', second))
            }
            _ => (200, "[]".into()),
        }
    }

    /// Two in one second are one.
    fn credentials(&mut self, kind: char, second: i64) -> String {
        let (token, secret) = (format!("{kind}%&+ ä{second}"), format!("{kind}s%26&+ é"));
        self.secrets.insert(token.clone(), secret.clone());
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("oauth_token", &token).append_pair("oauth_token_secret", &secret).finish()
    }

    fn authorize(&self, token: &str, mood: Mood) -> String {
        let callback = self.callbacks.get(token).map(String::as_str).unwrap_or_default();
        let Ok(mut back) = Url::parse(callback) else {
            let page = format!("<h1>Enter this PIN in your app: {VERIFIER}</h1>");
            return format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{page}", page.len());
        };
        if mood == Mood::Denying {
            back.set_query(Some("error=Access+not+granted+by+user."));
        } else {
            let mut query = back.query_pairs_mut();
            query.append_pair("oauth_token", token).append_pair("oauth_verifier", VERIFIER);
        }
        format!("HTTP/1.1 302 Found\r\nLocation: {back}\r\nContent-Length: 0\r\n\r\n")
    }
}

impl Request {
    fn read(stream: &TcpStream, own: &str) -> Option<Self> {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut head = Vec::new();
        for line in reader.by_ref().lines().map_while(Result::ok) {
            if line.is_empty() {
                break;
            }
            head.push(line);
        }
        let field = |name: &str| {
            head.iter().find_map(|line| {
                let (key, value) = line.split_once(": ")?;
                key.eq_ignore_ascii_case(name).then_some(value)
            })
        };
        let mut body = vec![0; field("content-length").map_or(0, |text| text.parse().unwrap())];
        reader.read_exact(&mut body).unwrap();
        let (method, rest) = head.first()?.split_once(' ')?;
        let url = Url::parse(own).unwrap().join(rest.split(' ').next()?).unwrap();
        let mut parameters: Vec<_> = url.query_pairs().into_owned().collect();
        parameters.extend(form_urlencoded::parse(&body).into_owned());
        let header = field("authorization").and_then(|text| text.strip_prefix("OAuth "));
        // As the ADL's does it: what has the word in it is gone.
        let parts = header.unwrap_or_default().split(", ").filter(|part| !part.contains("realm"));
        for part in parts {
            let Some((name, value)) = part.split_once('=') else { continue };
            let value = percent_decode_str(value.trim_matches('"'));
            parameters.push((name.to_owned(), value.decode_utf8().unwrap().into_owned()));
        }
        Some(Self { method: method.to_owned(), url, parameters })
    }

    fn value(&self, name: &str) -> Option<String> {
        Some(self.parameters.iter().find(|(own, _)| own == name)?.1.clone())
    }

    fn signature(&self, token_secret: &str) -> String {
        const SET: &AsciiSet =
            &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
        let escape = |text: &str| utf8_percent_encode(text, SET).to_string();
        let signed = self.parameters.iter().filter(|(name, _)| name != "oauth_signature");
        let mut signed: Vec<_> =
            signed.map(|(name, value)| (escape(name), escape(value))).collect();
        signed.sort();
        let signed: Vec<_> = signed.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let place = self.url.origin().ascii_serialization() + self.url.path();
        let base = [&*self.method, &place, &signed.join("&")].map(escape).join("&");
        let key = [SECRET, token_secret].map(escape).join("&");
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
        STANDARD.encode(hmac::sign(&key, base.as_bytes()))
    }
}
