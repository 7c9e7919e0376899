//! https: which certificate the server shows, when it gets another one, and what people should know of it.

pub mod authority;
mod keeper;

use std::sync::{Mutex, PoisonError};

use crate::crypto::digest::Hash;
use crate::crypto::identity::Identity;
use crate::domain::base_url::BaseUrl;
use crate::domain::tls::Validity;

pub use keeper::{BeginError, Keeper};

/// What is known of the certificate that is shown, for the pages.
#[derive(Debug, Default)]
pub struct Status(Mutex<Known>);

/// See [`Status`].
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// `None` where https is not served.
    pub shown: Option<Shown>,
    /// Why newer files are not used.
    pub trouble: Option<String>,
}

/// A certificate that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub validity: Validity,
    pub fingerprint: Hash,
    /// Whether it is for the host of the base URL.
    pub is_for_us: bool,
}

impl Status {
    pub fn known(&self) -> Known {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn shows(&self, identity: &Identity, base: &BaseUrl) {
        let (validity, fingerprint) = (identity.validity, identity.fingerprint());
        let shown = Some(Shown { validity, fingerprint, is_for_us: identity.is_for(base.host()) });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Known { shown, trouble: None };
    }

    fn is_in_trouble(&self, why: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).trouble = Some(why);
    }
}

/// A fingerprint as people compare it: pairs of hexadecimal digits.
pub fn hex_pairs(fingerprint: &Hash) -> String {
    fingerprint.iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(":")
}
