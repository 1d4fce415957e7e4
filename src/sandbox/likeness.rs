//! Likenesses: providers that the sandbox knows only by what it is told of them.
//!
//! A [`Likeness`] says what a token request of the provider looks like and what its documentation
//! shows as the answer. A request that differs is refused, and the refusal says what is wrong.

mod login;
mod signed;

use std::time::Duration;

use hyper::{Method, StatusCode};

pub use self::{login::Login, signed::SignedClaims};
use super::{
    occasion::{Occasion, uuid},
    reply::Reply,
    request::{Parameters, Request},
};

/// What a provider wants to be asked, and how it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// The second segment of its paths: `/like/NAME/token`.
    pub name: Box<str>,
    /// The HTTP method.
    pub method: Box<str>,
    /// The media type of the body; `None` if the parameters stand in the query.
    pub media_type: Option<Box<str>>,
    /// What stands in the `Authorization` header.
    pub authorization: Authorization,
    /// The JWT that the client signs, if there is one.
    pub signed: Option<SignedClaims>,
    /// The parameters that say who asks, with their values where these are known.
    pub client: Vec<Expected>,
    /// The other parameters that there must be.
    pub parameters: Vec<Expected>,
    /// The headers that there must be besides.
    pub headers: Vec<Expected>,
    /// The parameter in which a refresh token is handed in.
    pub refresh_parameter: Option<Box<str>>,
    /// How a person logs in, if that is how it begins.
    pub login: Option<Login>,
    /// The answer.
    pub answer: Answer,
}

/// What stands in the `Authorization` header of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// There is none: who has credentials in two places is refused by some.
    Absent,
    /// Id and secret (RFC 7617), in either encoding.
    Basic {
        /// The client's id.
        id: Box<str>,
        /// Its secret.
        secret: Box<str>,
    },
    /// A JWT as a Bearer token.
    Jwt,
}

/// A parameter or a header, and its value if it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Its name.
    pub name: Box<str>,
    /// Its value; `None` for any that is not empty.
    pub value: Option<Box<str>>,
}

/// An answer as it is documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The media type.
    pub content_type: Box<str>,
    /// How long the token lives, if that stands in the body.
    pub lifetime: Option<Duration>,
    /// The body, with `${access_token}` and the like in it.
    pub body: Box<str>,
}

/// A refusal is a reply, too.
type Checked = Result<(), Reply>;

impl Likeness {
    /// Answers as the provider would; `None` if nothing stands at this path.
    pub(super) fn answer(&self, request: &Request, occasion: &Occasion<'_>) -> Option<Reply> {
        let (name, last) = request.path.strip_prefix("/like/")?.split_once('/')?;
        match (last, self.login) {
            _ if *name != *self.name => None,
            ("token", _) => Some(self.token(request, occasion)),
            ("authorize", Some(Login::Browser)) => Some(login::authorize(request, occasion)),
            ("device", Some(Login::Device)) => Some(login::device(self, request, occasion)),
            _ => None,
        }
    }

    fn token(&self, request: &Request, occasion: &Occasion<'_>) -> Reply {
        let parameters = self.parameters(request);
        let signed = |()| match &self.signed {
            Some(signed) => signed.check(request, parameters.as_ref(), occasion.now),
            None => Ok(()),
        };
        match self.check(request, parameters.as_ref()).and_then(signed) {
            Ok(()) => self.granted(parameters.as_ref(), occasion),
            Err(refusal) => refusal,
        }
    }

    fn check(&self, request: &Request, parameters: Option<&Parameters>) -> Checked {
        if request.method.as_str() != &*self.method {
            let refusal = invalid(&format!("the method is not {}", self.method));
            return Err(Reply { status: StatusCode::METHOD_NOT_ALLOWED, ..refusal });
        }
        if let Some(media_type) = &self.media_type
            && request.media_type() != **media_type
        {
            return Err(invalid(&format!("the body is not {media_type}")));
        }
        self.check_authorization(request)?;
        for expected in &self.headers {
            let sent = request.headers.get(&*expected.name).and_then(|value| value.to_str().ok());
            expected.check("header", sent.into_iter())?;
        }
        match parameters {
            Some(parameters) => {
                let others = if self.ends_login(parameters) { &[][..] } else { &self.parameters };
                let mut wanted = self.client.iter().chain(others);
                wanted.try_for_each(|it| it.check("parameter", parameters.all(&it.name)))
            }
            None => self.check_text(&String::from_utf8_lossy(&request.body)),
        }
    }

