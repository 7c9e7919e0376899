//! What can be done about what went wrong, by what people see. Open to anybody, under any name and over http too: who
//! cannot come in by the right way is the one who needs it.

use askama::Template;
use askama::filters::Safe;

use super::filters;
use super::shell::Shell;
use crate::domain::symptom::{CHAPTERS, Symptom};
use crate::words::prose;

/// The page of all symptoms.
#[derive(Debug, Template)]
#[template(path = "help.html")]
pub struct Help<'a> {
    pub ui: &'a Shell,
    pub base_url: &'a str,
    /// Whether there is a page about an own certificate authority.
    pub has_authority: bool,
}

/// Pages that the texts name, and that are always there.
const PAGES: [&str; 6] =
    ["/if/user/", "/if/admin/", "/if/admin/events/", "/if/admin/providers/", "/if/admin/settings/", "/if/admin/users/"];
const TRUST: &str = "/trust/";

impl Help<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }

    fn text(&self, symptom: &Symptom) -> Safe<String> {
        let text = self.ui.say_with(&symptom.text(), &[("url", self.base_url.into())]);
        let pages: Vec<&str> = PAGES.into_iter().chain(self.has_authority.then_some(TRUST)).collect();
        prose::html(&text, &pages)
    }
}

/// The same in English as a document, in Markdown.
pub fn document() -> String {
    let say = |key: &str| crate::words::Lang::english().say_with(key, &[("url", EXAMPLE.into())]);
    let mut out = format!(
        "# {}\n\n{} Error pages link to the same page at `/help/`, where each server has it in the reader's language.\n\n\
         Made by `latchkey generate troubleshooting`; a test compares the two. More: [backup and restore](backup.md),\n\
         [upgrade](upgrade.md), [https](https.md), [Portainer](portainer.md), [Gravitee](gravitee.md).\n",
        say("help"),
        say("help-what")
    );
    for chapter in CHAPTERS {
        out += &format!("\n## {}\n", say(chapter.title));
        for symptom in chapter.symptoms {
            // GitHub gives headings anchors of its own, made from their words.
            let (anchor, title) = (symptom.anchor(), say(symptom.title()));
            out += &format!("\n<a id=\"{anchor}\"></a>\n\n### {title}\n\n{}\n", say(&symptom.text()));
        }
    }
    out
}

/// The base URL of the documents.
const EXAMPLE: &str = "https://auth.home.example";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::symptom::anchors;
    use crate::words::languages;

    fn page(ui: &Shell, base_url: &str, has_authority: bool) -> String {
        Help { ui, base_url, has_authority }.render()
    }

    #[test]
    fn every_symptom_is_told_of_in_every_language_and_every_link_leads_somewhere() {
        let anchors = anchors();
        for lang in languages() {
            let html = page(&Shell::plain(lang), "https://auth.example", true);
            for anchor in &anchors {
                assert_eq!(html.matches(&format!(" id=\"{anchor}\"")).count(), 1, "{}: {anchor}", lang.code());
            }
            for link in html.split("href=\"#").skip(1).filter_map(|l| l.split('"').next()) {
                assert!(link == "page" || anchors.contains(&link), "{}: #{link}", lang.code());
            }
            assert!(!html.contains('`') && !html.contains("](#"), "{}: markup that is not whole", lang.code());
            assert!(html.contains("https://auth.example") && html.contains("href=\"/trust/\""));
        }
    }

    #[test]
    fn every_language_names_the_same_commands_and_places() {
        let marked = |symptom: Symptom, lang: crate::words::Lang| {
            let text = lang.say(&symptom.text());
            let code = text.split('`').skip(1).step_by(2).map(str::to_owned);
            let links = text.split("](#").skip(1).filter_map(|l| l.split(')').next()).map(str::to_owned);
            code.chain(links).collect::<std::collections::BTreeSet<_>>()
        };
        for symptom in CHAPTERS.iter().flat_map(|c| c.symptoms) {
            let english = marked(*symptom, crate::words::Lang::english());
            for lang in languages() {
                assert_eq!(marked(*symptom, lang), english, "{}: {}", lang.code(), symptom.anchor());
            }
        }
    }

    #[test]
    fn a_page_that_is_not_there_is_named_and_not_linked() {
        let html = page(&Shell::english(), "https://auth.example", false);
        assert!(html.contains(">/trust/</span></code>") && !html.contains("href=\"/trust/\""));
    }

    #[test]
    fn the_document_has_the_same_places() {
        let document = document();
        for anchor in CHAPTERS.iter().flat_map(|c| c.symptoms).map(|s| s.anchor()) {
            assert_eq!(document.matches(&format!("<a id=\"{anchor}\">")).count(), 1, "{anchor}");
        }
        assert!(document.contains("`latchkey user recovery-link USER`") && !document.contains("{ $"));
    }
}
