//! A provider whose refresh tokens, or session handles, are good for one use, and a refresher of one
//! such grant.

use super::*;
use crate::{
    credential::{Grant, OAuth1, ParameterPlace, Renewal},
    state::{Record, Saved},
    token::{IssuedToken, RefreshToken, TOKEN_SECRET},
};

const SESSION_HANDLE: &str = "oauth_session_handle";

/// What becomes of the next request.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Next {
    /// A token, and the next refresh token.
    #[default]
    Rotates,
    /// A token, and no refresh token.
    Keeps,
    /// The same as `Rotates`, but nobody hears it.
    IsLost,
    /// It never arrives.
    IsNotSent,
    /// The next refresh token, with an access token that nobody may have.
    IsUnusable,
}

/// It accepts the refresh token that it gave last, and no other.
#[derive(Default)]
pub struct OneUse {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    next: Next,
    current: u64,
    seen: Vec<String>,
}

impl OneUse {
    pub fn next(&self, next: Next) {
        self.inner.lock().expect("the lock").next = next;
    }

    /// The refresh tokens that arrived.
    pub fn seen(&self) -> Vec<String> {
        self.inner.lock().expect("the lock").seen.clone()
    }

    /// Somebody logs in: what was issued before is void.
    pub fn log_in(&self) -> String {
        let mut inner = self.inner.lock().expect("the lock");
        inner.current += 100;
        format!("rt-{}", inner.current)
    }
}

impl HttpTransport for OneUse {
    fn send<'a>(
        &'a self,
        _: &'a TokenEndpoint,
        request: TokenRequest,
        _: Duration,
    ) -> Exchange<'a> {
        let mut inner = self.inner.lock().expect("the lock");
        let origin = "https://idp.example".into();
        let next = inner.next;
        if next == Next::IsNotSent {
            let error = TransportError::Connect { origin, cause: "refused".into() };
            return Box::pin(async { Err(error) });
        }
        let form = url::form_urlencoded::parse(request.body.expose().as_bytes());
        let is_ours = |name: &str| matches!(name, "refresh_token" | SESSION_HANDLE);
        let (name, sent) = form.into_owned().find(|(name, _)| is_ours(name)).expect("one");
        let is_current = sent == format!("rt-{}", inner.current);
        inner.seen.push(sent);
        if !is_current {
            return reply(400, r#"{"error":"invalid_grant"}"#.into());
        }
        inner.current += u64::from(next != Next::Keeps);
        let number = inner.seen.len();
        let access_token = if next == Next::IsUnusable { " " } else { &format!("at-{number}") };
        let refresh_token = match next {
            Next::Keeps => "null".into(),
            _ => format!(r#""rt-{}""#, inner.current),
        };
        let body = format!(
            r#"{{"access_token":"{access_token}","expires_in":3600,"refresh_expires_in":864000,
                "refresh_token":{refresh_token}}}"#
        );
        let body = if name == SESSION_HANDLE {
            format!(
                "oauth_token={access_token}&oauth_token_secret=s&oauth_expires_in=3600\
                 &oauth_session_handle=rt-{}",
                inner.current
            )
        } else {
            body
        };
        if next == Next::IsLost {
            let error = TransportError::Interrupted { origin, cause: "reset".into() };
            return Box::pin(async { Err(error) });
        }
        reply(200, body)
    }
}

fn reply(status: u16, body: String) -> Exchange<'static> {
    let raw = RawResponse { status, headers: Vec::new(), body: body.into_bytes().into() };
    Box::pin(async { Ok(raw) })
}

/// A machine with one grant.
pub struct World {
    pub directory: tempfile::TempDir,
    pub clock: Arc<ManualClock>,
    pub provider: Arc<OneUse>,
    pub credential: Arc<Credential>,
    pub refresher: Refresher,
}

impl World {
    pub fn of(credential: Credential) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let now = Now {
            wall: WallTime::from_seconds(1_790_000_000),
            boot: BootTime::from_millis(86_400_000),
        };
        let clock = Arc::new(ManualClock::new(now));
        let (provider, credential) = (Arc::new(OneUse::default()), Arc::new(credential));
        let refresher = refresher(directory.path(), &clock, &provider, &credential);
        Self { directory, clock, provider, credential, refresher }
    }

    /// The process dies and another starts.
    pub fn restart(&mut self) {
        let Self { directory, clock, provider, credential, .. } = self;
        self.refresher = refresher(directory.path(), clock, provider, credential);
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub async fn settle(&mut self) -> Option<u64> {
        settle(&mut self.refresher).await
    }

    /// Until the next step, and what is due then.
    pub async fn next(&mut self) -> u64 {
        let wait = self.settle().await.expect("something is due later");
        self.advance(wait);
        self.settle().await;
        wait
    }

    pub fn state(&self) -> &State {
        &self.refresher.tools.state
    }

    pub fn saved(&self) -> Option<Saved> {
        self.state().load(&self.credential.name, self.clock.now()).expect("readable")
    }

    /// The refresh token on disk.
    pub fn kept(&self) -> Option<String> {
        Some(self.saved()?.token.refresh_token?.value.expose().to_owned())
    }

    pub fn record(&self) -> Record {
        self.state().record(&self.credential.name)
    }

    /// What is wrong: the stable word.
    pub fn problem(&self) -> Option<Box<str>> {
        Some(self.record().problem?.failure.reason)
    }

    pub fn output(&self) -> Option<String> {
        std::fs::read_to_string(self.directory.path().join("token")).ok()
    }

    /// Somebody runs `tokenward login`.
    pub fn log_in(&self) {
        let refresh_token = RefreshToken::first((&*self.provider.log_in()).into());
        let duration = Duration::from_secs(3600);
        let token = IssuedToken::bearer("at-login".into(), self.clock.now(), duration);
        let fields = [(TOKEN_SECRET.into(), "s".into())].into();
        let token = IssuedToken { refresh_token: Some(refresh_token), fields, ..token };
        self.state().save_login(&self.credential, &token).expect("saved");
    }
}

fn renewal() -> Arc<Renewal> {
    Arc::new(Renewal {
        url: None,
        grant_type: "refresh_token".into(),
        parameter: "refresh_token".into(),
        extra: [].into(),
        after_lost_answer: None,
    })
}

/// A grant that begins with the configured refresh token `rt-0`.
pub fn with_seed() -> Credential {
    let seed = fixture::literal("rt-0");
    Credential {
        grant: Arc::new(Grant::RefreshToken { seed }),
        renewal: Some(renewal()),
        ..credential()
    }
}

/// A grant that begins with a log-in.
pub fn with_login() -> Credential {
    let grant = Arc::new(Grant::DeviceCode { endpoint: None });
    Credential { grant, renewal: Some(renewal()), ..credential() }
}

/// A session of OAuth 1.0a, which begins with a log-in as well.
pub fn with_session() -> Credential {
    let oauth1 = OAuth1 { parameters_in: ParameterPlace::Body, ..fixture::oauth1() };
    Credential { grant: Arc::new(Grant::OAuth1(oauth1)), ..credential() }
}
