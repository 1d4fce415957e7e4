//! The values of a request, read before it queues at its endpoint: what fails or hangs on this
//! machine takes no slot there.
//!
//! ```text
//! grant, client, parameters, renewal, steps --> inputs --> read, check, drop
//!                                                 |
//!                                a program: its output takes its place
//! ```
//!
//! Only what the request is sure to read is read here, in the order of the request and under the
//! names that it uses. Other sources than programs are read again with the request: a secret is in
//! memory no longer than needed.

use std::{collections::HashMap, sync::Arc};

use super::{AcquireError, assertion::Check, authentication::in_turn, read};
use crate::{
    credential::{
        Assertion, Client, ClientAuthentication, CommandLine, Credential, FollowUp, Grant,
        Parameters, Renewal, StepValue, ValueSource,
    },
    secret::Secret,
};

/// Reads the values that a request for `credential` is sure to need. What comes back is the same
/// credential with what programs have printed in their place, so that each runs once for a request;
/// without programs it is the very same.
///
/// Nothing is read for a grant that may go on without a request, nor for a program that prints the
/// reply; and no configured refresh token, since there may be one in hand.
pub async fn read_inputs(
    credential: &Arc<Credential>,
    client_secret: usize,
) -> Result<Arc<Credential>, AcquireError> {
    let is_sent = match &*credential.grant {
        Grant::Command(_) | Grant::OAuth1(_) => return Ok(credential.clone()),
        Grant::SignedJwt(_) => false,
        _ => true,
    };
    let mut with = (**credential).clone();
    let mut reader = Reader::default();
    reader.part(&mut with.grant, of_grant).await?;
    if is_sent {
        reader.part(&mut with.client, |client| of_client(client, client_secret)).await?;
        reader.part(&mut with.parameters, of_parameters).await?;
        if let Some(renewal) = &mut with.renewal {
            reader.part(renewal, of_renewal).await?;
        }
        reader.part(&mut with.steps, |steps| of_steps(steps)).await?;
    } else {
        reader.part(&mut with.client, client_id).await?;
    }
    Ok(if reader.printed.is_empty() { credential.clone() } else { Arc::new(with) })
}

/// A value that a request is sure to need.
struct Input<'a> {
    /// Its name in an error.
    what: &'a str,
    source: &'a mut ValueSource,
    /// What it has to be, besides readable.
    check: Option<Check>,
    /// In which step it is needed; 0 for the first request.
    step: usize,
}

impl<'a> Input<'a> {
    fn new(what: &'a str, source: &'a mut ValueSource) -> Self {
        Self { what, source, check: None, step: 0 }
    }

    fn checked(self, check: Check) -> Self {
        Self { check: Some(check), ..self }
    }
}

/// What reads, and knows what programs have printed: of two equal ones the second does not run.
#[derive(Default)]
struct Reader {
    printed: HashMap<CommandLine, Secret>,
}

impl Reader {
    /// Reads the inputs in a part of a credential. Others may share the part, so it is replaced
    /// only if there is a program in it.
    async fn part<Part>(
        &mut self,
        part: &mut Arc<Part>,
        inputs: impl FnOnce(&mut Part::Owned) -> Vec<Input<'_>>,
    ) -> Result<(), AcquireError>
    where
        Part: ToOwned + ?Sized,
        Arc<Part>: From<Part::Owned>,
    {
        let mut with = (**part).to_owned();
        let mut is_changed = false;
        for Input { what, source, check, step } in inputs(&mut with) {
            let value = self.read(what, source, check).await;
            let value = value.map_err(|error| error.in_step(step))?;
            if matches!(source, ValueSource::Command(_)) {
                *source = ValueSource::Literal(value);
                is_changed = true;
            }
        }
        if is_changed {
            *part = with.into();
        }
        Ok(())
    }

    async fn read(
        &mut self,
        what: &str,
        source: &ValueSource,
        check: Option<Check>,
    ) -> Result<Secret, AcquireError> {
        let known = match source {
            ValueSource::Command(argv) => self.printed.get(argv).cloned(),
            _ => None,
        };
        let value = match known {
            Some(printed) => printed,
            None => read(what, source).await?,
        };
        if let ValueSource::Command(argv) = source {
            self.printed.insert(argv.clone(), value.clone());
        }
        if let Some(check) = check {
            check.accepts(what, &value)?;
        }
        Ok(value)
    }
}

