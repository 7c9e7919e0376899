//! Keeps the certificate that the server shows up to date: looks every few seconds whether there is another one.

use std::path::Path;
use std::sync::Arc;

use super::authority;
use crate::app::App;
use crate::clock::rfc3339;
use crate::config::Tls;
use crate::crypto::digest::Hash;
use crate::crypto::identity::{Identity, Stamp, Unusable};
use crate::domain::UnixSeconds;
use crate::domain::tls::RootProblem;
use crate::error::Internal;
use crate::server::Certificate;

/// Looks after the certificate that the server shows.
pub struct Keeper {
    pub certificate: Arc<Certificate>,
    source: Source,
}

enum Source {
    OwnCa {
        fingerprint: Hash,
        /// What was said of the root, so that it is said once.
        said: Option<RootProblem>,
    },
    Files {
        /// Of the files that are in use, or were found to be unusable.
        seen: Stamp,
        /// Of files that could not be used when they were looked at first.
        suspect: Option<Stamp>,
    },
}

/// Why https cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    #[error(transparent)]
    Unusable(#[from] Unusable),
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Keeper {
    /// The certificate to begin with. `None` where https is off.
    pub fn begin(app: &App) -> Result<Option<Self>, BeginError> {
        let now = app.clock.now();
        let (identity, source) = match &app.config.tls {
            Tls::Off => return Ok(None),
            Tls::OwnCa => {
                let identity = authority::settle(app, now)?;
                let fingerprint = identity.fingerprint();
                (identity, Source::OwnCa { fingerprint, said: None })
            }
            Tls::Files { certificate, key } => {
                let seen = Stamp::of(&[certificate, key]);
                (Identity::read(certificate, key)?, Source::Files { seen, suspect: None })
            }
        };
        let mut keeper = Self { certificate: Arc::new(Certificate::new(&identity)), source };
        app.tls.shows(&identity, &app.base);
        warn_about(app, &identity, now);
        warn_about_clock(app, &identity, now);
        keeper.look(app)?;
        Ok(Some(keeper))
    }

    /// Looks for another certificate, and shows it to new connections.
    pub fn look(&mut self, app: &App) -> Result<(), Internal> {
        let now = app.clock.now();
        match (&mut self.source, &app.config.tls) {
            (Source::OwnCa { fingerprint, said }, _) => {
                let identity = authority::settle(app, now)?;
                if identity.fingerprint() != *fingerprint {
                    *fingerprint = identity.fingerprint();
                    show(&self.certificate, app, &identity);
                }
                let problem = app.store.read(|c| authority::root_in_use(app, c, now))?.and_then(|root| root.problem);
                // Nobody is to install another root on every device because a clock is wrong.
                let is_sure = app.clock.may_purge();
                let problem = problem.filter(|p| is_sure || !matches!(p, RootProblem::Ends(_)));
                if problem != *said {
                    problem.iter().for_each(warn_about_root);
                    *said = problem;
                }
            }
            (Source::Files { seen, suspect }, Tls::Files { certificate, key }) => {
                look_at_files(&self.certificate, app, (seen, suspect), (certificate, key));
            }
            (Source::Files { .. }, _) => {}
        }
        Ok(())
    }
}

/// Files are exchanged one after the other. What does not fit together is looked at again before anything is said.
fn look_at_files(
    shown: &Certificate,
    app: &App,
    (seen, suspect): (&mut Stamp, &mut Option<Stamp>),
    (certificate, key): (&Path, &Path),
) {
    let stamp = Stamp::of(&[certificate, key]);
    if stamp == *seen {
        return;
    }
    match Identity::read(certificate, key) {
        Ok(identity) => {
            show(shown, app, &identity);
            (*seen, *suspect) = (stamp, None);
            warn_about(app, &identity, app.clock.now());
        }
        Err(_) if suspect.as_ref() != Some(&stamp) => *suspect = Some(stamp),
        Err(error) => {
            tracing::error!(%error, "the certificate files changed and cannot be used; the certificate from before is still shown");
            app.tls.is_in_trouble(error.to_string());
            (*seen, *suspect) = (stamp, None);
        }
    }
}

fn show(shown: &Certificate, app: &App, identity: &Identity) {
    shown.replace(identity);
    app.tls.shows(identity, &app.base);
    let until = rfc3339(identity.validity.not_after);
    tracing::info!(until, "new connections are shown a new certificate");
}

fn warn_about(app: &App, identity: &Identity, now: UnixSeconds) {
    let validity = identity.validity;
    if now > validity.not_after {
        tracing::warn!(since = rfc3339(validity.not_after), "the certificate has expired: browsers will refuse it");
    } else if now < validity.not_before {
        tracing::warn!(
            from = rfc3339(validity.not_before),
            "the certificate is not valid yet: is the clock of this machine right?"
        );
    }
    if !identity.is_for(app.base.host()) {
        tracing::warn!(
            url = app.base.as_str(),
            "the certificate is not for the host of the base URL: browsers will refuse it"
        );
    }
}

/// A time that nothing vouches for, or that the machine is far behind, may be what is wrong, and not the certificate.
fn warn_about_clock(app: &App, identity: &Identity, now: UnixSeconds) {
    let clock = app.clock.view();
    if identity.validity.holds(now) || clock.standing.may_purge() {
        return;
    }
    tracing::warn!(
        now = rfc3339(clock.now),
        machine = rfc3339(clock.system),
        state = clock.standing.as_str(),
        "the certificate is not valid by a clock that may be wrong, so that it is kept and shown; see `latchkey clock show`, and once the machine's clock is right, `latchkey clock reset`"
    );
}

fn warn_about_root(problem: &RootProblem) {
    match problem {
        RootProblem::Outside(names) => tracing::error!(
            %names,
            "the root of the own certificate authority may not make certificates for these names; make a new one with `latchkey ca renew`, and install it on every device"
        ),
        RootProblem::Ends(at) => tracing::warn!(
            at = rfc3339(*at),
            "the root of the own certificate authority ends; make a new one with `latchkey ca renew`, and install it on every device"
        ),
    }
}
