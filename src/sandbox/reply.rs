//! A reply before it travels.

use hyper::StatusCode;

use super::delivery::Delivery;
use crate::clock::WallTime;

/// A reply before it travels. It has no `Debug`, because it may carry a token.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    pub(super) delivery: Delivery,
}

impl Reply {
    /// A reply without any header.
    pub(super) fn bare(status: StatusCode, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), delivery: Delivery::AtOnce }
    }

    /// A reply of this media type.
    pub(super) fn typed(
        status: StatusCode,
        media_type: &'static str,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        Self::bare(status, body).header("content-type", media_type)
    }

    /// A reply in JSON that nobody may store (RFC 6749, section 5.1).
    pub(super) fn json(status: StatusCode, body: impl Into<Vec<u8>>) -> Self {
        Self::typed(status, "application/json", body)
            .header("cache-control", "no-store")
            .header("pragma", "no-cache")
    }

    /// An error as RFC 6749, section 5.2 has it.
    pub(super) fn error(status: StatusCode, code: &str, description: &str) -> Self {
        Self::json(
            status,
            format!(r#"{{"error":{},"error_description":{}}}"#, quoted(code), quoted(description)),
        )
    }

    /// With this header, in place of any other of its name.
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Travelling in this way.
    pub(super) fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A date as HTTP writes it (RFC 9110, section 5.6.7).
pub(super) fn http_date(at: WallTime) -> String {
    let timestamp = jiff::Timestamp::from_second(at.seconds()).unwrap_or_default();
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&timestamp)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_strings_are_written_as_their_standards_say() {
        assert_eq!(http_date(WallTime::from_seconds(784_111_777)), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(quoted("a\"\n\u{1}"), r#""a\"\n\u0001""#);
    }
}
