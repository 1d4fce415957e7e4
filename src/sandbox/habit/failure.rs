//! Failures and limits, as servers and the gateways before them report them.

use std::time::Duration;

use hyper::StatusCode;

use super::{Act, Habit, json, usual};
use crate::sandbox::{
    okta,
    reply::{Reply, http_date},
    request::Request,
    system::plain::{CLIENT, unavailable},
};

/// The wait that limits ask for.
const WAIT: Duration = Duration::from_secs(30);

pub(super) const HABITS: &[Habit] = &[
    Habit::always("ok_with_error", "200, and an error of RFC 6749", |_, _| {
        let description = "The refresh token is incorrect or expired.";
        Reply::error(StatusCode::OK, "bad_refresh_token", description)
    }),
    Habit::always("ok_false", "200, and `ok` is false", |_, _| {
        json(r#"{"ok":false,"error":"invalid_auth"}"#.to_owned())
    }),
    Habit::always("error_object", "`error` is an object", |_, _| {
        bad_request(r#"{"error":{"code":"invalid_client","message":"Bad client credentials"}}"#)
    })
    .keys("response: { error: error.code, error_description: error.message }"),
    Habit::always("error_list", "`errors` is a list", |_, _| {
        bad_request(
            r#"{"errors":[{"errorType":"invalid_client","message":"Bad client credentials"}]}"#,
        )
    }),
    Habit::always("error_problem", "the error is a problem of RFC 9457", |_, _| {
        bad_request(r#"{"type":"about:blank","title":"invalid_client","status":400}"#)
            .header("content-type", "application/problem+json")
    }),
    Habit::always(
        "leaks_secret_in_error",
        "the error repeats the client's secret",
        |request, _| {
            let description = format!("Signature mismatch, expected: {}", sent_secret(request));
            Reply::error(StatusCode::UNAUTHORIZED, "invalid_client", &description)
        },
    ),
    Habit::new(
        "every_failure_500",
        "a bad request is answered with 500",
        Act::Refuse(|| {
            Reply::typed(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", "Internal Server Error")
        }),
    ),
    Habit::always("forbidden_empty", "403 without a body, whatever is wrong", |_, _| {
        Reply::bare(StatusCode::FORBIDDEN, "")
    }),
    Habit::always("html_gateway_page", "502 with a page of HTML", |_, _| {
        let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
                    <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
        Reply::typed(StatusCode::BAD_GATEWAY, "text/html", page)
    }),
    Habit::always("service_unavailable", "503", |_, _| unavailable()),
    Habit::grant("flaky", "every first of two requests is answered with 503", |granted| {
        if granted.occasion.turn % 2 == 1 { unavailable() } else { usual(granted) }
    }),
    Habit::always("too_many_requests", "429 with `Retry-After` in seconds", |_, _| {
        limited().header("retry-after", WAIT.as_secs().to_string())
    }),
    Habit::always("too_many_requests_date", "429 with `Retry-After` as a date", |_, occasion| {
        limited().header("retry-after", http_date(occasion.now + WAIT))
    }),
    Habit::always("rate_limit_reset", "429 with `X-Rate-Limit-Reset`, as Okta has it", {
        |_, occasion| okta::too_many_requests(occasion)
    }),
    Habit::always("rate_limit_reset_delta", "429 with seconds in `X-RateLimit-Reset`", |_, _| {
        limited().header("x-ratelimit-reset", WAIT.as_secs().to_string())
    }),
    Habit::always("limit_as_bad_request", "a limit that is a 400 and no code of OAuth", |_, _| {
        bad_request(
            r#"{"error":"Access Denied","error_description":"You have made too many requests continuously. Please try again after some time.","status":"failure"}"#,
        )
    }),
    Habit::always("wait_in_description", "429 with the wait only in a sentence", |_, _| {
        let description = "Rate limit exceeded. Try again in 30 seconds.";
        Reply::error(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", description)
    }),
    Habit::always(
        "throttled_as_invalid_grant",
        "a limit that calls itself `invalid_grant`",
        |_, _| {
            let description = "AADSTS50196: The server terminated an operation because it \
                           encountered a client request loop.";
            Reply::error(StatusCode::BAD_REQUEST, "invalid_grant", description)
        },
    ),
    Habit::always("redirect_307", "307 to another path: repeats the secret if followed", |_, _| {
        redirect(StatusCode::TEMPORARY_REDIRECT)
    }),
    Habit::always("redirect_302", "302 to another path: becomes a GET if followed", |_, _| {
        redirect(StatusCode::FOUND)
    }),
];

fn bad_request(body: &str) -> Reply {
    Reply::json(StatusCode::BAD_REQUEST, body)
}

fn limited() -> Reply {
    Reply::typed(StatusCode::TOO_MANY_REQUESTS, "text/plain", "Too Many Requests")
}

fn redirect(status: StatusCode) -> Reply {
    Reply::bare(status, "").header("location", "/plain/token")
}

/// The secret as the client sent it, or the one that it should have sent.
fn sent_secret(request: &Request) -> String {
    let parameters = request.query().or_else(|| request.form()).or_else(|| request.json());
    let posted =
        parameters.and_then(|parameters| parameters.one("client_secret").map(str::to_owned));
    posted
        .or_else(|| request.basic().map(|sent| sent.password))
        .unwrap_or_else(|| CLIENT.secret.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{asked, asked_badly, assert_complete, header, text},
        *,
    };

    const ROWS: [(&str, u16, &str, &str); 18] = [
        (
            "ok_with_error",
            200,
            "",
            r#"{"error":"bad_refresh_token","error_description":"The refresh token is incorrect or expired."}"#,
        ),
        ("ok_false", 200, "", r#"{"ok":false,"error":"invalid_auth"}"#),
        (
            "error_object",
            400,
            "",
            r#"{"error":{"code":"invalid_client","message":"Bad client credentials"}}"#,
        ),
        (
            "error_list",
            400,
            "",
            r#"{"errors":[{"errorType":"invalid_client","message":"Bad client credentials"}]}"#,
        ),
        (
            "error_problem",
            400,
            "",
            r#"{"type":"about:blank","title":"invalid_client","status":400}"#,
        ),
        (
            "leaks_secret_in_error",
            401,
            "",
            r#"{"error":"invalid_client","error_description":"Signature mismatch, expected: sandbox+secret/100%"}"#,
        ),
        ("forbidden_empty", 403, "", ""),
        (
            "html_gateway_page",
            502,
            "",
            "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n",
        ),
        ("service_unavailable", 503, "", "Service Unavailable"),
        ("too_many_requests", 429, "retry-after: 30", "Too Many Requests"),
        (
            "too_many_requests_date",
            429,
            "retry-after: Mon, 21 Sep 2026 14:13:50 GMT",
            "Too Many Requests",
        ),
        (
            "rate_limit_reset",
            429,
            "x-rate-limit-reset: 1790000040",
            r#"{"errorCode":"E0000047","errorSummary":"API call exceeded rate limit due to too many requests.","errorLink":"E0000047","errorId":"oae3031323334354637b839616263646566","errorCauses":[]}"#,
        ),
        ("rate_limit_reset_delta", 429, "x-ratelimit-reset: 30", "Too Many Requests"),
        (
            "limit_as_bad_request",
            400,
            "",
            r#"{"error":"Access Denied","error_description":"You have made too many requests continuously. Please try again after some time.","status":"failure"}"#,
        ),
        (
            "wait_in_description",
            429,
            "",
            r#"{"error":"rate_limit_exceeded","error_description":"Rate limit exceeded. Try again in 30 seconds."}"#,
        ),
        (
            "throttled_as_invalid_grant",
            400,
            "",
            r#"{"error":"invalid_grant","error_description":"AADSTS50196: The server terminated an operation because it encountered a client request loop."}"#,
        ),
        ("redirect_307", 307, "location: /plain/token", ""),
        ("redirect_302", 302, "location: /plain/token", ""),
    ];

    #[test]
    fn each_habit_fails_as_it_says() {
        for (name, status, wanted, body) in ROWS {
            let reply = asked(name, 1);
            assert_eq!((reply.status.as_u16(), &*text(&reply)), (status, body), "{name}");
            if let Some((header_name, value)) = wanted.split_once(": ") {
                assert_eq!(header(&reply, header_name), value, "{name}");
            }
        }
        let others = ["every_failure_500", "flaky"];
        assert_complete(HABITS, ROWS.iter().map(|row| row.0).chain(others));
    }

    #[test]
    fn only_a_bad_request_meets_the_500() {
        assert_eq!(asked_badly("every_failure_500").status, 500);
        assert_eq!(asked("every_failure_500", 1).status, 200);
    }

    #[test]
    fn a_flaky_server_answers_every_second_request() {
        let answers = [1, 2, 3, 4].map(|turn| asked("flaky", turn).status.as_u16());
        assert_eq!(answers, [503, 200, 503, 200]);
    }
}
