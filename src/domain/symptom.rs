//! What can go wrong, by what people see of it: the chapters of the help page and of `docs/troubleshooting.md`. Their
//! texts stand in the catalogue, in `help.ftl`.

/// Something that somebody sees. Holds the key of its title; the text stands under the same key and `-do`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symptom(&'static str);

/// Symptoms of one place.
#[derive(Debug)]
pub struct Chapter {
    /// The key of its title.
    pub title: &'static str,
    pub symptoms: &'static [Symptom],
}

/// Before the name of a symptom or chapter in its key.
const PREFIX: &str = "help-";

/// Those that pages link to.
impl Symptom {
    pub const REQUEST_ID: Self = Self("help-request-id");
    pub const REDIRECT_URI: Self = Self("help-redirect-uri");
    pub const UNKNOWN_CLIENT: Self = Self("help-unknown-client");
    pub const OTHER_ADDRESS: Self = Self("help-other-address");
    pub const IN_THE_CLEAR: Self = Self("help-in-the-clear");
    pub const FORM_EXPIRED: Self = Self("help-form-expired");
    pub const SIGN_IN_OVER: Self = Self("help-sign-in-over");
    pub const COOKIES: Self = Self("help-cookies");
    pub const SIGNED_OUT: Self = Self("help-signed-out");
    pub const SLOWED_DOWN: Self = Self("help-slowed-down");
    pub const FORGOTTEN_PASSWORD: Self = Self("help-forgotten-password");
    pub const INVITATION: Self = Self("help-invitation");
    pub const SETUP_LINK: Self = Self("help-setup-link");
    pub const SETUP_CLOSED: Self = Self("help-setup-closed");
    pub const DENIED: Self = Self("help-denied");
    pub const NOT_ADMINISTRATOR: Self = Self("help-not-administrator");
    pub const NOT_FOUND: Self = Self("help-not-found");
    pub const REFUSED: Self = Self("help-refused");
    pub const BUSY: Self = Self("help-busy");
    pub const INTERNAL: Self = Self("help-internal");
}

/// All of them, in the order in which they are read.
pub const CHAPTERS: &[Chapter] = &[
    Chapter { title: "help-first", symptoms: &[Symptom::REQUEST_ID, Symptom("help-check")] },
    Chapter {
        title: "help-sign-in",
        symptoms: &[
            Symptom::REDIRECT_URI,
            Symptom::UNKNOWN_CLIENT,
            Symptom::OTHER_ADDRESS,
            Symptom::IN_THE_CLEAR,
            Symptom::FORM_EXPIRED,
            Symptom::SIGN_IN_OVER,
            Symptom::COOKIES,
            Symptom::SLOWED_DOWN,
            Symptom::FORGOTTEN_PASSWORD,
            Symptom::INVITATION,
            Symptom("help-last-administrator"),
            Symptom::SETUP_LINK,
            Symptom::SETUP_CLOSED,
        ],
    },
    Chapter {
        title: "help-signed-in",
        symptoms: &[
            Symptom::DENIED,
            Symptom::NOT_ADMINISTRATOR,
            Symptom::SIGNED_OUT,
            Symptom::NOT_FOUND,
            Symptom::REFUSED,
        ],
    },
    Chapter {
        title: "help-portainer",
        symptoms: &[
            Symptom("help-portainer-unauthorized"),
            Symptom("help-portainer-empty"),
            Symptom("help-portainer-admin"),
        ],
    },
    Chapter { title: "help-gravitee", symptoms: &[Symptom("help-gravitee-pkix"), Symptom("help-gravitee-no-email")] },
    Chapter {
        title: "help-start",
        symptoms: &[
            Symptom("help-start-readable"),
            Symptom("help-start-gone"),
            Symptom("help-start-damaged"),
            Symptom("help-start-newer"),
            Symptom("help-start-older"),
            Symptom("help-start-in-use"),
            Symptom("help-start-master-key"),
        ],
    },
    Chapter {
        title: "help-certificates",
        symptoms: &[Symptom("help-certificate-warning"), Symptom("help-certificate-names")],
    },
    Chapter {
        title: "help-machine",
        symptoms: &[Symptom("help-clock"), Symptom("help-disk-full"), Symptom::BUSY, Symptom::INTERNAL],
    },
];

impl Symptom {
    /// What it is called in addresses, for good: people keep links.
    pub fn anchor(self) -> &'static str {
        anchor(self.0)
    }

    /// The key of the title.
    pub fn title(self) -> &'static str {
        self.0
    }

    /// The key of the text, which has the markup of `words::prose`.
    pub fn text(self) -> String {
        format!("{}-do", self.0)
    }

    /// Where it is told of, below the base URL.
    pub fn path(self) -> String {
        format!("/help/#{}", self.anchor())
    }
}

impl Chapter {
    pub fn anchor(&self) -> &'static str {
        anchor(self.title)
    }
}

fn anchor(key: &'static str) -> &'static str {
    key.strip_prefix(PREFIX).unwrap_or(key)
}

/// Every place that a link may lead to.
#[cfg(test)]
pub fn anchors() -> Vec<&'static str> {
    let of_chapter = |c: &'static Chapter| std::iter::once(c.anchor()).chain(c.symptoms.iter().map(|s| s.anchor()));
    CHAPTERS.iter().flat_map(of_chapter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_anchor_is_there_once_and_fits_into_an_address() {
        let mut all = anchors();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count, "{all:?}");
        for anchor in all {
            assert!(!anchor.starts_with(PREFIX), "{anchor}");
            assert!(anchor.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{anchor}");
        }
        assert_eq!(Symptom::REDIRECT_URI.path(), "/help/#redirect-uri");
    }
}
