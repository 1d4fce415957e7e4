//! The certificate that we show when we connect (RFC 8705, section 2), from its files.

use std::path::Path;

use reqwest::Identity;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use zeroize::Zeroizing;

use super::TransportError;
use crate::{acquire::transport::CertificateFlaw, credential::ClientCertificate};

/// Certificate and key in one text of PEM, with what belongs to them in it.
pub(super) async fn read(files: &ClientCertificate) -> Result<Zeroizing<Vec<u8>>, TransportError> {
    let certificate = &files.certificate;
    let mut pem = part::<CertificateDer<'_>>(certificate, CertificateFlaw::NoCertificate).await?;
    let key = part::<PrivateKeyDer<'_>>(&files.key, CertificateFlaw::NoKey).await?;
    // One file may hold both, and must not be shown twice.
    if files.key != files.certificate {
        pem.push(b'\n');
        pem.extend_from_slice(&key);
    }
    Ok(pem)
}

/// A file, if it holds what it is for.
async fn part<Item: PemObject>(
    path: &Path,
    absent: CertificateFlaw,
) -> Result<Zeroizing<Vec<u8>>, TransportError> {
    let flawed = |flaw| TransportError::ClientCertificate { path: path.into(), flaw };
    let read = tokio::fs::read(path).await;
    let content = Zeroizing::new(read.map_err(|cause| flawed(CertificateFlaw::Unreadable(cause)))?);
    if Item::pem_slice_iter(&content).any(|item| item.is_ok()) {
        Ok(content)
    } else {
        Err(flawed(absent))
    }
}

/// What TLS is given.
pub(super) fn parse(files: &ClientCertificate, pem: &[u8]) -> Result<Identity, TransportError> {
    Identity::from_pem(pem).map_err(|_| unfit(files))
}

/// The key is not the one that the certificate is for, or is damaged.
pub(super) fn unfit(files: &ClientCertificate) -> TransportError {
    let path = files.key.clone();
    TransportError::ClientCertificate { path, flaw: CertificateFlaw::Unfit }
}
