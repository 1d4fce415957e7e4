//! The keys and certificates of servers and clients, made anew for each server.

use std::{fs::File, io::Write, path::Path};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
    PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256, SignatureAlgorithm,
};

/// Algorithms of RFC 7518 and RFC 8037, and what rcgen calls their keys.
const SIGNING: [(&str, &SignatureAlgorithm); 4] = [
    ("RS256", &PKCS_RSA_SHA256),
    ("PS256", &PKCS_RSA_SHA256),
    ("ES256", &PKCS_ECDSA_P256_SHA256),
    ("EdDSA", &PKCS_ED25519),
];

/// Writes them into `directory`:
///
/// - `authority.pem`, which signed `server.pem` and `tls_client_auth.pem`,
/// - `self_signed_tls_client_auth.pem`, which nobody else signed,
/// - the private key of each certificate, `*.key`,
/// - a pair for each algorithm, such as `RS256.key` and `RS256.pub`.
pub fn write(directory: &Path) {
    let mut authority = parameters("authority.example");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    write_file(directory, "authority.pem", &authority.pem());

    for (name, host) in [("server", "127.0.0.1"), ("tls_client_auth", "client.example")] {
        let key = KeyPair::generate().unwrap();
        let certificate = parameters(host).signed_by(&key, &authority).unwrap();
        write_file(directory, &format!("{name}.pem"), &certificate.pem());
        write_file(directory, &format!("{name}.key"), &key.serialize_pem());
    }

    let name = "self_signed_tls_client_auth";
    let key = KeyPair::generate().unwrap();
    let certificate = parameters("self-signed.example").self_signed(&key).unwrap();
    write_file(directory, &format!("{name}.pem"), &certificate.pem());
    write_file(directory, &format!("{name}.key"), &key.serialize_pem());

    for (algorithm, kind) in SIGNING {
        let key = KeyPair::generate_for(kind).unwrap();
        write_file(directory, &format!("{algorithm}.key"), &key.serialize_pem());
        write_file(directory, &format!("{algorithm}.pub"), &key.public_key_pem());
    }
}

/// With a subject of its own: one whose subject is its issuer is taken for self-signed.
fn parameters(host: &str) -> CertificateParams {
    let mut parameters = CertificateParams::new([host.to_owned()]).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, host);
    parameters
}

fn write_file(directory: &Path, name: &str, text: &str) {
    File::create(directory.join(name)).unwrap().write_all(text.as_bytes()).unwrap();
}
