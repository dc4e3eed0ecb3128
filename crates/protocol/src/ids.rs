//! Typed identifiers, so that a session can't be passed where a document is meant.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
            ts_rs::TS, utoipa::ToSchema,
        )]
        #[serde(transparent)]
        #[ts(type = "string")]
        #[schema(value_type = String, format = Uuid)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new random identifier.
            #[must_use]
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// A person with an account on a server.
    UserId
);
id!(
    /// One user on one device, from sign-in to sign-out.
    SignInId
);
id!(
    /// A team's space.
    WorkspaceId
);
id!(
    /// A folder of documents in a workspace.
    ProjectId
);
id!(
    /// A canvas, or an image that people annotate.
    DocumentId
);
id!(
    /// One editor window (S01). Made by the client.
    SessionId
);
id!(
    /// One atomic save. Made by the client, so that a commit whose answer was lost can be sent again (D05).
    CommitId
);