    fn ends_login(&self, parameters: &Parameters) -> bool {
        self.login.is_some_and(|login| login.is_ended_by(parameters))
    }

    fn check_authorization(&self, request: &Request) -> Checked {
        let sent = request.headers.get("authorization").and_then(|value| value.to_str().ok());
        let good = match &self.authorization {
            Authorization::Absent => sent.is_none(),
            Authorization::Jwt => sent.is_some_and(|sent| sent.starts_with("Bearer ")),
            Authorization::Basic { id, secret } => {
                request.basic().is_some_and(|basic| basic.says(id, secret))
            }
        };
        let wanted = match &self.authorization {
            Authorization::Absent => "there is an Authorization header that nobody wants",
            Authorization::Jwt => "there is no JWT in the Authorization header",
            Authorization::Basic { .. } => "the client is not in the Authorization header",
        };
        let refusal = Reply::error(StatusCode::UNAUTHORIZED, "invalid_client", wanted);
        if good { Ok(()) } else { Err(refusal) }
    }

    /// The parameters, where the request has some that can be told apart.
    fn parameters(&self, request: &Request) -> Option<Parameters> {
        if request.method == Method::GET {
            return request.query();
        }
        match self.media_type.as_deref() {
            None => request.query(),
            Some("application/x-www-form-urlencoded") => request.form(),
            Some("application/json") => request.json(),
            Some(_) => None,
        }
    }

    /// A body of the provider's own kind holds every value somewhere.
    fn check_text(&self, body: &str) -> Checked {
        let known = self.parameters.iter().filter(|it| it.value.is_some());
        let missing = known.into_iter().find(|it| !it.value.iter().all(|v| body.contains(&**v)));
        match missing {
            Some(it) => Err(invalid(&format!("the body does not hold `{}`", it.name))),
            None => Ok(()),
        }
    }

    fn granted(&self, parameters: Option<&Parameters>, occasion: &Occasion<'_>) -> Reply {
        let documented = self.answer.lifetime.unwrap_or_default().as_secs();
        let lifetime = occasion.lifetime(documented);
        let expiry = occasion.expiry(lifetime).seconds();
        let date = jiff::Timestamp::from_second(expiry).unwrap_or_default().to_string();
        let mut other = occasion.random;
        other.reverse();
        let new = uuid(other);
        let name = self.refresh_parameter.as_deref().unwrap_or_default();
        let sent = parameters.and_then(|parameters| parameters.one(name)).unwrap_or(&new);
        let body = self
            .answer
            .body
            .replace("${access_token}", &occasion.uuid())
            .replace("${refresh_token}", &new)
            .replace("${sent_refresh_token}", sent)
            .replace("${expires_in}", &lifetime.to_string())
            .replace("${expires_at}", &date)
            .replace("${expires_at_seconds}", &expiry.to_string());
        let ends_login = parameters.is_some_and(|parameters| self.ends_login(parameters));
        let body = if ends_login { login::complete(body, &new) } else { body };
        let status = StatusCode::from_u16(self.answer.status).unwrap_or(StatusCode::OK);
        Reply::bare(status, body)
            .header("content-type", &*self.answer.content_type)
            .header("cache-control", "no-store")
    }
}

impl Expected {
    fn check<'a>(&self, what: &str, mut sent: impl Iterator<Item = &'a str>) -> Checked {
        let Self { name, value } = self;
        let found = sent.any(|sent| value.as_deref().map_or(!sent.is_empty(), |it| it == sent));
        match (found, value) {
            (true, _) => Ok(()),
            (false, None) => Err(invalid(&format!("the {what} `{name}` is missing"))),
            (false, Some(_)) => {
                Err(invalid(&format!("the {what} `{name}` is missing or has another value")))
            }
        }
    }
}

fn invalid(description: &str) -> Reply {
    Reply::error(StatusCode::BAD_REQUEST, "invalid_request", description)
}

#[cfg(test)]
mod tests;
