//! Probes: what becomes of a token that a resource does not take any more.

use super::*;
use crate::{
    credential::{Calendar, Grant, Probe, Zone},
    state::Record,
    token::{CLIENT_ID, CLIENT_SECRET, IssuedToken, Lifetime, TOKEN_SECRET},
};

const RESOURCE: &str = "https://api.example/me";

/// A provider, and a resource that takes all tokens but those in `revoked`.
#[derive(Default)]
struct Resource {
    provider: Provider,
    probes: Mutex<u64>,
    /// The end of the tokens that it does not take; an empty text is the end of each.
    revoked: Mutex<Vec<&'static str>>,
    status: Mutex<Option<u16>>,
}

impl HttpTransport for Resource {
    fn send<'a>(
        &'a self,
        endpoint: &'a TokenEndpoint,
        sent: TokenRequest,
        after: Duration,
    ) -> Exchange<'a> {
        if sent.url.as_str() != RESOURCE {
            return self.provider.send(endpoint, sent, after);
        }
        *self.probes.lock().expect("the lock") += 1;
        let authorization = sent.headers[0].1.expose();
        let revoked = self.revoked.lock().expect("the lock");
        let refuses = revoked.iter().any(|end| authorization.ends_with(end));
        let status = self.status.lock().expect("the lock");
        let status = status.unwrap_or(if refuses { 401 } else { 200 });
        let body = b"the body is nobody's business".to_vec().into();
        let raw = RawResponse { status, headers: Vec::new(), body };
        Box::pin(async move { Ok(raw) })
    }
}

struct Probed {
    directory: tempfile::TempDir,
    clock: Arc<ManualClock>,
    resource: Arc<Resource>,
    credential: Arc<Credential>,
    refresher: Refresher,
}

impl Probed {
    async fn new(credential: Credential) -> Self {
        let World { directory, clock, .. } = World::new();
        let resource = Arc::new(Resource::default());
        let calendar = Calendar::parse("0 * * * * *", Zone::default()).expect("a schedule");
        let url = RESOURCE.parse().expect("a URL");
        let probe = Some(Arc::new(Probe { url, headers: [].into(), calendar }));
        let credential = Arc::new(Credential { probe, ..credential });
        let refresher = refresher(&directory.path().join("p"), &clock, &resource, &credential);
        let mut this = Self { directory, clock, resource, credential, refresher };
        std::fs::create_dir_all(this.directory.path().join("p")).expect("a directory");
        settle(&mut this.refresher).await;
        this
    }

    /// The calendar calls.
    async fn probe(&mut self) {
        self.refresher.command(Command::Probe(vec![self.credential.name.clone()]));
        settle(&mut self.refresher).await;
    }

    async fn pass(&mut self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        settle(&mut self.refresher).await;
    }

    fn revoke(&self, end: &'static str) {
        self.resource.revoked.lock().expect("the lock").push(end);
    }

    fn record(&self) -> Record {
        self.refresher.tools.state.record(&self.credential.name)
    }

    fn problem(&self) -> Option<String> {
        self.record().problem.map(|problem| problem.failure.reason.into())
    }

    fn requests(&self) -> u64 {
        *self.resource.provider.requests.lock().expect("the lock")
    }

    fn restart(&mut self) {
        let path = self.directory.path().join("p");
        self.refresher = refresher(&path, &self.clock, &self.resource, &self.credential);
    }
}

fn oauth1() -> Credential {
    Credential { grant: Arc::new(Grant::OAuth1(fixture::oauth1())), ..credential() }
}

/// Somebody logs in, with a token of this name that does not expire.
async fn log_in(world: &mut Probed, token: &str) {
    let field = |name: &str| (name.into(), "v".into());
    let now = world.clock.now();
    let token = IssuedToken {
        fields: [CLIENT_ID, CLIENT_SECRET, TOKEN_SECRET].map(field).into(),
        lifetime: Lifetime::UNLIMITED,
        origin: Some(token.into()),
        ..IssuedToken::bearer(token.into(), now, Duration::ZERO)
    };
    let state = &world.refresher.tools.state;
    state.save_login(&world.credential, &token).expect("saved");
    world.refresher.command(Command::Adopt);
    settle(&mut world.refresher).await;
}

