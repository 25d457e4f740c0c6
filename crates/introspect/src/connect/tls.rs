//! TLS by rustls, with the meaning that libpq gives to `sslmode`.

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{error::ConnectError, params::Params};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl SslMode {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "disable" => Self::Disable,
            "allow" => Self::Allow,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }
}

/// Whether `sslmode` is one of libpq's.
pub(super) fn check(params: &Params) -> Result<(), ConnectError> {
    match params.get("sslmode") {
        Some(mode) if SslMode::parse(mode).is_none() => Err(ConnectError::Parameter(format!(
            "sslmode {mode:?} is not one of disable, allow, prefer, require, verify-ca, verify-full"
        ))),
        Some(mode) if params.get("sslrootcert") == Some("system") && mode != "verify-full" => {
            Err(ConnectError::Parameter(format!(
                "sslrootcert=system needs sslmode=verify-full, not {mode}"
            )))
        }
        _ => Ok(()),
    }
}

/// Below verify-ca anyone may answer; `require` with a root certificate is verify-ca, as in libpq.
pub(super) fn connector(params: &Params, mode: SslMode) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let root_file = params.get("sslrootcert");
    let trust = match mode {
        SslMode::VerifyFull => Trust::Name,
        SslMode::VerifyCa => Trust::Chain,
        SslMode::Require if root_file.is_some() => Trust::Chain,
        _ => Trust::Anyone,
    };
    let trust = if root_file == Some("system") { Trust::Name } else { trust };
    let verifier = Verifier::new(trust, root_file, provider)?;
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    let config = match (params.get("sslcert"), params.get("sslkey")) {
        (Some(cert), Some(key)) => {
            let chain = certificates(cert)?;
            let key = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| format!("sslkey {key}: {error}"))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| format!("sslcert: {error}"))?
        }
        _ => builder.with_no_client_auth(),
    };
    Ok(MakeRustlsConnect::new(config))
}

fn certificates(path: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let failed = |error| format!("certificate file {path}: {error}");
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(failed)?.collect();
    let found = found.map_err(failed)?;
    if found.is_empty() {
        Err(format!("certificate file {path} holds no certificate"))
    } else {
        Ok(found)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Trust {
    Anyone,
    Chain,
    Name,
}

#[derive(Debug)]
struct Verifier {
    trust: Trust,
    roots: Vec<CertificateDer<'static>>,
    inner: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn new(
        trust: Trust,
        root_file: Option<&str>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, String> {
        if trust == Trust::Anyone {
            return Ok(Self { trust, roots: Vec::new(), inner: None, provider });
        }
        let roots = match root_file {
            Some(path) if path != "system" => certificates(path)?,
            _ => rustls_native_certs::load_native_certs().certs,
        };
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(roots.iter().cloned());
        if store.is_empty() {
            return Err("no root certificate is known: give one with sslrootcert".into());
        }
        let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone())
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { trust, roots, inner: Some(inner), provider })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(inner) = &self.inner else { return Ok(ServerCertVerified::assertion()) };
        // A self-signed certificate that the user trusts by itself: no chain to build.
        if self.roots.iter().any(|root| root.as_ref() == end_entity.as_ref()) {
            if self.trust == Trust::Name {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        let found =
            inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match found {
            // The name is looked at last, so the chain is good.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.trust == Trust::Chain => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
