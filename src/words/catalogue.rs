//! The languages there are, parsed at the first use of each.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use include_dir::{Dir, include_dir};
use unic_langid::LanguageIdentifier;

use super::{Value, shown};

pub(super) static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/words/locales");
const ENGLISH: &str = "en";

/// English first: what a language lacks is said in it.
static LANGUAGES: LazyLock<Vec<Catalogue>> = LazyLock::new(|| {
    let mut all: Vec<Catalogue> = FOLDER
        .dirs()
        .filter_map(|dir| {
            let code = dir.path().file_name()?.to_str()?;
            Some(Catalogue { code, bundle: LazyLock::new(Box::new(move || parse(code, dir))) })
        })
        .collect();
    all.sort_by_key(|c| (c.code != ENGLISH, c.code));
    all
});

type Make = Box<dyn FnOnce() -> FluentBundle<FluentResource> + Send>;

struct Catalogue {
    code: &'static str,
    bundle: LazyLock<FluentBundle<FluentResource>, Make>,
}

/// A language that pages can be shown in.
#[derive(Clone, Copy)]
pub struct Lang(&'static Catalogue);

impl std::fmt::Debug for Lang {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lang({})", self.0.code)
    }
}

impl PartialEq for Lang {
    fn eq(&self, other: &Self) -> bool {
        self.0.code == other.0.code
    }
}

impl Eq for Lang {}

/// Every language there is, English first.
pub fn languages() -> impl Iterator<Item = Lang> {
    LANGUAGES.iter().map(Lang)
}

impl Lang {
    pub fn english() -> Self {
        Self(&LANGUAGES[0])
    }

    /// Its code (RFC 5646), as in `lang="de"`.
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// What it calls itself.
    pub fn own_name(self) -> String {
        self.say("language-name")
    }

    pub(super) fn format(self, key: &str, values: &[(&'static str, Value)]) -> String {
        let found = message(self, key, values).or_else(|| message(Self::english(), key, values));
        found.unwrap_or_else(|| {
            tracing::error!(key, "the catalogue lacks a text");
            key.to_owned()
        })
    }
}

fn message(lang: Lang, key: &str, values: &[(&'static str, Value)]) -> Option<String> {
    let bundle = &*lang.0.bundle;
    let pattern = bundle.get_message(key)?.value()?;
    if values.is_empty() {
        return Some(bundle.format_pattern(pattern, None, &mut Vec::new()).into_owned());
    }
    let mut args = FluentArgs::with_capacity(values.len());
    for (name, value) in values {
        match value {
            Value::Text(text) => args.set(*name, FluentValue::from(shown(text))),
            Value::Number(number) => args.set(*name, FluentValue::from(*number)),
        }
    }
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
    if !errors.is_empty() {
        tracing::error!(key, language = lang.code(), ?errors, "a text of the catalogue is not whole");
    }
    Some(text)
}

fn parse(code: &str, dir: &'static Dir<'static>) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = code.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Pages isolate names with <bdi>; invisible marks in titles and attributes would only confuse.
    bundle.set_use_isolating(false);
    for file in dir.files() {
        let text = file.contents_utf8().unwrap_or_default().to_owned();
        // What does not parse is left out here and found by a test.
        let resource = FluentResource::try_new(text).unwrap_or_else(|(resource, _)| resource);
        if bundle.add_resource(resource).is_err() {
            tracing::error!(language = code, file = %file.path().display(), "the catalogue has a key twice");
        }
    }
    bundle
}
