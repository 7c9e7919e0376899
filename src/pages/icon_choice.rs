//! The choice of an application's icon: our own ones as radio buttons, none, and what was uploaded.

use askama::Template;
use askama::filters::HtmlSafe;

use super::{Form, assets};
use crate::domain::built_in_icons::{BuiltIn, ICONS, NO_ICON, UPLOADED};
use crate::words::Lang;

/// A field, whole wherever it is printed.
#[derive(Debug, Template)]
#[template(path = "icon_choice.html")]
pub struct IconChoice {
    ui: Lang,
    chosen: String,
    /// The address of the uploaded one.
    uploaded: Option<String>,
    wrong: Option<String>,
}

impl HtmlSafe for IconChoice {}

impl IconChoice {
    /// `uploaded`: the address of an icon that is none of ours, if there is one.
    pub fn of(form: &Form, uploaded: Option<String>) -> Self {
        let chosen = Some(form.value("icon")).filter(|icon| !icon.is_empty()).unwrap_or(NO_ICON).to_owned();
        Self { ui: form.lang, chosen, uploaded, wrong: form.problem("icon") }
    }

    fn is(&self, value: &str) -> bool {
        self.chosen == value
    }

    fn icons(&self) -> impl Iterator<Item = (&'static str, &'static str, String)> {
        ICONS.iter().map(|icon| (icon.name, url(icon), icon_name(icon.name, self.ui)))
    }
}

/// Where a built-in icon is served to those who choose.
fn url(icon: &BuiltIn) -> &'static str {
    assets::url(&format!("icons/{}.svg", icon.name))
}

/// What an icon is called.
pub fn icon_name(name: &str, lang: Lang) -> String {
    lang.say(&format!("icon-of-{name}"))
}

/// What the field holds for a stored icon.
pub fn icon_value(hash: Option<&str>) -> &'static str {
    match hash {
        None => NO_ICON,
        Some(hash) => BuiltIn::by_hash(hash).map_or(UPLOADED, |icon| icon.name),
    }
}
