//! Bytes on disk for consumers.
