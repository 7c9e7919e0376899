//! The mail server: what is said of it piece by piece, and whether that fits together.

use std::net::IpAddr;

use super::names::Email;
use super::settings::Setting;
use crate::words::Words;

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Begun in the clear and raised before anything is said (RFC 3207); refused where the server cannot.
    StartTls,
    /// From the first byte on (RFC 8314 section 3.3).
    Tls,
    /// Not at all, to this machine only.
    None,
    /// Not at all, to wherever: somebody asked for it.
    NoneForced,
}

impl Security {
    pub const ALL: [Self; 4] = [Self::StartTls, Self::Tls, Self::None, Self::NoneForced];

    pub fn word(self) -> &'static str {
        match self {
            Self::StartTls => "starttls",
            Self::Tls => "tls",
            Self::None => "none",
            Self::NoneForced => "none-forced",
        }
    }

    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word().eq_ignore_ascii_case(word))
    }

    /// The port where servers listen for it.
    fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None | Self::NoneForced => 25,
        }
    }
}

/// Who mails are from: an address, and a name if one was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub name: Option<String>,
    pub address: String,
}

impl Sender {
    /// `latchkey@home.example` or `Latchkey at home <latchkey@home.example>`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>').and_then(|t| t.rsplit_once('<')) {
            Some((name, address)) => (name.trim().trim_matches('"').trim(), address),
            None => ("", text),
        };
        let is_plain = !name.chars().any(|c| crate::words::is_disguise(c) || matches!(c, '"' | '<' | '>'));
        let address = Email::parse(address).ok().filter(|_| is_plain && name.chars().count() <= 60)?;
        Some(Self { name: Some(name.to_owned()).filter(|n| !n.is_empty()), address: address.as_str().to_owned() })
    }

    /// As it is read again.
    pub fn written(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} <{}>", self.address),
            None => self.address.clone(),
        }
    }
}

/// A host name or an address, without brackets.
pub fn parse_host(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_string());
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    (text.len() <= 253 && text.split('.').all(is_label)).then(|| text.to_ascii_lowercase())
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|a| a.is_loopback())
}

/// What was said, as far as anything was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mail {
    pub host: Option<String>,
    pub port: Option<u16>,
    pub security: Option<Security>,
    pub username: Option<String>,
    pub from: Option<Sender>,
}

/// A mail server that can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub username: Option<String>,
    pub from: Sender,
}

impl Mail {
    /// `said` gives what was said of a setting. What cannot be read is as good as not said.
    pub fn of(said: impl Fn(Setting) -> Option<String>) -> Self {
        let value = |setting: Setting| said(setting).and_then(|text| setting.read(&text).ok().flatten());
        Self {
            host: value(Setting::SmtpHost),
            port: value(Setting::SmtpPort).and_then(|port| port.parse().ok()),
            security: value(Setting::SmtpSecurity).and_then(|word| Security::named(&word)),
            username: value(Setting::SmtpUsername),
            from: value(Setting::SmtpFrom).and_then(|text| Sender::parse(&text)),
        }
    }

    /// The server, or none where no host was said. `Err` holds the setting that is wrong, and why.
    pub fn server(&self) -> Result<Option<MailServer>, (Setting, Words)> {
        let Some(host) = self.host.clone() else { return Ok(None) };
        let security = self.security.unwrap_or(Security::StartTls);
        if security == Security::None && !is_this_machine(&host) {
            return Err((Setting::SmtpSecurity, Words::new("smtp-security-none")));
        }
        // Most providers know their customers by address.
        let own = || self.username.as_deref().and_then(Sender::parse);
        let from = self.from.clone().or_else(own);
        let from = from.ok_or_else(|| (Setting::SmtpFrom, Words::new("smtp-from-missing")))?;
        let port = self.port.unwrap_or(security.port());
        Ok(Some(MailServer { host, port, security, username: self.username.clone(), from }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(host: &str, security: &str) -> Mail {
        let said = |setting| match setting {
            Setting::SmtpHost => Some(host.to_owned()),
            Setting::SmtpSecurity => Some(security.to_owned()),
            Setting::SmtpFrom => Some("Home <latchkey@home.example>".to_owned()),
            _ => None,
        };
        Mail::of(said)
    }

    fn port(host: &str, security: &str) -> Result<u16, Setting> {
        let server = mail(host, security).server().map_err(|(setting, _)| setting)?;
        Ok(server.expect("a host was said").port)
    }

    #[test]
    fn nothing_is_sent_in_the_clear_to_another_machine_unless_forced() {
        assert_eq!(port("mail.example", ""), Ok(587));
        assert_eq!(port("mail.example", "tls"), Ok(465));
        assert_eq!(port("mail.example", "none"), Err(Setting::SmtpSecurity));
        assert_eq!(port("192.168.1.2", "none"), Err(Setting::SmtpSecurity));
        assert_eq!(port("localhost.example", "none"), Err(Setting::SmtpSecurity));
        assert_eq!(port("mail.example", "none-forced"), Ok(25));
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"] {
            assert_eq!(port(host, "none"), Ok(25), "{host}");
        }
    }

    #[test]
    fn without_a_host_there_is_no_mail_and_without_a_sender_it_is_refused() {
        assert_eq!(Mail::default().server(), Ok(None));
        let host = Some("mail.example".to_owned());
        let nobody = Mail { host: host.clone(), ..Mail::default() };
        assert_eq!(nobody.server().map_err(|(setting, _)| setting), Err(Setting::SmtpFrom));
        let by_name = Mail { host, username: Some("me@home.example".into()), ..Mail::default() };
        let server = by_name.server().expect("good").expect("a server");
        assert_eq!(server.from.address, "me@home.example");
    }

    #[test]
    fn senders_and_hosts_are_read_or_refused() {
        let sender = Sender::parse("\"The Millers\" <us@home.example>").expect("a sender");
        assert_eq!((sender.name.as_deref(), sender.address.as_str()), (Some("The Millers"), "us@home.example"));
        assert_eq!(Sender::parse(&sender.written()), Some(sender));
        for bad in ["", "nobody", "a <b>", "<a@b.example> x", "x\r\nBcc: y <a@b.example>", "a@b.example, c@d.example"] {
            assert_eq!(Sender::parse(bad), None, "{bad:?}");
        }
        assert_eq!(parse_host(" Mail.Example. ").as_deref(), Some("mail.example"));
        for bad in ["", "a b", "mail.example:25", "smtp://mail.example", "-a", "a..b", "?"] {
            assert_eq!(parse_host(bad), None, "{bad:?}");
        }
    }
}
