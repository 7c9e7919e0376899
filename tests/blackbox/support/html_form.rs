//! A form of a page as a browser would send it: every field with what stands in it.

use std::sync::LazyLock;

use regex::Regex;

use super::browser::unescape;
use super::{Answer, Browser};

/// A form, and what would be sent.
#[derive(Debug, Clone)]
pub struct HtmlForm {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

static TAG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)<(/?)(form|input|textarea|select|option)\b([^>]*)>([^<]*)").expect("a pattern"));

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next().map(unescape)
}

fn has(tag: &str, name: &str) -> bool {
    Regex::new(&format!(r"\s{name}(\s|=|/|$)")).expect("a pattern").is_match(tag)
}

impl HtmlForm {
    /// The form of the page that posts to this path.
    #[track_caller]
    pub fn find(page: &Answer, action: &str) -> Self {
        let found = Self::all(page).into_iter().find(|form| form.action == action);
        found.unwrap_or_else(|| panic!("no form that posts to {action}: {page:?}"))
    }

    /// Every form of the page.
    pub fn all(page: &Answer) -> Vec<Self> {
        let mut forms: Vec<Self> = Vec::new();
        let mut select: Option<(String, Vec<(String, bool)>)> = None;
        for found in TAG.captures_iter(&page.body) {
            let (closes, tag, rest, text) = (&found[1] == "/", &found[2], &found[3], &found[4]);
            let name = attribute(rest, "name");
            match (tag, closes) {
                ("form", false) => {
                    let action = attribute(rest, "action").unwrap_or_default();
                    forms.push(Self { action, fields: Vec::new() });
                }
                ("select", false) => select = name.map(|name| (name, Vec::new())),
                ("option", false) => {
                    if let Some((_, options)) = &mut select {
                        options
                            .push((attribute(rest, "value").unwrap_or_else(|| unescape(text)), has(rest, "selected")));
                    }
                }
                ("select", true) => {
                    if let (Some((name, options)), Some(form)) = (select.take(), forms.last_mut()) {
                        let chosen = options.iter().find(|(_, selected)| *selected).or(options.first());
                        form.fields.extend(chosen.map(|(value, _)| (name, value.clone())));
                    }
                }
                ("textarea", false) => {
                    if let (Some(name), Some(form)) = (name, forms.last_mut()) {
                        form.fields.push((name, unescape(text.strip_prefix('\n').unwrap_or(text))));
                    }
                }
                ("input", false) => {
                    let kind = attribute(rest, "type").unwrap_or_default();
                    let is_ticked = !matches!(kind.as_str(), "checkbox" | "radio") || has(rest, "checked");
                    if let (Some(name), Some(form), true) = (name, forms.last_mut(), is_ticked) {
                        form.fields.push((name, attribute(rest, "value").unwrap_or_default()));
                    }
                }
                _ => {}
            }
        }
        forms
    }

    /// What stands in a field; empty when there is none.
    pub fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).unwrap_or_default()
    }

    /// With a field set: typed over, ticked or chosen, whether it was there or not.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match self.fields.iter_mut().find(|(n, _)| n == name) {
            Some(field) => field.1 = value.to_owned(),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Without a field: not ticked.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(n, _)| n != name);
        self
    }

    /// Sends it; nothing is followed.
    pub fn send(&self, browser: &mut Browser) -> Answer {
        let fields: Vec<(&str, &str)> = self.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        browser.post(&self.action, &fields)
    }
}
