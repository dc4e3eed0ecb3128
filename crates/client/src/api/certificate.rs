//! Servers whose certificate is not trusted: what is wrong with it, for people.

use std::{error::Error, io};

use rustls::CertificateError;

/// What is wrong with a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateFault {
    /// Nobody whom this device trusts vouches for it.
    Unknown,
    /// Its time is over, by this device's clock.
    Expired,
    /// Its time has not come, by this device's clock.
    NotYet,
    /// It is another server's.
    OtherName,
}

impl CertificateFault {
    /// What is the matter with an error, where it is a certificate.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(rustls::Error::InvalidCertificate(fault)) = error.downcast_ref() {
                return Some(fault.into());
            }
            // an I/O error's source is that of what is in it
            let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            cause = match inside {
                Some(inside) => Some(inside),
                None => error.source(),
            };
        }
        None
    }

    /// What people are told, and what they can do.
    pub(crate) fn in_words(self, host: &str) -> String {
        match self {
            Self::Unknown => format!(
                "The certificate of {host} is not trusted by this device, so that nothing is sent to it. If it is your \
                 organization's own server, have its certificate authority installed on this device; else the network may \
                 be leading you elsewhere: ask whoever runs the server."
            ),
            Self::Expired => format!(
                "The certificate of {host} has run out, so that nothing is sent to it. Check this device's date and time; \
                 if they are right, whoever runs the server has to renew it."
            ),
            Self::NotYet => format!(
                "The certificate of {host} is not valid yet, so that nothing is sent to it. Check this device's date and time."
            ),
            Self::OtherName => format!(
                "The certificate that {host} shows is another server's, so that nothing is sent to it. Check the address."
            ),
        }
    }
}

impl From<&CertificateError> for CertificateFault {
    fn from(error: &CertificateError) -> Self {
        match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYet,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::OtherName
            }
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_certificate_is_found_below_other_errors_and_told_with_what_to_do() {
        let told = |fault: CertificateError| {
            let inner = io::Error::other(rustls::Error::InvalidCertificate(fault));
            let error = io::Error::other(inner);
            CertificateFault::of(&error).unwrap().in_words("team.example")
        };
        assert!(told(CertificateError::UnknownIssuer).contains("not trusted"));
        assert!(told(CertificateError::Expired).contains("date and time"));
        assert!(told(CertificateError::NotValidYet).contains("not valid yet"));
        assert!(told(CertificateError::NotValidForName).contains("Check the address"));
        assert_eq!(CertificateFault::of(&io::Error::other("no route")), None);
    }
}
