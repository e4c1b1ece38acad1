//! Who the other side is, by its certificate.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use x509_cert::Certificate;
use x509_cert::der::asn1::{PrintableStringRef, Utf8StringRef};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Tagged as _};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// The attribute `commonName` of X.520.
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// Whom a verified certificate names; an extension of the requests that come by its connection. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerIdentity(Arc<Names>);

#[derive(Debug, PartialEq, Eq)]
struct Names {
    subject: String,
    common_name: Option<String>,
    alternatives: Vec<String>,
}

impl PeerIdentity {
    /// Whom a certificate names; none where it cannot be read. That it was verified is the caller's word.
    #[must_use]
    pub fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let certificate = Certificate::from_der(certificate).ok()?.tbs_certificate;
        let attributes = certificate.subject.0.iter().flat_map(|set| set.0.iter());
        let common_name = attributes
            .filter(|attribute| attribute.oid == COMMON_NAME)
            .find_map(|attribute| text(&attribute.value));
        let alternatives = certificate.get::<SubjectAltName>().ok().flatten();
        let alternatives = alternatives.map(|(_, names)| names.0).unwrap_or_default();
        let alternatives = alternatives.into_iter().filter_map(|name| match name {
            GeneralName::UniformResourceIdentifier(name)
            | GeneralName::DnsName(name)
            | GeneralName::Rfc822Name(name) => Some(name.to_string()),
            _ => None,
        });
        Some(Self(Arc::new(Names {
            subject: certificate.subject.to_string(),
            common_name,
            alternatives: alternatives.collect(),
        })))
    }

    /// The whole subject, as RFC 4514 writes it, such as `CN=model-trainer,O=Example`.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The first common name of the subject.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.0.common_name.as_deref()
    }

    /// The URIs, DNS names and addresses of mail by which the certificate names its owner, in its order.
    #[must_use]
    pub fn alternatives(&self) -> &[String] {
        &self.0.alternatives
    }

    /// One name for records: the first alternative, else the common name, else the whole subject.
    #[must_use]
    pub fn name(&self) -> &str {
        let first = self.0.alternatives.first().map(String::as_str);
        first.or(self.common_name()).unwrap_or(self.subject())
    }
}

fn text(value: &x509_cert::der::Any) -> Option<String> {
    use x509_cert::der::Tag;
    match value.tag() {
        Tag::Utf8String => {
            value.decode_as::<Utf8StringRef<'_>>().ok().map(|text| text.as_str().to_owned())
        }
        Tag::PrintableString => {
            value.decode_as::<PrintableStringRef<'_>>().ok().map(|text| text.as_str().to_owned())
        }
        _ => None,
    }
}
