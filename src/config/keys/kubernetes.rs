//! What concerns Kubernetes alone.

use super::TEXT;
use crate::config::shape::{Key, Kind, Names, Section};

/// The long form of `kubernetes_secret`.
pub(super) static KUBERNETES_SECRET: Section = Section {
    title: "kubernetes_secret",
    doc: "A Secret in the cluster, applied with the pod's own service account, which needs `get`, \
          `patch` and `create`. Its labels say `app.kubernetes.io/managed-by: tokenward`; its \
          annotations say `tokenward/credential`, `tokenward/issued-at` and \
          `tokenward/expires-at`. See [kubernetes.md](kubernetes.md#a-deployment-that-fills-secrets).",
    keys: &[
        Key::required("name", TEXT, "Its name."),
        Key::optional("namespace", TEXT, "Its namespace. Without it, the pod's own."),
        Key::optional(
            "data",
            Kind::Map(Names::Datum, &TEXT),
            "Keys and values, which may hold what the variables of an `env_file` may hold. Without \
             it, `access_token: ${access_token}`.",
        ),
        Key::optional("labels", Kind::Map(Names::Label, &TEXT), "Further labels."),
    ],
};
