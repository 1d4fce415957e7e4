//! The journal's own protocol, in which each field of an event is one of the entry: then
//! `journalctl CREDENTIAL=NAME` finds the lines of a credential.

use std::{
    fmt::{Debug, Write as _},
    io,
    os::{linux::fs::MetadataExt, unix::net::UnixDatagram},
    path::Path,
};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

use super::log::priority;

/// Where the journal takes entries (`systemd-journald.service(8)`).
const SOCKET: &str = "/run/systemd/journal/socket";

/// Writes entries to the journal.
pub struct Journal {
    socket: UnixDatagram,
}

impl Journal {
    /// `None` if nobody listens there.
    pub fn open() -> Option<Self> {
        Self::at(Path::new(SOCKET)).ok()
    }

    fn at(path: &Path) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(path)?;
        Ok(Self { socket })
    }
}

impl<S: Subscriber> Layer<S> for Journal {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut entry = Entry::default();
        event.record(&mut entry);
        let bytes = entry.encode(priority(*event.metadata().level()));
        if self.socket.send(&bytes).is_err() {
            // Too long for one datagram, or the journal is being restarted: standard error is the
            // journal, too, though it knows no fields.
            eprintln!("{}", entry.text());
        }
    }
}

/// Whether standard error is the journal: `stream` is what systemd sets `JOURNAL_STREAM` to
/// (`systemd.exec(5)`), the device and the inode of the stream that it gave us.
pub fn is_stream(stream: &str) -> bool {
    let ours = std::fs::metadata("/proc/self/fd/2");
    ours.is_ok_and(|it| *stream == format!("{}:{}", it.st_dev(), it.st_ino()))
}

/// What an event says.
#[derive(Default)]
struct Entry {
    message: String,
    fields: Vec<(&'static str, String)>,
}

impl Visit for Entry {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            let _ = write!(self.message, "{value:?}");
        } else {
            self.fields.push((field.name(), format!("{value:?}")));
        }
    }
}

impl Entry {
    /// As other logs have it: the message, then the fields.
    fn text(&self) -> String {
        let mut text = self.message.clone();
        for (name, value) in &self.fields {
            let _ = write!(text, " {name}={value}");
        }
        text
    }

    /// As the journal reads it (`systemd.io/JOURNAL_NATIVE_PROTOCOL`): values are counted, since
    /// they may have line breaks.
    fn encode(&self, priority: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        let program = env!("CARGO_PKG_NAME");
        let ours = [("PRIORITY", priority.to_string()), ("SYSLOG_IDENTIFIER", program.into())];
        let text = [("MESSAGE", self.text())];
        for (name, value) in ours.iter().chain(&text).chain(&self.fields) {
            bytes.extend(name.to_ascii_uppercase().as_bytes());
            bytes.push(b'\n');
            bytes.extend((value.len() as u64).to_le_bytes());
            bytes.extend(value.as_bytes());
            bytes.push(b'\n');
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    /// The fields of an entry, as the journal takes them apart.
    fn decode(mut bytes: &[u8]) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let name = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let (length, rest) = bytes[end + 1..].split_first_chunk::<8>().unwrap();
            let length = usize::try_from(u64::from_le_bytes(*length)).unwrap();
            fields.push((name, String::from_utf8(rest[..length].to_vec()).unwrap()));
            assert_eq!(rest[length], b'\n');
            bytes = &rest[length + 1..];
        }
        fields
    }

    #[test]
    fn each_field_of_an_event_is_one_of_the_entry() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        let journal = UnixDatagram::bind(&path).unwrap();
        let subscriber = tracing_subscriber::registry().with(Journal::at(&path).unwrap());
        tracing::subscriber::with_default(subscriber, || {
            let (credential, line) = ("usertesting", "a\nMESSAGE=b");
            tracing::warn!(%credential, retry_in_s = 7, %line, "it {}", "failed");
        });
        let mut bytes = [0; 4096];
        let length = journal.recv(&mut bytes).unwrap();
        let field = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let text = "it failed credential=usertesting retry_in_s=7 line=a\nMESSAGE=b";
        let expected = [
            ("PRIORITY", "4"),
            ("SYSLOG_IDENTIFIER", "tokenward"),
            ("MESSAGE", text),
            ("CREDENTIAL", "usertesting"),
            ("RETRY_IN_S", "7"),
            ("LINE", "a\nMESSAGE=b"),
        ];
        assert_eq!(decode(&bytes[..length]), expected.map(field));
    }

    #[test]
    fn the_stream_is_told_by_its_device_and_inode() {
        let it = std::fs::metadata("/proc/self/fd/2").unwrap();
        assert!(is_stream(&format!("{}:{}", it.st_dev(), it.st_ino())));
        for other in ["", "8:1", &format!("{}:{}", it.st_dev(), it.st_ino() + 1)] {
            assert!(!is_stream(other), "{other}");
        }
    }
}
