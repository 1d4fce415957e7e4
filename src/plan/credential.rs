//! Puts a credential together.

use super::{
    client, draft::Draft, endpoint, fingerprint, notifications, outputs, parameters, refresh,
    reply, shared::Shared, unique::Claims,
};
use crate::credential::{Credential, Grant, Name};

/// The credential of a draft; `None` if it has no endpoint or no name. What is wrong is noted.
pub fn credential(
    draft: &mut Draft<'_>,
    shared: &mut Shared,
    claims: &mut Claims,
) -> Option<Credential> {
    let endpoint = endpoint::endpoint(draft);
    let grant = Grant::ClientCredentials;
    let client = client::client(draft);
    let parameters = parameters::parameters(draft);
    let reply = reply::reply(draft);
    let refresh = refresh::refresh(draft);
    let outputs = outputs::outputs(draft, &mut shared.accesses, claims);
    let notifications = notifications::notifications(draft);
    let endpoint = endpoint?;
    Some(Credential {
        name: Name::parse(draft.name)?,
        grant,
        inputs: fingerprint::inputs(grant, &endpoint, &client, &parameters, &reply),
        endpoint: shared.endpoints.share(endpoint),
        client: shared.clients.share(client),
        parameters: shared.parameters.share(parameters),
        reply: shared.replies.share(reply),
        refresh: shared.refreshes.share(refresh),
        outputs,
        notifications: notifications
            .into_iter()
            .map(|one| shared.notifications.share(one))
            .collect(),
        material: None,
    })
}
