//! What a person pastes: the address that the browser ended at, or the code alone.

use std::io::BufRead;

use percent_encoding::percent_decode_str;
use tokio::sync::mpsc;
use url::Url;

use crate::{
    acquire::{AnswerError, Authorization},
    secret::Secret,
};

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

/// The code in a pasted line. Of an address, its `state` is checked; a bare code has none, and is
/// of use only with the verifier that this log-in keeps.
pub(super) fn code(authorization: &Authorization, line: &str) -> Result<Secret, AnswerError> {
    let address = Url::parse(line).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    if let Some(address) = address {
        return authorization.answer(&address);
    }
    // Of the address only the end: `?code=...&state=...`.
    if line.contains("code=") {
        let query = line.split_once('?').map_or(line, |(_, query)| query);
        let mut address = authorization.redirect_uri().clone();
        address.set_query(Some(query));
        return authorization.answer(&address);
    }
    if line.contains(char::is_whitespace) {
        return Err(AnswerError::NoCode);
    }
    Ok(Secret::from(&*percent_decode_str(line).decode_utf8_lossy()))
}
