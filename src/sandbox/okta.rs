//! What every Okta server has in common: its two dialects for errors, and the rate limit whose
//! state stands in each reply.

use hyper::StatusCode;

use super::{occasion::Occasion, reply::Reply};

/// Requests in a minute. Okta's real figure depends on the plan.
const LIMIT: u32 = 600;

/// Whether this request is one too many.
pub(super) fn is_over_limit(occasion: &Occasion<'_>) -> bool {
    occasion.this_minute > LIMIT
}

/// The limit is exceeded; the next minute brings a new one.
pub(super) fn too_many_requests(occasion: &Occasion<'_>) -> Reply {
    let summary = "API call exceeded rate limit due to too many requests.";
    let reply = platform_error(StatusCode::TOO_MANY_REQUESTS, "E0000047", summary, occasion);
    limited(reply, LIMIT, occasion)
}

/// With the state of the limit after this request.
pub(super) fn with_limit(reply: Reply, occasion: &Occasion<'_>) -> Reply {
    limited(reply, occasion.this_minute, occasion)
}

/// `X-Rate-Limit-Reset` is a date in seconds since 1970.
fn limited(reply: Reply, used: u32, occasion: &Occasion<'_>) -> Reply {
    let reset = (occasion.now.seconds().div_euclid(60) + 1) * 60;
    reply
        .header("x-rate-limit-limit", LIMIT.to_string())
        .header("x-rate-limit-remaining", LIMIT.saturating_sub(used).to_string())
        .header("x-rate-limit-reset", reset.to_string())
}

/// An error of the platform, which knows nothing of OAuth.
pub(super) fn platform_error(
    status: StatusCode,
    code: &str,
    summary: &str,
    occasion: &Occasion<'_>,
) -> Reply {
    let id = occasion.uuid().replace('-', "");
    let cause = format!(r#""errorCode":"{code}","errorSummary":"{summary}","errorLink":"{code}""#);
    respond(status, format!(r#"{{{cause},"errorId":"oae{id}","errorCauses":[]}}"#))
}

/// An error of OAuth.
pub(super) fn error(status: StatusCode, code: &str, description: &str) -> Reply {
    uncached(Reply::error(status, code, description))
}

/// A reply in JSON.
pub(super) fn respond(status: StatusCode, body: String) -> Reply {
    uncached(Reply::json(status, body))
}

fn uncached(reply: Reply) -> Reply {
    reply.header("cache-control", "no-cache, no-store")
}

#[cfg(test)]
mod tests {
    use super::{super::occasion::tests::with_occasion, *};

    /// Limit, remaining, reset.
    fn state(reply: &Reply) -> Vec<&str> {
        let limits = reply.headers.iter().filter(|(name, _)| name.starts_with("x-rate-limit-"));
        limits.map(|(_, value)| value.as_str()).collect()
    }

    #[test]
    fn each_reply_tells_what_is_left_until_the_minute_ends() {
        with_occasion(|occasion| {
            for (this_minute, over, left) in
                [(1, false, "599"), (600, false, "0"), (601, true, "0")]
            {
                occasion.this_minute = this_minute;
                assert_eq!(is_over_limit(occasion), over, "{this_minute}");
                let reply = with_limit(respond(StatusCode::OK, String::new()), occasion);
                assert_eq!(state(&reply), ["600", left, "1790000040"], "{this_minute}");
            }
            occasion.this_minute = 1;
            assert_eq!(state(&too_many_requests(occasion))[1], "0", "as a habit, at any time");
        });
    }
}
