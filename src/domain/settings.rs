//! The settings that can be made while the server runs: their names, what each may be, and what holds where nothing
//! is said.

use super::UnixSeconds;
use super::brand::{Brand, Colour, OWN_NAME};
use super::mail::{Mail, Security, Sender, parse_host};
use super::outbound::Networks;
use super::{duration, password};
use crate::words::Words;

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    BrandName,
    BrandAccent,
    SessionIdle,
    SessionMaximum,
    PasswordMinimum,
    AdministratorSecondFactor,
    RememberBrowser,
    EventRetention,
    SmtpHost,
    SmtpPort,
    SmtpSecurity,
    SmtpUsername,
    SmtpFrom,
    OutboundNetworks,
}

/// Not shorter than the notes of a session's use are apart, so that one in use goes on when this is made shorter; and
/// not longer than browsers keep a cookie.
const SESSION: std::ops::RangeInclusive<UnixSeconds> = 600..=400 * 86_400;
const IDLE: UnixSeconds = 12 * 3_600;
const MAXIMUM: UnixSeconds = 7 * 86_400;
/// Days that events are kept. The Dashboard draws the last 14.
pub const RETENTION: std::ops::RangeInclusive<i64> = 14..=3_660;
const RETENTION_DEFAULT: i64 = 90;
/// Administrators may do without a second factor.
const OPTIONAL: &str = "optional";
/// How long administrators may go on without the second factor that is asked of them.
const GRACE: std::ops::RangeInclusive<UnixSeconds> = 1..=90 * 86_400;
/// A second factor is asked for at every sign-in.
const NEVER: &str = "never";
/// How long a browser may stand for a second factor.
const REMEMBERED: std::ops::RangeInclusive<UnixSeconds> = 3_600..=90 * 86_400;
const MAX_BRAND_NAME: usize = 60;
const MAX_SMTP_USERNAME: usize = 256;

