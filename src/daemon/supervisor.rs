//! What the service manager hears from us: the protocol of `sd_notify(3)`, one datagram a message.
//! Without `$NOTIFY_SOCKET` nobody listens, and nothing is said.

use std::{
    ffi::OsString,
    io,
    os::{
        linux::net::SocketAddrExt,
        unix::{
            ffi::OsStrExt,
            net::{SocketAddr, UnixDatagram},
        },
    },
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::clock::monotonic_micros;

/// The loop waits no longer than this for a service manager that does not read.
const SEND_TIMEOUT: Duration = Duration::from_secs(1);

/// How much time a start gets with each proof that the loop runs.
const START_EXTENSION: Duration = Duration::from_secs(60);

/// What a drain takes besides the grace period.
const LEAVE: Duration = Duration::from_secs(5);

/// Who started us, as far as they want to hear how we are.
#[derive(Clone, Debug, Default)]
pub struct Supervisor {
    channel: Option<Arc<Channel>>,
    watchdog: Option<Duration>,
}

#[derive(Debug)]
struct Channel {
    socket: UnixDatagram,
    address: SocketAddr,
    /// `READY=1` was said: from then on a reload is one in its eyes.
    ready: AtomicBool,
    /// The last `STATUS=`.
    said: Mutex<String>,
}

impl Supervisor {
    /// The one that the environment of this process names.
    pub fn of_process() -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let number = |name| variable(name)?.to_str()?.parse::<u64>().ok();
        let meant = variable("WATCHDOG_PID").is_none()
            || number("WATCHDOG_PID") == Some(std::process::id().into());
        let interval = number("WATCHDOG_USEC").filter(|micros| meant && *micros > 0);
        Self::at(variable("NOTIFY_SOCKET"), interval.map(Duration::from_micros))
    }

    /// One that listens at `socket`, and wants a sign of life within each `watchdog`.
    pub fn at(socket: Option<OsString>, watchdog: Option<Duration>) -> Self {
        let channel = socket.and_then(|socket| Channel::open(&socket).ok());
        Self { watchdog: watchdog.filter(|_| channel.is_some()), channel: channel.map(Arc::new) }
    }

    /// Whether anybody listens.
    pub const fn listens(&self) -> bool {
        self.channel.is_some()
    }

    /// Within which time it wants a sign of life, if it does.
    pub const fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    /// Whether it knows that we are ready.
    pub fn is_ready(&self) -> bool {
        self.channel.as_ref().is_some_and(|channel| channel.ready.load(Ordering::Relaxed))
    }

    /// What `systemctl status` shows from here on.
    pub fn status(&self, text: &str) {
        let line = status_line(text);
        if self.is_news(&line) {
            self.say(&line);
        }
    }

    /// The start is over.
    pub fn ready(&self, text: &str) {
        if let Some(channel) = &self.channel {
            channel.ready.store(true, Ordering::Relaxed);
        }
        self.say_with("READY=1", text);
    }

    /// A reload begins. Before `READY=1` it is a part of the start.
    pub fn reloading(&self) {
        if self.is_ready() {
            self.say(&format!("RELOADING=1\nMONOTONIC_USEC={}", monotonic_micros()));
        }
    }

    /// A reload is over: applied, or refused for this reason.
    pub fn reloaded(&self, refusal: Option<&str>) {
        match refusal {
            _ if !self.is_ready() => {}
            Some(reason) => self.say_with("READY=1", reason),
            None => self.say("READY=1"),
        }
    }

    /// The loop has answered.
    pub fn alive(&self) {
        let mut lines = Vec::new();
        if self.watchdog.is_some() {
            lines.push("WATCHDOG=1".into());
        }
        if !self.is_ready() {
            lines.push(extension(START_EXTENSION));
        }
        if !lines.is_empty() {
            self.say(&lines.join("\n"));
        }
    }

    /// The end begins, and may take this long.
    pub fn stopping(&self, grace_period: Duration) {
        let extension = extension(grace_period.saturating_add(LEAVE));
        self.say_with(&format!("STOPPING=1\n{extension}"), "finishing what is under way");
    }

    fn say_with(&self, message: &str, status: &str) {
        let line = status_line(status);
        self.is_news(&line);
        self.say(&format!("{message}\n{line}"));
    }

    /// Whether the status is another than before; from here on it is not.
    fn is_news(&self, line: &str) -> bool {
        let Some(channel) = &self.channel else { return false };
        let mut said = channel.said.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = *said != line;
        line.clone_into(&mut said);
        is_news
    }

    /// What cannot be said is lost: who does not listen learns from the time-outs of the unit.
    fn say(&self, message: &str) {
        if let Some(channel) = &self.channel {
            let _ = channel.socket.send_to_addr(message.as_bytes(), &channel.address);
        }
    }
}

