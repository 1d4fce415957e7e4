//! Puts a credential together.

use super::{
    client, draft::Draft, endpoint, fingerprint, grant, notifications, oauth1, outputs, parameters,
    probe, refresh, reply, secrets, shared::Shared, steps, unique::Claims,
};
use crate::{
    config::node::Node,
    credential::{Credential, Fingerprint, Grant, Name, OnRemove, RefreshPolicy, ReplyShape},
    token::{CLIENT_ID, CLIENT_SECRET, TOKEN_SECRET},
};

/// The credential of a draft; `None` if it lacks what it cannot be without. What is wrong is
/// noted.
pub fn credential(
    draft: &mut Draft<'_>,
    name: Option<Name>,
    shared: &mut Shared,
    claims: &mut Claims,
) -> Option<Credential> {
    let grant = grant::grant(draft);
    let endpoint = grant.as_ref().and_then(|grant| endpoint::endpoint(draft, grant));
    let client = grant.as_ref().and_then(|grant| client::client(draft, grant));
    let parameters = parameters::parameters(draft);
    let scope = parameters::scope(draft);
    let steps = steps::steps(draft);
    let reply = reply::reply(draft);
    let refresh = refresh(draft, grant.as_ref());
    let fields = fields(grant.as_ref(), &reply);
    let probe = probe::probe(draft, &fields, refresh.min_interval);
    let outputs = outputs::outputs(draft, &fields, &mut shared.accesses, claims);
    let secrets = secrets::secrets(draft, &fields, claims);
    let notifications = notifications::notifications(draft);
    let renewal = grant.as_ref()?.has_refresh_token().then(|| grant::renewal(draft));
    let scheme = draft.find(&["authorization_scheme"]).and_then(Node::text);
    let mut credential = Credential {
        name: name?,
        grant: shared.grants.share(grant?),
        renewal: renewal.map(|renewal| shared.renewals.share(renewal)),
        inputs: Fingerprint([0; 32]),
        endpoint: shared.endpoints.share(endpoint?),
        client: shared.clients.share(client?),
        parameters: shared.parameters.share(parameters),
        scope,
        steps: shared.steps.share(steps),
        reply: shared.replies.share(reply),
        authorization_scheme: scheme.map(|scheme| shared.schemes.share(scheme)),
        refresh: shared.refreshes.share(refresh),
        probe: probe.map(|probe| shared.probes.share(probe)),
        outputs,
        secrets,
        on_remove: on_remove(draft),
        notifications: notifications
            .into_iter()
            .map(|one| shared.notifications.share(one))
            .collect(),
        material: None,
        proof: None,
    };
    if let Grant::OAuth1(grant) = &*credential.grant {
        oauth1::check(draft, grant, &credential.endpoint.url, &credential.outputs);
    }
    shared.rivals.meet(draft, &credential);
    credential.inputs = fingerprint::inputs(&credential);
    Some(credential)
}

/// What `defaults` say of a token that is asked for again says nothing of one that only a log-in
/// gets.
fn refresh(draft: &mut Draft<'_>, grant: Option<&Grant>) -> RefreshPolicy {
    let policy = refresh::refresh(draft);
    match grant {
        Some(Grant::OAuth1(_)) => RefreshPolicy { keep_alive: None, calendar: None, ..policy },
        _ => policy,
    }
}

/// What outputs may show besides what every token has, by name.
fn fields<'a>(grant: Option<&Grant>, reply: &'a ReplyShape) -> Vec<&'a str> {
    let of_grant: &[&str] = match grant {
        Some(Grant::OAuth1(_)) => &[CLIENT_ID, CLIENT_SECRET, TOKEN_SECRET],
        _ => &[],
    };
    of_grant.iter().copied().chain(reply.fields.iter().map(|(name, _)| &**name)).collect()
}

/// A value of `for_each` takes its outputs along, unless told otherwise.
fn on_remove(draft: &Draft<'_>) -> OnRemove {
    match draft.find(&["on_remove"]).and_then(Node::text) {
        Some("remove") => OnRemove::Remove,
        None if draft.each.is_some() => OnRemove::Remove,
        _ => OnRemove::Keep,
    }
}
