//! A Secret of Kubernetes in which consumers find the token.

use super::Template;

/// A Secret that is applied with the token in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KubernetesSecret {
    /// Where it stands; in the pod's own namespace if absent.
    pub namespace: Option<Box<str>>,
    /// Its name.
    pub name: Box<str>,
    /// Keys and the templates of their values.
    pub data: Box<[(Box<str>, Template)]>,
    /// Labels besides those of our own.
    pub labels: Box<[(Box<str>, Box<str>)]>,
}

impl KubernetesSecret {
    /// As the log, `status` and problems name it: `secret/NAME`, or `NAMESPACE/secret/NAME`.
    pub fn label(&self) -> Box<str> {
        match &self.namespace {
            Some(namespace) => format!("{namespace}/secret/{}", self.name).into(),
            None => format!("secret/{}", self.name).into(),
        }
    }
}
