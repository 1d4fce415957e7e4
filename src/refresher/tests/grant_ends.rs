//! Grants that end, and what refreshing does about it.

use super::{one_use::with_seed, *};
use crate::state::Record;

/// A grant ends half an hour after it began, and an access token lives for an hour.
const GRANT: u64 = HOUR / 2;

/// A provider of such grants.
struct Ending {
    clock: Arc<ManualClock>,
    /// Whether a refresh moves the end.
    slides: bool,
    ends: Mutex<WallTime>,
    requests: Mutex<u64>,
}

impl HttpTransport for Ending {
    fn send<'a>(&'a self, _: &'a TokenEndpoint, _: TokenRequest, _: Duration) -> Exchange<'a> {
        let now = self.clock.now().wall;
        let mut requests = self.requests.lock().expect("the lock");
        *requests += 1;
        let mut ends = self.ends.lock().expect("the lock");
        let is_over = now >= *ends;
        if self.slides && !is_over {
            *ends = now + Duration::from_secs(GRANT);
        }
        let (status, body) = if is_over {
            (400, r#"{"error":"invalid_grant"}"#.to_owned())
        } else {
            let left = ends.since(now).as_secs();
            let body = format!(
                r#"{{"access_token":"at-{requests}","expires_in":{HOUR},
                    "refresh_expires_in":{left}}}"#
            );
            (200, body)
        };
        let raw = RawResponse { status, headers: Vec::new(), body: body.into_bytes().into() };
        Box::pin(async { Ok(raw) })
    }
}

struct Grant {
    directory: tempfile::TempDir,
    provider: Arc<Ending>,
    credential: Arc<Credential>,
    refresher: Refresher,
}

impl Grant {
    fn new(slides: bool) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let now = Now {
            wall: WallTime::from_seconds(1_790_000_000),
            boot: BootTime::from_millis(86_400_000),
        };
        let clock = Arc::new(ManualClock::new(now));
        let ends = Mutex::new(now.wall + Duration::from_secs(GRANT));
        let provider = Arc::new(Ending { clock, slides, ends, requests: Mutex::default() });
        let credential = Arc::new(with_seed());
        let refresher = refresher(directory.path(), &provider.clock, &provider, &credential);
        Self { directory, provider, credential, refresher }
    }

    fn restart(&mut self) {
        let Self { directory, provider, credential, .. } = self;
        self.refresher = refresher(directory.path(), &provider.clock, provider, credential);
    }

    /// Seconds to the next request.
    async fn settle(&mut self) -> u64 {
        settle(&mut self.refresher).await.expect("a next request")
    }

    fn advance(&self, seconds: u64) {
        self.provider.clock.advance(Duration::from_secs(seconds));
    }

    fn record(&self) -> Record {
        self.refresher.tools.state.record(&self.credential.name)
    }

    fn requests(&self) -> u64 {
        *self.provider.requests.lock().expect("the lock")
    }
}

#[tokio::test]
async fn a_grant_that_slides_is_refreshed_before_its_end_and_never_dies() {
    let mut grant = Grant::new(true);
    for round in 1..=10 {
        assert_eq!(grant.settle().await, GRANT * 3 / 4, "round {round}");
        let record = grant.record();
        assert_eq!((grant.requests(), record.problem), (round, None));
        assert!(record.grant_extends, "round {round}");
        if round % 3 == 0 {
            grant.restart();
        }
        grant.advance(GRANT * 3 / 4);
    }
}

#[tokio::test]
async fn an_end_that_stays_makes_requests_no_denser() {
    let mut grant = Grant::new(false);
    assert_eq!(grant.settle().await, GRANT * 3 / 4, "perhaps it slides");
    assert!(grant.record().grant_extends, "nothing is known to the contrary");
    grant.advance(GRANT * 3 / 4);
    assert_eq!(grant.settle().await, HOUR * 3 / 4, "it does not");
    assert!(!grant.record().grant_extends);
    grant.restart();
    grant.advance(GRANT / 4 - 1);
    assert_eq!(grant.settle().await, HOUR * 3 / 4 - GRANT / 4 + 1);
    assert_eq!(grant.requests(), 2);
}
