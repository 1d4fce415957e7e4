//! Why a request is refused. RFC 5849, section 3.2 knows statuses only; the OAuth Problem Reporting
//! extension has a word for each reason.

use hyper::StatusCode;
use url::form_urlencoded;

use super::Quirk;
use crate::sandbox::reply::Reply;

const CHALLENGE: &str = r#"OAuth realm="sandbox""#;

/// Why a request is refused.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    /// Its `oauth_problem`.
    name: &'static str,
    /// Says more about it.
    detail: Option<(&'static str, String)>,
    advice: &'static str,
}

impl Problem {
    /// The request itself is not in order.
    pub(super) const fn bad(name: &'static str, advice: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, name, detail: None, advice }
    }

    /// It does not prove who asks.
    pub(super) const fn unproven(name: &'static str, advice: &'static str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, name, detail: None, advice }
    }

    pub(super) fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        Self { detail: Some((name, value.into())), ..self }
    }

    pub(super) fn reply(&self, quirk: Quirk) -> Reply {
        if quirk != Quirk::Problems {
            let reply = Reply::typed(self.status, "text/plain; charset=utf-8", self.advice);
            return reply.header("www-authenticate", CHALLENGE);
        }
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("oauth_problem", self.name);
        form.append_pair("oauth_problem_advice", self.advice);
        if let Some((name, value)) = &self.detail {
            form.append_pair(name, value);
        }
        let challenge = format!("{CHALLENGE}, oauth_problem=\"{}\"", self.name);
        let media_type = "application/x-www-form-urlencoded";
        Reply::typed(self.status, media_type, form.finish()).header("www-authenticate", challenge)
    }
}
