//! Requests that follow the first one, for providers that give a token only in several steps.
//!
//! Together they are one attempt: they share its deadline, and an error of any of them is its
//! error. Everything that a reply hands on to the next request is kept out of what is shown.

use url::Url;

use super::{
    AcquireError, Attempt, HttpTransport, RawResponse, TokenRequest, TransportError,
    attempt::HandedIn,
    read,
    redaction::Redaction,
    reply,
    request::{Composed, Draft},
};
use crate::{
    credential::{FollowUp, StepPart, StepText, StepValue, origin, percent_encoded},
    secret::Secret,
};

/// The last reply of an attempt, and what is needed to read it.
pub(super) struct Answer {
    pub(super) raw: RawResponse,
    pub(super) redaction: Redaction,
    pub(super) handed_in: Option<HandedIn>,
}

/// Values of earlier replies, by name; of two with one name the later counts.
type Taken = Vec<(Box<str>, Secret)>;

/// Which request is under way.
struct UnderWay {
    /// 0 for the first, then as the steps are counted.
    step: usize,
    origin: Box<str>,
    /// The refresh token that counts by now.
    handed_in: Option<HandedIn>,
}

/// Sends the first request and those that follow it, all within the attempt's deadline.
pub(super) async fn exchange(
    transport: &dyn HttpTransport,
    attempt: &Attempt<'_>,
    first: Composed,
) -> Result<Answer, AcquireError> {
    let Composed { request, redaction, handed_in } = first;
    let mut under_way = UnderWay { step: 0, origin: origin(&request.url), handed_in };
    let all = send_all(transport, attempt, request, redaction, &mut under_way);
    let result = tokio::time::timeout(attempt.deadline, all).await;
    let UnderWay { step, origin, handed_in } = under_way;
    let in_time = result.unwrap_or_else(|_elapsed| {
        Err(TransportError::Timeout { origin, after: attempt.deadline }.into())
    });
    match in_time {
        Ok((raw, redaction)) => Ok(Answer { raw, redaction, handed_in }),
        Err(error) => Err(reply::rescued_from(handed_in, error.in_step(step))),
    }
}

async fn send_all(
    transport: &dyn HttpTransport,
    attempt: &Attempt<'_>,
    first: TokenRequest,
    mut redaction: Redaction,
    under_way: &mut UnderWay,
) -> Result<(RawResponse, Redaction), AcquireError> {
    let credential = attempt.credential;
    let send = |request| transport.send(&credential.endpoint, request, attempt.deadline);
    let mut raw = send(first).await?;
    let mut taken = Taken::new();
    for (index, step) in credential.steps.iter().enumerate() {
        let reply = reply::Interim::read(attempt, &raw, &mut redaction)?;
        under_way.handed_in = reply.renew(under_way.handed_in.take());
        under_way.step = index + 1;
        for (name, place) in &step.take {
            taken.push((name.clone(), reply.take(name, place, &mut redaction)?));
        }
        let request = compose(step, &taken, &mut redaction).await?;
        under_way.origin = origin(&request.url);
        raw = send(request).await?;
    }
    Ok((raw, redaction))
}

/// The request of a step.
async fn compose(
    step: &FollowUp,
    taken: &Taken,
    redaction: &mut Redaction,
) -> Result<TokenRequest, AcquireError> {
    let url = url(&step.url, taken).ok_or(AcquireError::StepUrl)?;
    let mut draft = Draft::following(std::mem::take(redaction));
    draft.hide_query(&url);
    for (name, value) in &step.parameters {
        let value = value_of(name, value, taken, &mut draft.redaction).await?;
        draft.parameter(name, value);
    }
    let mut headers = Vec::with_capacity(step.headers.len());
    for (name, value) in &step.headers {
        headers.push((name.clone(), value_of(name, value, taken, &mut draft.redaction).await?));
    }
    let (request, hidden) = draft.encode(step.method, url, &step.body, headers);
    *redaction = hidden;
    Ok(request)
}

async fn value_of(
    name: &str,
    value: &StepValue,
    taken: &Taken,
    redaction: &mut Redaction,
) -> Result<Secret, AcquireError> {
    let value = match value {
        StepValue::Source(source) => read(name, source).await?,
        StepValue::Text(text) => Secret::from(fill(text, taken, |value, _| value.to_owned())),
    };
    redaction.hide_unless_short(&value);
    Ok(value)
}

/// The URL of a step. A value is percent-encoded, so that it cannot lead elsewhere; only at the
/// front it may be a whole URL, because some providers say there where the next request goes.
fn url(text: &StepText, taken: &Taken) -> Option<Url> {
    let written = fill(text, taken, |value, before| {
        if before.is_empty() { value.to_owned() } else { percent_encoded(value) }
    });
    let url = Url::parse(&written).ok()?;
    let plain = matches!(url.scheme(), "https" | "http") && url.has_host();
    Some(url).filter(|url| plain && url.username().is_empty() && url.password().is_none())
}

/// A text with what was taken in it; `write` is told the value and what stands before it.
fn fill(text: &StepText, taken: &Taken, write: impl Fn(&str, &str) -> String) -> String {
    text.0.iter().fold(String::new(), |mut written, part| {
        match part {
            StepPart::Text(text) => written.push_str(text.expose()),
            StepPart::Taken(name) => {
                let found = taken.iter().rev().find(|(other, _)| other == name);
                let value = found.map_or("", |(_, value)| value.expose());
                written.push_str(&write(value, &written));
            }
        }
        written
    })
}

#[cfg(test)]
mod tests;
