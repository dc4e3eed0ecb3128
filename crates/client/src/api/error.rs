//! What can go wrong with a request, as far as anybody acts on the difference.

use holdfast_protocol::{Code, Problem};

use super::CertificateFault;
use crate::view::{CommandError, sentence};

/// What people are told of a server that does not answer.
pub(crate) const SERVER_OUT_OF_REACH: &str = "The server can't be reached.";

/// Why a request did not go well.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ApiError {
    /// The server understood and said no.
    #[error("{}", .0.problem.detail)]
    Refused(Box<Refusal>),
    /// No answer came. What was asked for may have been done all the same where `maybe_done` (L16).
    #[error("the server can't be reached: {detail}")]
    Unreachable {
        /// In words.
        detail: String,
        /// Whether the request may have arrived.
        maybe_done: bool,
    },
    /// Something answered that is no Holdfast server: a captive portal, a proxy, another program.
    #[error("what answers at {host} is no Holdfast server (a network's sign-in page, perhaps): {detail}")]
    NotHoldfast {
        /// Who was asked.
        host: String,
        /// What came instead.
        detail: String,
    },
    /// What answers can't prove to be the server: nothing was sent.
    #[error("the certificate of {host} is not trusted: {fault:?}")]
    Untrusted {
        /// Who was asked.
        host: String,
        /// What is wrong with it.
        fault: CertificateFault,
    },
    /// A Holdfast server that speaks another version.
    #[error("{0}")]
    Incompatible(String),
}

/// A refusal and when to try again.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// What the server said.
    pub problem: Problem,
    /// `Retry-After`, in seconds.
    pub retry_after_secs: Option<u32>,
}

impl ApiError {
    /// A refusal's code.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        self.problem().map(|problem| problem.code)
    }

    /// A refusal's body.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(refusal) => Some(&refusal.problem),
            _ => None,
        }
    }

    /// Whether a refusal has this code.
    #[must_use]
    pub fn is(&self, code: Code) -> bool {
        self.code() == Some(code)
    }

    /// What people are told: whole sentences, without the system's own words.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Refused(refusal) => sentence(&refusal.problem.detail),
            Self::Unreachable { .. } => SERVER_OUT_OF_REACH.to_owned(),
            Self::NotHoldfast { host, .. } => format!(
                "What answers at {host} is no Holdfast server: a network's sign-in page, perhaps. Check the address."
            ),
            Self::Untrusted { host, fault } => fault.in_words(host),
            Self::Incompatible(_) => {
                "The server and this app do not understand each other. Update the older of the two."
                    .to_owned()
            }
        }
    }

    /// Whether the same request may go well later without anybody doing anything: the network, a drain, a limit.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Refused(refusal) => {
                matches!(
                    refusal.problem.code,
                    Code::Unavailable | Code::RateLimited | Code::Internal
                )
            }
            Self::Unreachable { .. } | Self::NotHoldfast { .. } | Self::Untrusted { .. } => true,
            Self::Incompatible(_) => false,
        }
    }
}

impl From<ApiError> for CommandError {
    fn from(error: ApiError) -> Self {
        if !matches!(error, ApiError::Refused(_)) {
            tracing::info!(%error, "a request did not go well");
        }
        let detail = error.in_words();
        let code = match &error {
            ApiError::Refused(refusal) => code_name(refusal.problem.code),
            ApiError::Unreachable { .. } => "offline".to_owned(),
            ApiError::NotHoldfast { .. } => "not_holdfast".to_owned(),
            ApiError::Untrusted { .. } => "untrusted".to_owned(),
            ApiError::Incompatible(_) => "incompatible".to_owned(),
        };
        let (holder, retry_after_secs) = match error {
            ApiError::Refused(refusal) => {
                let same_user = refusal.problem.same_user.unwrap_or(false);
                let holder = refusal.problem.holder.as_deref();
                let holder = holder.map(|lock| crate::view::HolderView::of(lock, same_user, None));
                (holder, refusal.retry_after_secs)
            }
            _ => (None, None),
        };
        Self {
            code,
            detail,
            holder,
            retry_after_secs,
        }
    }
}

/// A code as it is written on the wire.
#[must_use]
pub fn code_name(code: Code) -> String {
    let name = serde_json::to_value(code).ok();
    name.and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_else(|| code.title().to_owned())
}
