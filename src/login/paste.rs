//! What a person pastes: the address that the browser ended at, or the code alone.

use std::io::BufRead;

use percent_encoding::percent_decode_str;
use tokio::sync::mpsc;
use url::Url;

use crate::{acquire::AnswerError, secret::Secret};

/// Lines that are pasted. They are read on a thread of their own: nothing can interrupt it, and
/// the end of the program does not wait for it.
pub(super) struct Pasted(mpsc::Receiver<String>);

impl Pasted {
    pub(super) fn read(input: Box<dyn BufRead + Send>) -> Self {
        let (lines, receiver) = mpsc::channel(1);
        std::thread::spawn(move || {
            for line in input.lines().map_while(Result::ok) {
                if lines.blocking_send(line).is_err() {
                    return;
                }
            }
        });
        Self(receiver)
    }

    /// The next line with something on it.
    pub(super) async fn line(&mut self) -> Option<String> {
        loop {
            let line = self.0.recv().await?;
            let line = line.trim();
            if !line.is_empty() {
                return Some(line.to_owned());
            }
        }
    }
}

/// Where the browser is sent back to while nobody listens: any port will do (RFC 8252, section
/// 7.3), but there is no port 0.
pub(super) fn redirect_uri(configured: &Url) -> Url {
    let mut redirect_uri = configured.clone();
    if redirect_uri.port() == Some(0) {
        let _ = redirect_uri.set_port(None);
    }
    redirect_uri
}

/// The code in a pasted line, which `parameter` holds. An address is checked, and read, by
/// `answer`; a bare code says nothing of where it comes from, and is of use only with the secret
/// that this log-in keeps.
pub(super) fn read(
    line: &str,
    parameter: &str,
    redirect_uri: &Url,
    answer: impl Fn(&Url) -> Result<Secret, AnswerError>,
) -> Result<Secret, AnswerError> {
    let address = Url::parse(line).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    if let Some(address) = address {
        return answer(&address);
    }
    // Of the address only the end: `?code=...&state=...`.
    if line.contains(&format!("{parameter}=")) {
        let query = line.split_once('?').map_or(line, |(_, query)| query);
        let mut address = redirect_uri.clone();
        address.set_query(Some(query));
        return answer(&address);
    }
    if line.contains(char::is_whitespace) {
        return Err(AnswerError::NoCode);
    }
    Ok(Secret::from(&*percent_decode_str(line).decode_utf8_lossy()))
}