#[tokio::test]
async fn a_revoked_token_is_replaced_at_once_where_no_person_is_needed() {
    let mut world = Probed::new(credential()).await;
    world.pass(600).await;
    world.probe().await;
    assert_eq!((world.record().is_revoked(), world.requests()), (false, 1));

    world.revoke("token-1");
    world.probe().await;
    assert_eq!((world.record().is_revoked(), world.requests()), (false, 2));
    assert_eq!(world.problem(), None, "the new one may be as good as any");
    world.probe().await;
    assert_eq!((world.record().rejection, world.requests()), (None, 2));
}

#[tokio::test]
async fn a_probe_that_refuses_new_tokens_too_asks_for_no_third() {
    let mut world = Probed::new(credential()).await;
    world.revoke("");
    for _ in 0..5 {
        world.pass(60).await;
        world.probe().await;
    }
    assert_eq!(world.requests(), 2);
    assert!(world.record().is_revoked());
    assert_eq!(world.problem().as_deref(), Some("revoked_again"));
    world.restart();
    settle(&mut world.refresher).await;
    assert_eq!((world.requests(), world.record().is_revoked()), (2, true), "nor a new process");

    world.resource.revoked.lock().expect("the lock").clear();
    world.probe().await;
    assert_eq!((world.record().is_revoked(), world.problem()), (false, None));
}

#[tokio::test]
async fn a_restart_between_the_refusal_and_the_new_token_asks_for_it() {
    let mut world = Probed::new(credential()).await;
    world.revoke("token-1");
    world.probe().await;
    assert_eq!(world.requests(), 1, "not within min_interval of the first");
    assert!(world.record().is_revoked());
    world.restart();
    world.pass(10).await;
    assert_eq!((world.requests(), world.record().is_revoked()), (2, false));
}

#[tokio::test]
async fn a_token_that_only_a_person_can_replace_parks_until_somebody_logs_in() {
    let mut world = Probed::new(oauth1()).await;
    log_in(&mut world, "first").await;
    world.probe().await;
    assert_eq!((world.problem(), world.record().parked), (None, false));

    world.resource.revoked.lock().expect("the lock").push("");
    for _ in 0..3 {
        world.pass(60).await;
        world.probe().await;
        assert!(world.record().is_revoked() && world.record().parked);
        let failure = world.record().problem.expect("a problem").failure;
        assert_eq!(&*failure.reason, "login_needed");
        assert!(failure.message.contains("`tokenward login test`"), "{}", failure.message);
        assert!(failure.message.contains("revoked"), "{}", failure.message);
        world.restart();
        settle(&mut world.refresher).await;
    }
    assert_eq!(world.requests(), 0, "no provider was asked");

    world.resource.revoked.lock().expect("the lock").clear();
    log_in(&mut world, "second").await;
    assert_eq!((world.record().rejection, world.record().parked), (None, false));
    assert_eq!(world.problem(), None);
}

#[tokio::test]
async fn a_resource_that_takes_the_token_again_takes_back_the_refusal() {
    let mut world = Probed::new(oauth1()).await;
    log_in(&mut world, "first").await;
    world.revoke("");
    world.pass(60).await;
    world.probe().await;
    assert!(world.record().is_revoked() && world.record().parked);
    world.resource.revoked.lock().expect("the lock").clear();
    world.probe().await;
    assert_eq!((world.record().rejection, world.record().parked), (None, false));
    assert_eq!((world.problem(), world.record().next_request_at), (None, None));
}

#[tokio::test]
async fn what_says_nothing_of_the_token_costs_nothing() {
    for status in [301, 404, 429, 500, 503] {
        let mut world = Probed::new(credential()).await;
        world.pass(600).await;
        *world.resource.status.lock().expect("the lock") = Some(status);
        world.probe().await;
        assert_eq!((world.record().is_revoked(), world.requests()), (false, 1), "{status}");
        assert_eq!(world.problem().as_deref(), Some("probe_unclear"), "{status}");
        *world.resource.status.lock().expect("the lock") = None;
        world.probe().await;
        assert_eq!(world.problem(), None, "{status}");
    }
}

#[tokio::test]
async fn without_a_good_token_nothing_is_probed() {
    let mut world = Probed::new(oauth1()).await;
    world.probe().await;
    assert_eq!(*world.resource.probes.lock().expect("the lock"), 0);

    let mut world = Probed::new(credential()).await;
    *world.resource.provider.down.lock().expect("the lock") = true;
    world.pass(2 * HOUR).await;
    world.probe().await;
    assert_eq!(*world.resource.probes.lock().expect("the lock"), 0);
}
