//! System > Settings.

use askama::Template;

use super::super::filters;
use super::super::form::{Field, Form};
use super::super::shell::{Frame, Shell};
use crate::domain::brand::OWN_ACCENT;
use crate::domain::settings::Setting;

/// Every setting that can be made at run time, and what the server was started with.
#[derive(Debug, Template)]
#[template(path = "admin/settings.html")]
pub struct SettingsPage<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub settings: Vec<SettingLine>,
    pub start: Vec<StartLine>,
    /// Where mails go, if anywhere.
    pub mail_place: Option<String>,
}

/// One setting.
#[derive(Debug)]
pub struct SettingLine {
    pub setting: Setting,
    /// What holds.
    pub value: String,
    /// Where it was said, if it cannot be changed here.
    pub said: Option<String>,
    /// Whether it is another than the default.
    pub is_made: bool,
    /// The name of the hidden field with what stood in the visible one.
    pub was: String,
}

/// One setting that is said when the server starts.
#[derive(Debug)]
pub struct StartLine {
    /// Of the option, and of the key in the settings file.
    pub name: &'static str,
    pub label: &'static str,
    pub values: Vec<String>,
    /// The key of what is said where there is no value.
    pub none: &'static str,
    /// Where it was said.
    pub said: String,
}

/// The sections with fields: their headings, and what stands in them.
const SECTIONS: [(&str, &[Setting]); 5] = [
    ("settings-brand", &[Setting::BrandName, Setting::BrandAccent]),
    ("nav-sessions", &[Setting::SessionIdle, Setting::SessionMaximum]),
    ("settings-passwords", &[Setting::PasswordMinimum, Setting::AdministratorSecondFactor, Setting::RememberBrowser]),
    ("nav-events", &[Setting::EventRetention]),
    ("settings-outbound", &[Setting::OutboundNetworks]),
];

impl SettingsPage<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }

    fn lines<'s>(&'s self, of: &'s [Setting]) -> impl Iterator<Item = &'s SettingLine> {
        self.settings.iter().filter(|line| of.contains(&line.setting))
    }

    fn field(&self, line: &SettingLine) -> Field {
        let (label, hint) = keys(line.setting);
        let name = line.setting.field();
        if let Some(said) = &line.said {
            return self.form.text(&name, label).fixed(&line.value).hint(said.as_str());
        }
        let hint = match line.setting {
            Setting::BrandAccent => self.ui.say(hint),
            other => self.ui.say_with(hint, &[("default", other.default().into())]),
        };
        let field = self.form.text(&name, label).bare().hint(hint);
        match line.setting {
            Setting::BrandName => field,
            Setting::BrandAccent => field.mono(),
            Setting::SessionIdle
            | Setting::SessionMaximum
            | Setting::AdministratorSecondFactor
            | Setting::RememberBrowser => field,
            Setting::PasswordMinimum | Setting::EventRetention => field.numeric(),
            Setting::OutboundNetworks => field.mono(),
            // They have a page of their own.
            _ => field,
        }
    }

    fn half(&self, half: &str) -> &'static str {
        if half == "dark" { "settings-preview-dark" } else { "settings-preview-light" }
    }

    fn label(&self, line: &SettingLine) -> String {
        self.ui.say(keys(line.setting).0)
    }

    /// What the colour picker begins with: it cannot show that there is none.
    fn picked(&self, line: &SettingLine) -> String {
        if line.value.is_empty() { OWN_ACCENT.to_string() } else { line.value.clone() }
    }
}

/// The label and the hint of a setting.
fn keys(setting: Setting) -> (&'static str, &'static str) {
    match setting {
        Setting::BrandName => ("settings-brand-name", "settings-brand-name-hint"),
        Setting::BrandAccent => ("settings-brand-accent", "settings-brand-accent-hint"),
        Setting::SessionIdle => ("settings-session-idle", "settings-session-idle-hint"),
        Setting::SessionMaximum => ("settings-session-maximum", "settings-session-maximum-hint"),
        Setting::PasswordMinimum => ("settings-password-minimum", "settings-password-minimum-hint"),
        Setting::AdministratorSecondFactor => ("settings-administrator-factor", "settings-administrator-factor-hint"),
        Setting::RememberBrowser => ("settings-remember-browser", "settings-remember-browser-hint"),
        Setting::OutboundNetworks => ("settings-outbound-networks", "settings-outbound-networks-hint"),
        // Those of the mail server have a page of their own.
        _ => ("settings-event-retention", "settings-event-retention-hint"),
    }
}
