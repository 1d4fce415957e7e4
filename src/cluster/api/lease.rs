//! A Lease, by optimistic concurrency: a write names the version that was read.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::{
    api::coordination::v1::{Lease as Object, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta},
};
use kube::{Api, api::PostParams};

use super::{ClusterError, Lease};
use crate::clock::WallTime;

pub async fn read(api: &Api<Object>, name: &str) -> Result<Lease, ClusterError> {
    Ok(api.get_opt(name).await?.map(lease).unwrap_or_default())
}

/// A replacement of what is not there creates it, so that the right to create a Lease can be
/// limited to its name. If somebody has written it meanwhile, there is none to give.
pub async fn write(
    api: &Api<Object>,
    name: &str,
    lease: &Lease,
    renewed_at: WallTime,
    duration: Duration,
) -> Result<Option<Lease>, ClusterError> {
    let spec = LeaseSpec {
        holder_identity: Some(lease.holder.to_string()),
        lease_duration_seconds: i32::try_from(duration.as_secs()).ok(),
        lease_transitions: Some(lease.transitions),
        acquire_time: date(lease.acquired_at),
        renew_time: date(renewed_at),
        ..LeaseSpec::default()
    };
    let metadata = ObjectMeta {
        name: Some(name.to_owned()),
        resource_version: lease.version.as_deref().map(str::to_owned),
        ..ObjectMeta::default()
    };
    let object = Object { metadata, spec: Some(spec) };
    match api.replace(name, &PostParams::default(), &object).await {
        Ok(written) => Ok(Some(self::lease(written))),
        Err(kube::Error::Api(status))
            if status.is_conflict() || status.is_already_exists() || status.is_not_found() =>
        {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn lease(object: Object) -> Lease {
    let spec = object.spec.unwrap_or_default();
    Lease {
        holder: spec.holder_identity.unwrap_or_default().into(),
        transitions: spec.lease_transitions.unwrap_or_default(),
        acquired_at: spec
            .acquire_time
            .map(|time| WallTime::from_millis(time.0.as_millisecond()))
            .unwrap_or_default(),
        version: object.metadata.resource_version.map(Into::into),
    }
}

fn date(at: WallTime) -> Option<MicroTime> {
    Timestamp::from_millisecond(at.millis()).ok().map(MicroTime)
}
