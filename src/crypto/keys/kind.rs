//! The kinds of keys that can be made.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Alg, Pair};

/// An algorithm and, where that leaves a choice, the size of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Rsa2048,
    Rsa3072,
    Rsa4096,
    P256,
    Ed25519,
    RsaPss2048,
    RsaPss3072,
    RsaPss4096,
}

impl Kind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 8] = [
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::P256,
        Self::Ed25519,
        Self::RsaPss2048,
        Self::RsaPss3072,
        Self::RsaPss4096,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa-2048",
            Self::Rsa3072 => "rsa-3072",
            Self::Rsa4096 => "rsa-4096",
            Self::P256 => "ec-p256",
            Self::Ed25519 => "ed25519",
            Self::RsaPss2048 => "rsa-pss-2048",
            Self::RsaPss3072 => "rsa-pss-3072",
            Self::RsaPss4096 => "rsa-pss-4096",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub fn alg(self) -> Alg {
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => Alg::Rs256,
            Self::P256 => Alg::Es256,
            Self::Ed25519 => Alg::EdDsa,
            Self::RsaPss2048 | Self::RsaPss3072 | Self::RsaPss4096 => Alg::Ps256,
        }
    }

    /// The kind for an algorithm that is at least as strong as a key with so many bits.
    pub fn of(alg: Alg, bits: usize) -> Self {
        match (alg, bits) {
            (Alg::Rs256, 0..=2048) => Self::Rsa2048,
            (Alg::Rs256, ..=3072) => Self::Rsa3072,
            (Alg::Rs256, _) => Self::Rsa4096,
            (Alg::Es256, _) => Self::P256,
            (Alg::EdDsa, _) => Self::Ed25519,
            (Alg::Ps256, 0..=2048) => Self::RsaPss2048,
            (Alg::Ps256, ..=3072) => Self::RsaPss3072,
            (Alg::Ps256, _) => Self::RsaPss4096,
        }
    }

    pub(super) fn generate_pkcs8(self) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
        let rsa = |size| RsaKeyPair::generate(size).map(Pair::Rsa);
        let pair = match self {
            Self::Rsa2048 | Self::RsaPss2048 => rsa(KeySize::Rsa2048)?,
            Self::Rsa3072 | Self::RsaPss3072 => rsa(KeySize::Rsa3072)?,
            Self::Rsa4096 | Self::RsaPss4096 => rsa(KeySize::Rsa4096)?,
            Self::P256 => Pair::Ecdsa(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?),
            Self::Ed25519 => Pair::Ed25519(Ed25519KeyPair::generate()?),
        };
        pair.to_pkcs8()
    }
}

/// How many bits the modulus of a public RSA key has.
pub fn rsa_bits(jwk: &Value) -> Option<usize> {
    let modulus = BASE64_URL_SAFE_NO_PAD.decode(jwk["n"].as_str()?).ok()?;
    // RFC 7518 section 6.3.1.1: without leading zero octets.
    Some(modulus.len() * 8 - modulus.first()?.leading_zeros() as usize)
}
