//! All settings there are: the reference that `latchkey config reference` prints.

use std::fmt::Write as _;

/// One setting: `--name` on the command line, `LATCHKEY_NAME` in the environment, `name` in the file.
pub struct Setting {
    pub name: &'static str,
    /// What holds when nothing is said, in words when it is not a fixed value.
    pub default: &'static str,
    pub meaning: &'static str,
}

/// All settings in the order of the reference.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "data-dir",
        default: "./data",
        meaning: "The folder of the database and the master key. Only its owner may read it (mode 0700).",
    },
    Setting {
        name: "url",
        default: "http://localhost:8410, or with `tls` https://localhost:8443",
        meaning: "The base URL that browsers and applications use, without a path. `serve` stores it for the other commands.",
    },
    Setting {
        name: "listen",
        default: "127.0.0.1:8410",
        meaning: "Addresses and ports to listen on, separated by commas.",
    },
    Setting {
        name: "metrics-listen",
        default: "none",
        meaning: "Addresses and ports where monitoring may read /metrics in Prometheus's format, separated by commas. Whoever reaches them reads it: this machine's own (127.0.0.1:9410), or a private network's.",
    },
    Setting {
        name: "tls",
        default: "off",
        meaning: "How https is served: off (a reverse proxy does, or nobody), own-ca (by certificates of an authority of its own, whose root you install on your devices; see /trust/), or files.",
    },
    Setting {
        name: "https-listen",
        default: "127.0.0.1:8443, when `tls` is not off",
        meaning: "Addresses and ports to serve https on, separated by commas. `listen` then sends pages there.",
    },
    Setting {
        name: "tls-names",
        default: "none",
        meaning: "With own-ca: more host names and addresses that the certificate is for, separated by commas, besides that of the base URL.",
    },
    Setting {
        name: "tls-certificate-file",
        default: "none",
        meaning: "With files: the certificate and those between it and its root, in PEM form. Read anew when it changes.",
    },
    Setting {
        name: "tls-key-file",
        default: "none",
        meaning: "With files: the private key of the certificate, in PEM form, mode 0600 or 0640. Read anew when it changes.",
    },
    Setting {
        name: "master-key-file",
        default: "master.key in the data folder, or the systemd credential `master-key`",
        meaning: "The file of the key that seals the secrets in the database: 32 bytes in base64, mode 0600.",
    },
    Setting {
        name: "trusted-proxies",
        default: "none",
        meaning: "Networks of reverse proxies whose X-Forwarded-For, -Proto and -Host are believed, separated by commas (172.16.0.0/12).",
    },
    Setting {
        name: "passkey-rp-id",
        default: "the base URL's host",
        meaning: "The host name that passkeys are made for and work under (their RP ID). After the base URL moved: the former host, so that passkeys go on working, as long as that host answers at /.well-known/webauthn as this server does.",
    },
    Setting {
        name: "related-origins",
        default: "none",
        meaning: "More https origins that may use the passkeys of this place, separated by commas (https://auth.company.example). Told to browsers at /.well-known/webauthn.",
    },
    Setting {
        name: "session-idle",
        default: "what the settings page says, at first 12h",
        meaning: "How long a sign-in lasts without use (s, m, h or d).",
    },
    Setting {
        name: "session-maximum",
        default: "what the settings page says, at first 7d",
        meaning: "How long a sign-in lasts at most (s, m, h or d).",
    },
    Setting {
        name: "password-minimum",
        default: "what the settings page says, at first 8",
        meaning: "The shortest password that may be set, in characters, 8 to 64.",
    },
    Setting {
        name: "event-retention",
        default: "what the settings page says, at first 90",
        meaning: "Days that events are kept, 14 to 3660.",
    },
    Setting {
        name: "password-passes",
        default: "measured at the first start, about a quarter of a second a password",
        meaning: "Passes of argon2id over 19 MiB for each password, 2 to 32.",
    },
    Setting {
        name: "smtp-host",
        default: "what the settings page says, at first none: no mail is sent",
        meaning: "The mail server that takes mails: its host name or address.",
    },
    Setting {
        name: "smtp-port",
        default: "what the settings page says, at first by smtp-security: 587, 465 or 25",
        meaning: "The port of the mail server.",
    },
    Setting {
        name: "smtp-security",
        default: "what the settings page says, at first starttls",
        meaning: "How the connection to the mail server is protected: starttls, tls, none (to this machine only), or none-forced (to anywhere: mails and password can be read on the way).",
    },
    Setting {
        name: "smtp-username",
        default: "what the settings page says, at first none: no sign-in to the mail server",
        meaning: "The user name at the mail server.",
    },
    Setting {
        name: "smtp-password",
        default: "what the settings page says, or the systemd credential `smtp-password`",
        meaning: "The password at the mail server. No option of the command line, which everybody on the machine can read.",
    },
    Setting {
        name: "smtp-password-file",
        default: "none",
        meaning: "The file with the password at the mail server, in the place of smtp-password. Read for each mail.",
    },
    Setting {
        name: "smtp-from",
        default: "what the settings page says, at first the user name where that is an address",
        meaning: "Who mails are from: latchkey@home.example, or Latchkey at home <latchkey@home.example>.",
    },
    Setting {
        name: "max-connections",
        default: "256",
        meaning: "Connections kept open at once; lowered when the system allows fewer open files or threads.",
    },
    Setting {
        name: "max-connections-per-address",
        default: "64",
        meaning: "Connections from one address (IPv6: one /64) at once. Trusted proxies are exempt.",
    },
    Setting {
        name: "backup-recipient",
        default: "none: no backup is made at night",
        meaning: "Public keys (age1…) that nightly backups are encrypted to, separated by commas. `latchkey backup-identity` makes one.",
    },
    Setting {
        name: "backup-dir",
        default: "backups in the data folder",
        meaning: "The folder of nightly backups: better on another disk. Outside of the data folder it must be there already.",
    },
    Setting { name: "backup-keep", default: "14", meaning: "How many nightly backups are kept, 1 to 1000." },
    Setting {
        name: "backup-at",
        default: "03:30",
        meaning: "The time of day of the nightly backup, local. A night that was missed is made up for after the start.",
    },
    Setting { name: "log", default: "info", meaning: "What is logged to stderr: error, warn, info or debug." },
    Setting {
        name: "log-format",
        default: "auto",
        meaning: "auto (text in colours on a terminal, lines with priorities for systemd's journal, else json), text, or json for a line of JSON each.",
    },
];

/// The name of a setting, however it is written.
pub(super) fn known(name: &str) -> Option<&'static str> {
    let name = name.replace('_', "-");
    SETTINGS.iter().map(|s| s.name).find(|n| *n == name)
}

/// The reference of all settings, as a commented file to begin with.
pub fn reference() -> String {
    let mut out = String::from(
        "# Settings of Latchkey. Each is also an option (--name) and an environment variable (LATCHKEY_NAME,\n\
         # in capitals, with _ for -). The command line wins over the environment, and that over the file.\n",
    );
    for s in SETTINGS {
        let env = s.name.to_ascii_uppercase().replace('-', "_");
        // Writing to a String cannot fail.
        _ = write!(
            out,
            "\n# {}\n# Default: {}. Environment: LATCHKEY_{env}\n#{} = \"\"\n",
            s.meaning, s.default, s.name
        );
    }
    out
}