fn of_grant(grant: &mut Grant) -> Vec<Input<'_>> {
    match grant {
        Grant::Password { username, password } => {
            vec![Input::new("username", username), Input::new("password", password)]
        }
        Grant::TokenExchange(exchange) => {
            let actor = exchange.actor_token.as_mut();
            let subject = Input::new("subject_token", &mut exchange.subject_token);
            let actor = actor.map(|actor| Input::new("actor_token", actor));
            [subject].into_iter().chain(actor).collect()
        }
        Grant::JwtBearer(assertion) | Grant::AppJwt(assertion) | Grant::SignedJwt(assertion) => {
            of_assertion(assertion, "the key of the assertion", None)
        }
        Grant::ClientCredentials
        | Grant::RefreshToken { .. }
        | Grant::AuthorizationCode(_)
        | Grant::DeviceCode { .. }
        | Grant::OAuth1(_)
        | Grant::None
        | Grant::Command(_) => Vec::new(),
    }
}

fn client_id(client: &mut Client) -> Vec<Input<'_>> {
    client.id.iter_mut().map(|id| Input::new("client_id", id)).collect()
}

fn of_client(client: &mut Client, client_secret: usize) -> Vec<Input<'_>> {
    let Client { id, secrets, authentication } = client;
    let mut inputs: Vec<_> = id.iter_mut().map(|id| Input::new("client_id", id)).collect();
    let secret = in_turn(secrets, client_secret).and_then(|place| secrets.get_mut(place));
    match authentication {
        ClientAuthentication::None | ClientAuthentication::TlsClientAuth => {}
        ClientAuthentication::ClientSecretBasic(_) | ClientAuthentication::ClientSecretPost => {
            inputs.extend(secret.map(|secret| Input::new("client_secret", secret)));
        }
        ClientAuthentication::Jwt(assertion) => {
            inputs.extend(of_assertion(assertion, "the key of private_key_jwt", secret));
        }
    }
    inputs
}

/// The parts of an assertion; a client secret takes the place of its key.
fn of_assertion<'a>(
    assertion: &'a mut Assertion,
    key_name: &'static str,
    client_secret: Option<&'a mut ValueSource>,
) -> Vec<Input<'a>> {
    let Assertion { signing, issuer, subject, audience, claims, .. } = assertion;
    let key = match client_secret {
        Some(secret) => Input::new("client_secret", secret),
        None => Input::new(key_name, &mut signing.key),
    };
    let mut inputs = vec![key.checked(Check::Key(signing.algorithm))];
    inputs.extend(signing.key_id.as_mut().map(|id| Input::new("key_id", id)));
    let certificate = signing.certificate.as_mut();
    inputs
        .extend(certificate.map(|pem| Input::new("certificate", pem).checked(Check::Certificate)));
    for (name, party) in [("issuer", issuer), ("subject", subject), ("audience", audience)] {
        inputs.extend(party.as_mut().map(|party| Input::new(name, party)));
    }
    inputs.extend(named(claims));
    inputs
}

fn of_parameters(parameters: &mut Parameters) -> Vec<Input<'_>> {
    let Parameters { extra, query, headers, .. } = parameters;
    named(extra).chain(named(query)).chain(named(headers)).collect()
}

fn of_renewal(renewal: &mut Renewal) -> Vec<Input<'_>> {
    named(&mut renewal.extra).collect()
}

fn of_steps(steps: &mut [FollowUp]) -> Vec<Input<'_>> {
    steps.iter_mut().zip(1..).flat_map(|(step, number)| of_step(step, number)).collect()
}

fn of_step(step: &mut FollowUp, number: usize) -> impl Iterator<Item = Input<'_>> {
    let values = step.parameters.iter_mut().chain(&mut step.headers);
    values.filter_map(move |(name, value)| match value {
        StepValue::Source(source) => Some(Input { step: number, ..Input::new(name, source) }),
        StepValue::Text(_) => None,
    })
}

fn named(sources: &mut [(Box<str>, ValueSource)]) -> impl Iterator<Item = Input<'_>> {
    sources.iter_mut().map(|(name, source)| Input::new(name, source))
}

#[cfg(test)]
mod tests;
