//! The log: for people on a terminal, as JSON by flag, with journald's levels in the journal.

use std::io::IsTerminal;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{self, Format, Writer},
    },
    registry::LookupSpan,
};

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people; in the journal, with the levels that it knows.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Log lines go to standard error from here on. `filter` is in the syntax of `RUST_LOG`.
pub fn init(log_format: LogFormat, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Only the first call counts; a second subscriber in one process would be a test's.
    let _ = match log_format {
        LogFormat::Json => builder.json().flatten_event(true).with_target(false).try_init(),
        LogFormat::Text if in_journal() => builder.event_format(JournalFormat).try_init(),
        LogFormat::Text => builder.with_target(false).try_init(),
    };
}

/// systemd sets this when standard error is the journal (`systemd.exec(5)`).
fn in_journal() -> bool {
    std::env::var_os("JOURNAL_STREAM").is_some()
}

/// `<N>` before each line tells the journal its level (`sd-daemon(3)`).
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
const fn priority(level: Level) -> u8 {
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
    fn levels_are_those_of_syslog() {
        assert_eq!(
            [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG].map(priority),
            [3, 4, 6, 7]
        );
    }
}
