//! A token endpoint whose refresh tokens are good for one use. The one before the last is forgiven
//! until the last has been used: without such a grace, no client could survive a lost answer.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// What it knows of the one grant.
#[derive(Clone, Copy, Default)]
pub struct Grant {
    /// `rt-N` is the refresh token that is good now, and `at-N` came with it.
    pub current: u64,
    /// How often the one before was forgiven.
    pub forgiven: u64,
    /// How often an older one was refused.
    pub refused: u64,
}

pub struct Server {
    pub address: String,
    grant: Arc<Mutex<Grant>>,
}

impl Server {
    /// It answers until the process ends.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let grant = Arc::new(Mutex::new(Grant::default()));
        let shared = grant.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that was killed is none of our trouble.
                let _ = answer(stream, &shared);
            }
        });
        Self { address, grant }
    }

    pub fn grant(&self) -> Grant {
        *self.grant.lock().unwrap()
    }

    /// As if nothing had happened since `rt-CURRENT` was issued.
    pub fn reset(&self, current: u64) {
        *self.grant.lock().unwrap() = Grant { current, ..Grant::default() };
    }
}

fn answer(stream: TcpStream, grant: &Mutex<Grant>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let form = url::form_urlencoded::parse(&body).into_owned();
    let sent = form.filter(|(name, _)| name == "refresh_token").map(|(_, value)| value).next();
    let (status, body) = grant.lock().unwrap().refresh(&sent.unwrap_or_default());
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\n");
    let length = body.len();
    write!(reader.get_mut(), "{head}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

impl Grant {
    fn refresh(&mut self, sent: &str) -> (&'static str, String) {
        let Self { current, .. } = *self;
        if sent == format!("rt-{current}") {
            self.current += 1;
        } else if current > 0 && sent == format!("rt-{}", current - 1) {
            self.forgiven += 1;
        } else {
            self.refused += 1;
            return ("400 Bad Request", r#"{"error":"invalid_grant"}"#.into());
        }
        let number = self.current;
        let body = format!(
            r#"{{"access_token":"at-{number}","refresh_token":"rt-{number}","expires_in":3600}}"#
        );
        ("200 OK", body)
    }
}
