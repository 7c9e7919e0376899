//! Forms with labels, hints and problems: one place that wires a field to what is said of it, for eyes and for screen
//! readers alike.

use askama::Template;
use askama::filters::HtmlSafe;

use super::filters;
use crate::domain::problems::{Problems, WHOLE};
use crate::http::Params;
use crate::words::Lang;

/// A form as it is shown: what stands in it (what was typed, after a problem), and what is wrong.
#[derive(Debug, Clone)]
pub struct Form {
    pub lang: Lang,
    pub values: Params,
    pub problems: Problems,
    /// Proves that the form is ours; see [`Form::token_field`].
    pub token: String,
    /// Whether it is about the reader, so that browsers may fill it in.
    pub is_own: bool,
}

/// One option of a select.
#[derive(Debug, Clone)]
pub struct Choice {
    pub value: String,
    pub text: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self { value: value.into(), text: text.into() }
    }
}

#[derive(Debug)]
enum Kind {
    Input(&'static str),
    Area { rows: u8 },
    Select(Vec<Choice>),
    Check,
}

/// One field with its label. Printed into a template it is whole.
#[derive(Debug, Template)]
#[template(path = "field.html")]
pub struct Field {
    kind: Kind,
    name: String,
    label: String,
    value: String,
    hint: Option<String>,
    wrong: Option<String>,
    required: bool,
    optional: Option<String>,
    mono: bool,
    autocomplete: &'static str,
    list: Option<&'static str>,
    max: usize,
    is_numeric: bool,
    is_fixed: bool,
    is_own: bool,
}

impl HtmlSafe for Field {}

/// The longest text of a field, in characters, unless it says otherwise.
const MAX: usize = 256;

impl Form {
    /// An empty form.
    pub fn new(lang: Lang, token: String) -> Self {
        Self { lang, values: Params::default(), problems: Problems::default(), token, is_own: false }
    }

    /// The same about the reader's own account.
    #[must_use]
    pub fn own(mut self) -> Self {
        self.is_own = true;
        self
    }

    /// What stands in the fields.
    #[must_use]
    pub fn filled(mut self, values: Params) -> Self {
        self.values = values;
        self
    }

    #[must_use]
    pub fn wrong(mut self, problems: Problems) -> Self {
        self.problems = problems;
        self
    }

    pub fn value(&self, name: &str) -> &str {
        self.values.first(name).unwrap_or_default()
    }

    /// What is wrong with a field, in the reader's language.
    pub fn problem(&self, name: &str) -> Option<String> {
        self.problems.at(name).map(|words| words.said(self.lang))
    }

    /// What is wrong with the form as a whole.
    pub fn problem_of_whole(&self) -> Option<String> {
        self.problem(WHOLE)
    }

    pub fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// Whether something is wrong with one of these fields.
    pub fn has_problem_in(&self, names: impl IntoIterator<Item = &'static str>) -> bool {
        names.into_iter().any(|name| self.problems.at(name).is_some())
    }

    /// One line of text.
    pub fn text(&self, name: &str, label: &str) -> Field {
        self.field(Kind::Input("text"), name, label)
    }

    /// A day, as `2026-11-23`.
    pub fn day(&self, name: &str, label: &str) -> Field {
        self.field(Kind::Input("date"), name, label)
    }

    pub fn email(&self, name: &str, label: &str) -> Field {
        self.field(Kind::Input("email"), name, label)
    }

    /// An address. The browser's own check of `type=url` would refuse what we explain better.
    pub fn url(&self, name: &str, label: &str) -> Field {
        let mut field = self.field(Kind::Input("text"), name, label).mono();
        field.max = 2_000;
        field
    }

    /// A new password; it is never filled in again.
    pub fn new_password(&self, name: &str, label: &str) -> Field {
        let mut field = self.field(Kind::Input("password"), name, label).autocomplete("new-password");
        field.value.clear();
        field
    }

    pub fn area(&self, name: &str, label: &str, rows: u8) -> Field {
        let mut field = self.field(Kind::Area { rows }, name, label);
        field.max = 16_384;
        field
    }

    pub fn select(&self, name: &str, label: &str, choices: Vec<Choice>) -> Field {
        let mut field = self.field(Kind::Select(choices), name, label);
        // Something is always chosen.
        field.optional = None;
        field
    }

    /// A choice between a few words of the program, each with the key of its name.
    pub fn select_of(&self, name: &str, label: &str, words: &[(&str, &str)]) -> Field {
        let choices = words.iter().map(|(value, key)| Choice::new(*value, self.lang.say(key)));
        self.select(name, label, choices.collect())
    }

    /// One line of text that may be long.
    pub fn long_text(&self, name: &str, label: &str) -> Field {
        let mut field = self.text(name, label);
        field.max = 512;
        field
    }