impl Channel {
    /// `@` begins the name of an abstract socket (`unix(7)`).
    fn open(place: &OsString) -> io::Result<Self> {
        let address = match place.as_bytes() {
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
            _ => SocketAddr::from_pathname(place)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(SEND_TIMEOUT))?;
        Ok(Self { socket, address, ready: AtomicBool::new(false), said: Mutex::default() })
    }
}

/// One line, whatever the text holds: a second one would be a message of its own.
fn status_line(text: &str) -> String {
    format!("STATUS={}", text.replace(char::is_control, " "))
}

fn extension(span: Duration) -> String {
    format!("EXTEND_TIMEOUT_USEC={}", span.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `act` says on an abstract socket, message by message.
    fn heard(name: &str, watchdog: Option<Duration>, act: impl FnOnce(&Supervisor)) -> Vec<String> {
        let name = format!("tokenward-test-{}-{name}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let listener = UnixDatagram::bind_addr(&address).unwrap();
        listener.set_nonblocking(true).unwrap();
        act(&Supervisor::at(Some(format!("@{name}").into()), watchdog));
        let mut buffer = [0; 4096];
        let mut messages = Vec::new();
        while let Ok(length) = listener.recv(&mut buffer) {
            messages.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
        }
        messages
    }

    #[test]
    fn a_reload_before_the_first_ready_is_a_part_of_the_start() {
        let messages = heard("order", None, |supervisor| {
            supervisor.reloading();
            supervisor.reloaded(Some("refused"));
            supervisor.ready("1 of 1 fresh");
            supervisor.reloading();
            supervisor.reloaded(Some("refused:\nWATCHDOG=trigger"));
            supervisor.status("1 of 1 fresh");
            supervisor.status("1 of 1 fresh");
        });
        assert_eq!(messages.len(), 4, "{messages:?}");
        assert_eq!(messages[0], "READY=1\nSTATUS=1 of 1 fresh");
        let (reloading, when) = messages[1].split_once("MONOTONIC_USEC=").unwrap();
        assert_eq!(reloading, "RELOADING=1\n");
        assert!(when.parse::<u64>().is_ok_and(|when| when <= monotonic_micros()));
        assert_eq!(messages[2], "READY=1\nSTATUS=refused: WATCHDOG=trigger", "no line of its own");
        assert_eq!(
            messages[3], "STATUS=1 of 1 fresh",
            "once, though it was said before the refusal"
        );
    }

    #[test]
    fn signs_of_life_extend_only_the_start() {
        let extend = "EXTEND_TIMEOUT_USEC=60000000";
        let minute = Some(Duration::from_secs(60));
        // (watchdog, before READY, after it)
        let cases = [
            (None, Some(extend.to_owned()), None),
            (minute, Some(format!("WATCHDOG=1\n{extend}")), Some("WATCHDOG=1".to_owned())),
        ];
        for (watchdog, before, after) in cases {
            assert_eq!(heard("before", watchdog, Supervisor::alive).pop(), before);
            let messages = heard("after", watchdog, |supervisor| {
                supervisor.ready("");
                supervisor.alive();
            });
            assert_eq!(messages.get(1), after.as_ref());
        }
    }

    #[test]
    fn an_end_may_take_the_grace_period() {
        let messages = heard("end", None, |supervisor| {
            supervisor.stopping(Duration::from_secs(30));
        });
        assert!(messages[0].starts_with("STOPPING=1\nEXTEND_TIMEOUT_USEC=35000000\n"));
    }

    #[test]
    fn where_nobody_listens_nothing_happens() {
        for socket in [None, Some("/nowhere/notify".into()), Some("relative".into())] {
            let supervisor = Supervisor::at(socket, None);
            supervisor.ready("");
            supervisor.alive();
        }
        assert!(!Supervisor::at(None, Some(Duration::from_secs(1))).listens());
    }
}
