//! The options of `latchkey serve`.

use clap::Args;

use crate::config::Sources;

/// Settings of the server. All can be in the settings file or the environment instead.
#[derive(Debug, Args)]
pub struct Options {
    /// Addresses to listen on [default: 127.0.0.1:8410]
    #[arg(long, value_name = "ADDR:PORT,..")]
    listen: Option<String>,
    /// Addresses where monitoring may read /metrics [default: none]
    #[arg(long, value_name = "ADDR:PORT,..")]
    metrics_listen: Option<String>,
    /// How https is served: off, own-ca (an authority of its own) or files [default: off]
    #[arg(long, value_name = "HOW")]
    tls: Option<String>,
    /// Addresses to serve https on [default, unless --tls off: 127.0.0.1:8443]
    #[arg(long, value_name = "ADDR:PORT,..")]
    https_listen: Option<String>,
    /// With --tls own-ca: more names and addresses that the certificate is for
    #[arg(long, value_name = "NAME,..")]
    tls_names: Option<String>,
    /// With --tls files: the certificate, and those between it and its root
    #[arg(long, value_name = "FILE")]
    tls_certificate_file: Option<String>,
    /// With --tls files: the certificate's private key
    #[arg(long, value_name = "FILE")]
    tls_key_file: Option<String>,
    /// Networks of reverse proxies that are believed [default: none]
    #[arg(long, value_name = "NET,..")]
    trusted_proxies: Option<String>,
    /// The host name that passkeys are made for [default: the base URL's]
    #[arg(long, value_name = "HOST")]
    passkey_rp_id: Option<String>,
    /// More https origins that may use the passkeys of this place [default: none]
    #[arg(long, value_name = "URL,..")]
    related_origins: Option<String>,
    /// How long a sign-in lasts without use [default: what the settings page says, at first 12h]
    #[arg(long, value_name = "DURATION")]
    session_idle: Option<String>,
    /// How long a sign-in lasts at most [default: what the settings page says, at first 7d]
    #[arg(long, value_name = "DURATION")]
    session_maximum: Option<String>,
    /// Characters that a password has at least [default: what the settings page says, at first 8]
    #[arg(long, value_name = "N")]
    password_minimum: Option<String>,
    /// Days that events are kept [default: what the settings page says, at first 90]
    #[arg(long, value_name = "DAYS")]
    event_retention: Option<String>,
    /// The mail server's host [default: what the settings page says, at first none: no mail is sent]
    #[arg(long, value_name = "HOST")]
    smtp_host: Option<String>,
    /// The mail server's port [default: by --smtp-security: 587, 465 or 25]
    #[arg(long, value_name = "PORT")]
    smtp_port: Option<String>,
    /// How mails travel: starttls, tls, none (to this machine), none-forced [default: starttls]
    #[arg(long, value_name = "HOW")]
    smtp_security: Option<String>,
    /// The user name at the mail server
    #[arg(long, value_name = "NAME")]
    smtp_username: Option<String>,
    /// The file with the password at the mail server
    #[arg(long, value_name = "FILE")]
    smtp_password_file: Option<String>,
    /// Who mails are from [default: the user name, where that is an address]
    #[arg(long, value_name = "ADDRESS")]
    smtp_from: Option<String>,
    /// Passes of argon2id a password [default: measured at the first start]
    #[arg(long, value_name = "N")]
    password_passes: Option<String>,
    /// Connections at once [default: 256]
    #[arg(long, value_name = "N")]
    max_connections: Option<String>,
    /// Connections at once from one address [default: 64]
    #[arg(long, value_name = "N")]
    max_connections_per_address: Option<String>,
    /// Public keys that nightly backups are encrypted to [default: none, and no backups]
    #[arg(long, value_name = "KEY,..")]
    backup_recipient: Option<String>,
    /// The folder of nightly backups [default: backups in the data folder]
    #[arg(long, value_name = "DIR")]
    backup_dir: Option<String>,
    /// How many nightly backups are kept [default: 14]
    #[arg(long, value_name = "N")]
    backup_keep: Option<String>,
    /// When the nightly backup is made [default: 03:30]
    #[arg(long, value_name = "HH:MM")]
    backup_at: Option<String>,
}

impl Options {
    pub fn add_to(&self, sources: &mut Sources) {
        sources.option("listen", self.listen.as_deref());
        sources.option("metrics-listen", self.metrics_listen.as_deref());
        sources.option("tls", self.tls.as_deref());
        sources.option("https-listen", self.https_listen.as_deref());
        sources.option("tls-names", self.tls_names.as_deref());
        sources.option("tls-certificate-file", self.tls_certificate_file.as_deref());
        sources.option("tls-key-file", self.tls_key_file.as_deref());
        sources.option("trusted-proxies", self.trusted_proxies.as_deref());
        sources.option("passkey-rp-id", self.passkey_rp_id.as_deref());
        sources.option("related-origins", self.related_origins.as_deref());
        sources.option("session-idle", self.session_idle.as_deref());
        sources.option("session-maximum", self.session_maximum.as_deref());
        sources.option("password-minimum", self.password_minimum.as_deref());
        sources.option("event-retention", self.event_retention.as_deref());
        sources.option("smtp-host", self.smtp_host.as_deref());
        sources.option("smtp-port", self.smtp_port.as_deref());
        sources.option("smtp-security", self.smtp_security.as_deref());
        sources.option("smtp-username", self.smtp_username.as_deref());
        sources.option("smtp-password-file", self.smtp_password_file.as_deref());
        sources.option("smtp-from", self.smtp_from.as_deref());
        sources.option("password-passes", self.password_passes.as_deref());
        sources.option("max-connections", self.max_connections.as_deref());
        sources.option("max-connections-per-address", self.max_connections_per_address.as_deref());
        sources.option("backup-recipient", self.backup_recipient.as_deref());
        sources.option("backup-dir", self.backup_dir.as_deref());
        sources.option("backup-keep", self.backup_keep.as_deref());
        sources.option("backup-at", self.backup_at.as_deref());
    }
}