impl Setting {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 14] = [
        Self::BrandName,
        Self::BrandAccent,
        Self::SessionIdle,
        Self::SessionMaximum,
        Self::PasswordMinimum,
        Self::AdministratorSecondFactor,
        Self::RememberBrowser,
        Self::EventRetention,
        Self::OutboundNetworks,
        Self::SmtpHost,
        Self::SmtpPort,
        Self::SmtpSecurity,
        Self::SmtpUsername,
        Self::SmtpFrom,
    ];

    /// Those of the mail server, in the order of their page.
    pub const MAIL: [Self; 5] =
        [Self::SmtpHost, Self::SmtpPort, Self::SmtpSecurity, Self::SmtpUsername, Self::SmtpFrom];

    /// What it is called on the command line, in the environment and in the settings file.
    pub fn name(self) -> &'static str {
        match self {
            Self::BrandName => "brand-name",
            Self::BrandAccent => "brand-accent",
            Self::SessionIdle => "session-idle",
            Self::SessionMaximum => "session-maximum",
            Self::PasswordMinimum => "password-minimum",
            Self::AdministratorSecondFactor => "administrator-second-factor",
            Self::RememberBrowser => "remember-browser",
            Self::EventRetention => "event-retention",
            Self::SmtpHost => "smtp-host",
            Self::SmtpPort => "smtp-port",
            Self::SmtpSecurity => "smtp-security",
            Self::SmtpUsername => "smtp-username",
            Self::SmtpFrom => "smtp-from",
            Self::OutboundNetworks => "outbound-networks",
        }
    }

    /// The setting of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name.replace(['_', '.'], "-"))
    }

    /// What its field in a form is called.
    pub fn field(self) -> String {
        self.name().replace('-', "_")
    }

    /// Where it is stored.
    pub fn key(self) -> String {
        self.name().replace('-', ".")
    }

    /// What holds where nothing is said.
    pub fn default(self) -> String {
        match self {
            Self::BrandName => OWN_NAME.to_owned(),
            Self::BrandAccent => String::new(),
            Self::SessionIdle => duration::write(IDLE),
            Self::SessionMaximum => duration::write(MAXIMUM),
            Self::PasswordMinimum => password::MIN_CHARS.to_string(),
            Self::AdministratorSecondFactor => OPTIONAL.to_owned(),
            Self::RememberBrowser => NEVER.to_owned(),
            Self::EventRetention => RETENTION_DEFAULT.to_string(),
            Self::SmtpSecurity => Security::StartTls.word().to_owned(),
            Self::SmtpHost | Self::SmtpPort | Self::SmtpUsername | Self::SmtpFrom => String::new(),
            Self::OutboundNetworks => String::new(),
        }
    }

    /// A value for people: a colour that there is none of has no digits.
    pub fn shown(self, value: &str) -> String {
        match (self, value) {
            (Self::SmtpPort, "") => "auto".to_owned(),
            (_, "") => "none".to_owned(),
            (_, value) => value.to_owned(),
        }
    }

    /// Reads what somebody typed, and gives it in the one way it is written. Nothing typed is the default, and so is
    /// the default.
    pub fn read(self, text: &str) -> Result<Option<String>, Words> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let value = match self {
            Self::BrandName => brand_name(text)?,
            Self::BrandAccent if text.eq_ignore_ascii_case("none") => String::new(),
            Self::BrandAccent => Colour::parse(text)?.to_string(),
            Self::SessionIdle | Self::SessionMaximum => {
                let seconds = duration::parse(text).ok().filter(|s| SESSION.contains(s));
                duration::write(seconds.ok_or_else(|| Words::new("bad-session-length"))?)
            }
            Self::PasswordMinimum => {
                let bad = || {
                    let (least, most) = (password::MIN_CHARS, password::MOST_MINIMUM);
                    Words::new("bad-number").with("least", least).with("most", most)
                };
                let length = text.parse().ok().filter(|n| (password::MIN_CHARS..=password::MOST_MINIMUM).contains(n));
                length.ok_or_else(bad)?.to_string()
            }
            Self::AdministratorSecondFactor if text.eq_ignore_ascii_case(OPTIONAL) => OPTIONAL.to_owned(),
            Self::AdministratorSecondFactor => {
                let grace = duration::parse(text).ok().filter(|seconds| GRACE.contains(seconds));
                duration::write(grace.ok_or_else(|| Words::new("bad-grace"))?)
            }
            Self::RememberBrowser if text.eq_ignore_ascii_case(NEVER) => NEVER.to_owned(),
            Self::RememberBrowser => {
                let time = duration::parse(text).ok().filter(|seconds| REMEMBERED.contains(seconds));
                duration::write(time.ok_or_else(|| Words::new("bad-remember"))?)
            }
            Self::EventRetention => {
                let bad = || Words::new("bad-number").with("least", RETENTION.start()).with("most", RETENTION.end());
                text.parse().ok().filter(|n| RETENTION.contains(n)).ok_or_else(bad)?.to_string()
            }
            Self::SmtpHost | Self::SmtpPort | Self::SmtpSecurity | Self::SmtpUsername | Self::SmtpFrom => {
                self.read_mail(text)?
            }
            Self::OutboundNetworks if text.eq_ignore_ascii_case("none") => String::new(),
            Self::OutboundNetworks => Networks::parse(text)?.to_string(),
        };
        Ok(Some(value).filter(|v| *v != self.default()))
    }

    fn read_mail(self, text: &str) -> Result<String, Words> {
        match self {
            Self::SmtpHost => parse_host(text).ok_or_else(|| Words::new("bad-smtp-host")),
            Self::SmtpPort if text.eq_ignore_ascii_case("auto") => Ok(String::new()),
            Self::SmtpPort => {
                let bad = || Words::new("bad-number").with("least", 1_i64).with("most", i64::from(u16::MAX));
                text.parse::<u16>().ok().filter(|n| *n > 0).map(|n| n.to_string()).ok_or_else(bad)
            }
            Self::SmtpSecurity => {
                let word = Security::named(text).map(|s| s.word().to_owned());
                word.ok_or_else(|| Words::new("bad-smtp-security"))
            }
            Self::SmtpFrom => Sender::parse(text).map(|s| s.written()).ok_or_else(|| Words::new("bad-smtp-from")),
            _ => {
                let is_name = text.chars().count() <= MAX_SMTP_USERNAME && !text.chars().any(crate::words::is_disguise);
                is_name.then(|| text.to_owned()).ok_or_else(|| Words::new("bad-smtp-username"))
            }
        }
    }
}

