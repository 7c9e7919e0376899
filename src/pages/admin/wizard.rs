//! Create with Provider: one form in steps, which carries what the other steps hold in hidden fields.

use askama::Template;

use super::super::IconChoice;
use super::super::filters;
use super::super::form::Form;
use super::super::shell::{Frame, Shell};
use super::fields::{BindingRow, ProviderFields};

/// Where in the wizard one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Preset,
    Application,
    ProviderType,
    Provider,
    Bindings,
    Review,
}

impl Step {
    pub const ALL: [Self; 6] =
        [Self::Preset, Self::Application, Self::ProviderType, Self::Provider, Self::Bindings, Self::Review];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preset => "preset",
            Self::Application => "application",
            Self::ProviderType => "provider-type",
            Self::Provider => "provider",
            Self::Bindings => "bindings",
            Self::Review => "review",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// The key of its heading.
    fn label(self) -> &'static str {
        match self {
            Self::Preset => "wizard-preset",
            Self::Application => "wizard-application",
            Self::ProviderType => "wizard-provider-type",
            Self::Provider => "wizard-provider",
            Self::Bindings => "wizard-bindings",
            Self::Review => "wizard-review",
        }
    }

    /// The step that is `by` further on, or back.
    pub fn moved(self, by: isize) -> Self {
        let at = Self::ALL.iter().position(|s| *s == self).unwrap_or_default();
        let at = at.saturating_add_signed(by).min(Self::ALL.len() - 1);
        Self::ALL[at]
    }
}

/// One step of "Create with Provider".
#[derive(Debug, Template)]
#[template(path = "admin/wizard.html")]
pub struct Wizard<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub step: Step,
    /// What the other steps hold.
    pub carried: Vec<(String, String)>,
    pub app_groups: Vec<String>,
    pub fields: ProviderFields,
    pub bindings: Vec<BindingRow>,
    /// Names to choose from while typing a binding's.
    pub known_names: Vec<String>,
    /// What will be made, in the order of the steps: the step's heading, then labels and values.
    pub review: Vec<(Step, Vec<(String, String)>)>,
}

impl Wizard<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }

    fn icon_choice(&self) -> IconChoice {
        IconChoice::of(self.form, None)
    }

    fn is(&self, step: &str) -> bool {
        self.step.as_str() == step
    }

    fn is_preset(&self, name: &str) -> bool {
        self.form.value("preset") == name
    }
}
