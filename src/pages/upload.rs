//! The form by which a picture is uploaded or removed, whole wherever it is printed; and a page around it.

use askama::Template;
use askama::filters::HtmlSafe;

use super::{Form, Frame, Shell, filters};
use crate::domain::icon::Purpose;
use crate::words::Lang;

/// What the picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadSubject {
    Icon,
    Picture,
    Logo,
}

/// A form with one file. It posts `file`, or `remove`.
#[derive(Debug, Template)]
#[template(path = "upload.html")]
pub struct Upload {
    ui: Lang,
    token: String,
    subject: UploadSubject,
    action: String,
    /// The address of what there is.
    present: Option<String>,
    name: String,
    wrong: Option<String>,
}

impl HtmlSafe for Upload {}

impl Upload {
    /// `present`: the hash of what there is. `name`: whose it is, for the letter that stands where there is none.
    pub fn new(form: &Form, subject: UploadSubject, action: String, present: Option<&str>, name: &str) -> Self {
        Self {
            ui: form.lang,
            token: form.token.clone(),
            subject,
            action,
            present: present.map(icon_url),
            name: name.to_owned(),
            wrong: form.problem("file"),
        }
    }
}

/// Where a stored picture is served.
pub fn icon_url(hash: &str) -> String {
    format!("/icon/{hash}")
}

impl UploadSubject {
    fn purpose(self) -> Purpose {
        match self {
            Self::Icon | Self::Logo => Purpose::Icon,
            Self::Picture => Purpose::Portrait,
        }
    }

    fn accepts(self) -> &'static str {
        self.purpose().accepts()
    }

    fn label(self) -> &'static str {
        match self {
            Self::Icon => "upload-icon-label",
            Self::Picture => "upload-picture-label",
            Self::Logo => "upload-logo-label",
        }
    }

    fn hint(self) -> &'static str {
        match self.purpose() {
            Purpose::Icon => "upload-icon-hint",
            Purpose::Portrait => "upload-picture-hint",
        }
    }

    fn button(self) -> &'static str {
        match self {
            Self::Icon => "upload-icon",
            Self::Picture => "upload-picture",
            Self::Logo => "upload-logo",
        }
    }

    fn remove(self) -> &'static str {
        match self {
            Self::Icon => "upload-icon-remove",
            Self::Picture => "upload-picture-remove",
            Self::Logo => "upload-logo-remove",
        }
    }

    /// What is said when it was done.
    pub fn done(self, is_removal: bool) -> &'static str {
        match (self, is_removal) {
            (Self::Icon, false) => "upload-icon-done",
            (Self::Icon, true) => "upload-icon-removed",
            (Self::Picture, false) => "upload-picture-done",
            (Self::Picture, true) => "upload-picture-removed",
            (Self::Logo, false) => "upload-logo-done",
            (Self::Logo, true) => "upload-logo-removed",
        }
    }
}

/// A page with such a form and nothing else.
#[derive(Debug, Template)]
#[template(path = "upload_page.html")]
pub struct UploadPage<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub subject: UploadSubject,
    /// Whose it is; empty for the brand.
    pub name: &'a str,
    pub upload: Upload,
    pub back: &'a str,
}

impl UploadPage<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}