fn brand_name(text: &str) -> Result<String, Words> {
    let is_name = text.chars().count() <= MAX_BRAND_NAME && !text.chars().any(crate::words::is_disguise);
    if is_name { Ok(text.to_owned()) } else { Err(Words::new("bad-brand-name").with("most", MAX_BRAND_NAME)) }
}

/// What holds now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub brand: Brand,
    /// A session ends so many seconds after its last use.
    pub session_idle: UnixSeconds,
    /// And so many after its beginning.
    pub session_maximum: UnixSeconds,
    /// The shortest password that may be set, in characters.
    pub password_minimum: usize,
    /// If administrators must have a second factor: after how many seconds of being asked for it.
    pub administrator_grace: Option<UnixSeconds>,
    /// If a browser may stand for a second factor: for how many seconds after one was proven there.
    pub remember_browser: Option<UnixSeconds>,
    /// Days that events are kept.
    pub event_retention: i64,
    /// What is said of the mail server.
    pub mail: Mail,
    /// Where others may be asked that are not public.
    pub outbound_networks: Networks,
}

impl Settings {
    /// `said`: what was said of a setting, if anything was. What cannot be read (an older version wrote it) is as good
    /// as not said.
    pub fn of(said: impl Fn(Setting) -> Option<String>, logo: Option<String>) -> Self {
        let seconds = |setting, default| said(setting).and_then(|t| duration::parse(&t).ok()).unwrap_or(default);
        let accent = said(Setting::BrandAccent).and_then(|c| Colour::parse(&c).ok());
        let minimum = said(Setting::PasswordMinimum).and_then(|n| n.parse().ok());
        let retention = said(Setting::EventRetention).and_then(|n| n.parse().ok());
        Self {
            brand: Brand { name: said(Setting::BrandName).filter(|n| !n.is_empty()), logo, accent },
            session_idle: seconds(Setting::SessionIdle, IDLE),
            session_maximum: seconds(Setting::SessionMaximum, MAXIMUM),
            password_minimum: minimum.unwrap_or(password::MIN_CHARS).max(password::MIN_CHARS),
            administrator_grace: said(Setting::AdministratorSecondFactor).and_then(|t| duration::parse(&t).ok()),
            remember_browser: said(Setting::RememberBrowser).and_then(|t| duration::parse(&t).ok()),
            event_retention: retention.filter(|days| RETENTION.contains(days)).unwrap_or(RETENTION_DEFAULT),
            mail: Mail::of(&said),
            outbound_networks: said(Setting::OutboundNetworks)
                .and_then(|t| Networks::parse(&t).ok())
                .unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_setting_has_one_name_wherever_it_is_said() {
        for setting in Setting::ALL {
            for name in [setting.name().to_owned(), setting.field(), setting.key()] {
                assert_eq!(Setting::named(&name), Some(setting), "{name}");
            }
        }
        assert_eq!((Setting::named("brand-logo"), Setting::named("")), (None, None));
        assert_eq!(Setting::SessionIdle.key(), "session.idle");
    }

    #[test]
    fn values_are_bounded_and_written_one_way() {
        let long = "n".repeat(61);
        for (setting, typed, expected) in [
            (Setting::BrandName, " Home & <b>Garden</b> ", Ok(Some("Home & <b>Garden</b>"))),
            (Setting::BrandName, "Latchkey", Ok(None)),
            (Setting::BrandName, "a\u{202e}b", Err(())),
            (Setting::BrandName, "a\nb", Err(())),
            (Setting::BrandName, &long, Err(())),
            (Setting::BrandName, &long[1..], Ok(Some(&long[1..]))),
            (Setting::BrandAccent, "#FFd400", Ok(Some("#ffd400"))),
            (Setting::BrandAccent, "None", Ok(None)),
            (Setting::BrandAccent, "red", Err(())),
            (Setting::SessionIdle, "120m", Ok(Some("2h"))),
            (Setting::SessionIdle, "12h", Ok(None)),
            (Setting::SessionIdle, "599", Err(())),
            (Setting::SessionIdle, "600", Ok(Some("10m"))),
            (Setting::SessionMaximum, "400d", Ok(Some("400d"))),
            (Setting::SessionMaximum, "401d", Err(())),
            (Setting::SessionMaximum, "soon", Err(())),
            (Setting::PasswordMinimum, "7", Err(())),
            (Setting::PasswordMinimum, "8", Ok(None)),
            (Setting::PasswordMinimum, "015", Ok(Some("15"))),
            (Setting::PasswordMinimum, "64", Ok(Some("64"))),
            (Setting::PasswordMinimum, "65", Err(())),
            (Setting::AdministratorSecondFactor, "Optional", Ok(None)),
            (Setting::AdministratorSecondFactor, "7d", Ok(Some("7d"))),
            (Setting::AdministratorSecondFactor, "0s", Err(())),
            (Setting::AdministratorSecondFactor, "91d", Err(())),
            (Setting::AdministratorSecondFactor, "yes", Err(())),
            (Setting::RememberBrowser, "Never", Ok(None)),
            (Setting::RememberBrowser, "720h", Ok(Some("30d"))),
            (Setting::RememberBrowser, "59m", Err(())),
            (Setting::RememberBrowser, "91d", Err(())),
            (Setting::EventRetention, "13", Err(())),
            (Setting::EventRetention, "14", Ok(Some("14"))),
            (Setting::EventRetention, "3660", Ok(Some("3660"))),
            (Setting::EventRetention, "3661", Err(())),
            (Setting::EventRetention, "-1", Err(())),
            (Setting::SmtpPort, "auto", Ok(None)),
            (Setting::SmtpPort, "0", Err(())),
            (Setting::SmtpPort, "65536", Err(())),
            (Setting::SmtpPort, "2525", Ok(Some("2525"))),
            (Setting::SmtpSecurity, "STARTTLS", Ok(None)),
            (Setting::SmtpSecurity, "TLS", Ok(Some("tls"))),
            (Setting::SmtpSecurity, "ssl", Err(())),
            (Setting::SmtpFrom, "Home <a@b.example>", Ok(Some("Home <a@b.example>"))),
            (Setting::OutboundNetworks, "None", Ok(None)),
            (Setting::OutboundNetworks, " 192.168.1.7/24,fd00::1 ", Ok(Some("192.168.1.0/24, fd00::1"))),
            (Setting::OutboundNetworks, "0.0.0.0/0", Err(())),
            (Setting::OutboundNetworks, "nas", Err(())),
        ] {
            let read = setting.read(typed).map_err(|_| ());
            assert_eq!(read, expected.map(|v| v.map(str::to_owned)), "{setting:?} {typed:?}");
        }
    }

    #[test]
    fn what_is_not_said_or_not_understood_is_the_default() {
        let default = Settings::of(|_| None, None);
        assert_eq!((default.session_idle, default.session_maximum), (43_200, 604_800));
        assert_eq!((default.password_minimum, default.event_retention), (8, 90));
        assert_eq!((default.brand.name(), default.brand.accent), ("Latchkey", None));
        assert_eq!(Settings::of(|_| Some("?".into()), None), {
            let brand = Brand { name: Some("?".into()), ..Brand::default() };
            // Some user may be called that.
            let mail = Mail { username: Some("?".into()), ..Mail::default() };
            Settings { brand, mail, ..default.clone() }
        });
        assert_eq!(Settings::of(|s| Some(s.default()), None).session_idle, default.session_idle);
    }

    proptest! {
        #[test]
        fn what_was_read_is_read_again_and_holds(text in "\\PC{0,70}|#[0-9a-fA-F]{6}|[0-9]{1,5}[smhd]?") {
            for setting in Setting::ALL {
                let Ok(Some(value)) = setting.read(&text) else { continue };
                prop_assert_eq!(setting.read(&value), Ok(Some(value.clone())));
                let held = Settings::of(|s| (s == setting).then(|| value.clone()), None);
                prop_assert_ne!(held, Settings::of(|_| None, None));
            }
        }
    }
}
