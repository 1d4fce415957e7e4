//! Events as log lines, metrics, status and health.
