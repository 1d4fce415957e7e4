//! The log: for people on a terminal, as JSON by flag, with fields in the journal.
//!
//! Only our own events are written, at every level: HTTP and TLS libraries log what they send.

use std::io::IsTerminal;

use tracing::{Event, Level, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer as _,
    filter::Targets,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{self, Format, Writer},
    },
    layer::SubscriberExt as _,
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

use super::journal::{Journal, is_stream};

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people; in the journal, with its levels and with fields.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Log lines of `level` and above go to standard error from here on.
pub fn init(log_format: LogFormat, level: LevelFilter) {
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let layer = match log_format {
        LogFormat::Json => layer.json().flatten_event(true).with_target(false).boxed(),
        LogFormat::Text if in_journal() => match Journal::open() {
            Some(journal) => journal.boxed(),
            None => layer.event_format(JournalFormat).boxed(),
        },
        LogFormat::Text => layer.with_target(false).boxed(),
    };
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(ours(level)));
    // Only the first call counts; a second subscriber in one process would be a test's.
    let _ = subscriber.try_init();
}

fn ours(level: LevelFilter) -> Targets {
    Targets::new().with_target(env!("CARGO_CRATE_NAME"), level)
}

fn in_journal() -> bool {
    std::env::var("JOURNAL_STREAM").is_ok_and(|stream| is_stream(&stream))
}

/// `<N>` before each line tells the journal its level (`sd-daemon(3)`), where its socket cannot be
/// reached.
struct JournalFormat;

impl<S, N> FormatEvent<S, N> for JournalFormat
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        write!(writer, "<{}>", priority(*event.metadata().level()))?;
        format::Format::<format::Full, ()>::format_event(&plain(), context, writer, event)
    }
}

fn plain() -> Format<format::Full, ()> {
    format().without_time().with_target(false).with_level(false).with_ansi(false)
}

fn format() -> Format {
    tracing_subscriber::fmt::format()
}

/// The levels of `syslog(3)`.
pub(super) const fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_library_has_a_say() {
        let targets = ours(LevelFilter::TRACE);
        for (target, written) in [
            ("tokenward", true),
            ("tokenward::daemon::reload", true),
            ("hyper_util::client::legacy::pool", false),
            ("reqwest::connect", false),
            ("rustls::client::hs", false),
        ] {
            assert_eq!(targets.would_enable(target, &Level::ERROR), written, "{target}");
        }
        assert!(!ours(LevelFilter::INFO).would_enable("tokenward", &Level::DEBUG));
    }

    #[test]
    fn levels_are_those_of_syslog() {
        assert_eq!(
            [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG].map(priority),
            [3, 4, 6, 7]
        );
    }
}
