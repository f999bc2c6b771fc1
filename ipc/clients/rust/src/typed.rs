//! Views of a credential for the providers that take more than a key and an address.

use crate::{Error, Resolution, Secret};

/// From one row for each provider: a struct that borrows from a [`Resolution`], and the way to it. `secret` is a
/// [`Secret`], `text` is a `&str`, and the fields of `needs` are always there.
macro_rules! typed {
    ($(
        $(#[$about:meta])*
        $name:ident of $($provider:literal)|+ {
            needs { $($needed:ident: $needed_kind:ident),* }
            may { $($field:ident: $kind:ident),* }
        }
    )+) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug)]
        #[non_exhaustive]
        pub struct $name<'a> {
            $(pub $needed: typed!(@type $needed_kind 'a),)*
            $(pub $field: Option<typed!(@type $kind 'a)>,)*
        }

        impl<'a> TryFrom<&'a Resolution> for $name<'a> {
            type Error = Error;

            /// Fails with "invalid_value" for another provider's credential, or without a field that is needed.
            fn try_from(found: &'a Resolution) -> Result<Self, Error> {
                if ![$($provider),+].contains(&found.provider.as_str()) {
                    let why = format!("a credential of {} is no {}", found.provider, stringify!($name));
                    return Err(Error::new("invalid_value", why));
                }
                let value = |name: &str| found.field(name).map(|field| &field.value);
                Ok($name {
                    $($needed: value(stringify!($needed)).map(typed!(@read $needed_kind)).ok_or_else(|| {
                        let why = format!("the credential of {} has no {}", found.provider, stringify!($needed));
                        Error::new("invalid_value", why)
                    })?,)*
                    $($field: value(stringify!($field)).map(typed!(@read $kind)),)*
                })
            }
        }
    )+};
    (@type secret $life:lifetime) => { &$life Secret };
    (@type text $life:lifetime) => { &$life str };
    (@read secret) => { |value| value };
    (@read text) => { Secret::reveal };
}

typed! {
    /// For Amazon Bedrock: `BedrockCredential::try_from(&resolution)`.
    BedrockCredential of "bedrock" {
        needs { access_key_id: secret, secret_access_key: secret }
        may { session_token: secret, region: text }
    }

    /// For Amazon SageMaker: `SageMakerCredential::try_from(&resolution)`.
    SageMakerCredential of "sagemaker" {
        needs { access_key_id: secret, secret_access_key: secret }
        may { session_token: secret, region: text, endpoint: text }
    }

    /// For Azure OpenAI: `AzureCredential::try_from(&resolution)`.
    AzureCredential of "azure" {
        needs { api_key: secret }
        may { endpoint: text, resource_name: text, deployment_name: text, api_version: text }
    }

    /// For Google Vertex AI: `VertexCredential::try_from(&resolution)`. It has a service account's key, or its two
    /// parts, or the key of Express Mode.
    VertexCredential of "vertex" | "vertex-anthropic" {
        needs { }
        may {
            service_account_key: secret, client_email: text, private_key: secret, api_key: secret, project_id: text,
            location: text
        }
    }
}
