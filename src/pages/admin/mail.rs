//! System > Settings > E-mail.

use askama::Template;

use super::super::filters;
use super::super::form::{Choice, Field, Form};
use super::super::shell::{Frame, Shell};
use super::settings::SettingLine;
use crate::domain::mail::Security;
use crate::domain::settings::Setting;

/// The mail server, and a mail to try it.
#[derive(Debug, Template)]
#[template(path = "admin/mail.html")]
pub struct MailPage<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    /// Of the mail server only.
    pub lines: Vec<SettingLine>,
    pub password: MailPassword,
    /// Whether there is a server to try.
    pub is_on: bool,
    /// Why what is set cannot be used.
    pub trouble: Option<String>,
}

/// What is known of the password, which is never shown.
#[derive(Debug)]
pub enum MailPassword {
    None,
    Kept,
    /// Where the server was started: in what words.
    Said(String),
}

impl MailPage<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }

    fn field(&self, line: &SettingLine) -> Field {
        let (label, hint) = keys(line.setting);
        let name = line.setting.field();
        if let Some(said) = &line.said {
            return self.form.text(&name, label).fixed(&line.value).hint(said.as_str());
        }
        let field = match line.setting {
            Setting::SmtpSecurity => {
                let choice = |s: Security| Choice::new(s.word(), self.ui.say(security_key(s)));
                self.form.select(&name, label, Security::ALL.map(choice).to_vec())
            }
            Setting::SmtpPort => self.form.text(&name, label).numeric().bare(),
            Setting::SmtpHost => self.form.text(&name, label).mono().bare(),
            _ => self.form.text(&name, label).bare(),
        };
        field.hint(self.ui.say(hint))
    }

    fn password_field(&self) -> Field {
        let field = self.form.new_password("smtp_password", "smtp-password");
        match &self.password {
            MailPassword::Said(said) => self.form.text("smtp_password", "smtp-password").fixed("").hint(said.as_str()),
            MailPassword::Kept => field.bare().autocomplete("off").hint(self.ui.say("smtp-password-kept")),
            MailPassword::None => field.bare().autocomplete("off"),
        }
    }
}

fn security_key(security: Security) -> &'static str {
    match security {
        Security::StartTls => "smtp-security-is-starttls",
        Security::Tls => "smtp-security-is-tls",
        Security::None => "smtp-security-is-none",
        Security::NoneForced => "smtp-security-is-none-forced",
    }
}

/// The label and the hint of a setting.
fn keys(setting: Setting) -> (&'static str, &'static str) {
    match setting {
        Setting::SmtpHost => ("smtp-host", "smtp-host-hint"),
        Setting::SmtpPort => ("smtp-port", "smtp-port-hint"),
        Setting::SmtpSecurity => ("smtp-security", "smtp-security-hint"),
        Setting::SmtpUsername => ("smtp-username", "smtp-username-hint"),
        _ => ("smtp-from", "smtp-from-hint"),
    }
}