    /// A box to tick: sent as `on`, or not at all.
    pub fn check(&self, name: &str, label: &str) -> Field {
        let mut field = self.field(Kind::Check, name, label);
        field.optional = None;
        field
    }

    fn field(&self, kind: Kind, name: &str, label: &str) -> Field {
        Field {
            kind,
            name: name.to_owned(),
            label: self.lang.say(label),
            value: self.value(name).to_owned(),
            hint: None,
            wrong: self.problem(name),
            required: false,
            optional: Some(self.lang.say("field-optional")),
            mono: false,
            autocomplete: "off",
            list: None,
            max: MAX,
            is_numeric: false,
            is_fixed: false,
            is_own: self.is_own,
        }
    }
}

impl Field {
    /// A sentence under the field, said already.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self.optional = None;
        self
    }

    /// Nothing is said of it being optional: no part of a search has to be filled in.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.optional = None;
        self
    }

    /// For codes, addresses and expressions.
    #[must_use]
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    #[must_use]
    pub fn autocomplete(mut self, what: &'static str) -> Self {
        self.autocomplete = what;
        self
    }

    /// What browsers may fill in where the account is the reader's own.
    #[must_use]
    pub fn own(self, what: &'static str) -> Self {
        if self.is_own { self.autocomplete(what) } else { self }
    }

    /// The id of a `<datalist>` with suggestions.
    #[must_use]
    pub fn list(mut self, id: &'static str) -> Self {
        self.list = Some(id);
        self
    }

    /// For a number: phones show digits to type with. It is text for all that, so that we say what is wrong with it.
    #[must_use]
    pub fn numeric(mut self) -> Self {
        self.is_numeric = true;
        self
    }

    /// Shown and not sent: it cannot be changed here.
    #[must_use]
    pub fn fixed(mut self, value: &str) -> Self {
        self.is_fixed = true;
        self.value = value.to_owned();
        self.bare()
    }

    /// Whether browsers know what to fill in.
    fn is_filled_in(&self) -> bool {
        self.autocomplete != "off"
    }

    fn is_input(&self) -> bool {
        matches!(self.kind, Kind::Input(_))
    }

    fn is_check(&self) -> bool {
        matches!(self.kind, Kind::Check)
    }

    fn input_type(&self) -> &'static str {
        if let Kind::Input(kind) = self.kind { kind } else { "text" }
    }

    fn rows(&self) -> Option<u8> {
        if let Kind::Area { rows } = self.kind { Some(rows) } else { None }
    }

    fn select_choices(&self) -> Option<&[Choice]> {
        if let Kind::Select(choices) = &self.kind { Some(choices) } else { None }
    }

    /// The ids of what is said of the field, for `aria-describedby`.
    fn described_by(&self) -> Option<String> {
        let ids = [self.wrong.as_ref().map(|_| "wrong"), self.hint.as_ref().map(|_| "hint")];
        let ids: Vec<String> = ids.into_iter().flatten().map(|id| format!("{}-{id}", self.name)).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    fn form(problems: Problems) -> Form {
        let values = Params::parse(b"name=%3Cb%3E&kind=two&on=on&password=secret");
        Form::new(Lang::english(), "t".into()).filled(values).wrong(problems)
    }

    #[test]
    fn what_was_typed_comes_back_inert_and_a_password_does_not() {
        let form = form(Problems::default());
        let html = form.text("name", "group-name").to_string();
        assert!(html.contains(r#"value="&#60;b&#62;""#) && html.contains(r#"for="name""#), "{html}");
        assert!(!form.new_password("password", "group-name").to_string().contains("secret"));
        let area = form.area("name", "group-name", 4).to_string();
        assert!(area.contains(">&#60;b&#62;</textarea>"), "{area}");
    }

    #[test]
    fn a_problem_stands_at_its_field_and_is_read_with_it() {
        let problems = Problems::one("name", Words::new("bad-name-display"));
        let html = form(problems).text("name", "group-name").hint("H").required().to_string();
        assert!(html.contains(r#"aria-describedby="name-wrong name-hint""#), "{html}");
        assert!(html.contains(r#"aria-invalid="true""#) && html.contains(r#"id="name-wrong""#), "{html}");
        let fine = form(Problems::default()).text("name", "group-name").to_string();
        assert!(!fine.contains("aria-invalid") && !fine.contains("wrong"), "{fine}");
    }

    #[test]
    fn choices_and_boxes_keep_what_was_chosen() {
        let form = form(Problems::default());
        let choices = || vec![Choice::new("one", "One"), Choice::new("two", "Two")];
        let select = form.select("kind", "group-name", choices()).to_string();
        assert!(select.contains(r#"<option value="two" selected>Two"#), "{select}");
        assert!(form.check("on", "group-name").to_string().contains(" checked"));
        assert!(!form.check("off", "group-name").to_string().contains(" checked"));
    }
}
