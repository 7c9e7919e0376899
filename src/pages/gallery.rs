//! What every page must keep, whatever it shows.
//!
//! With `LATCHKEY_GALLERY` set to a folder, the pages and the static files are written there to look at.

mod samples;

use regex::Regex;

use super::*;
use crate::domain::symptom::anchors;
use samples::{Sample, TOKEN, all};

fn count(html: &str, pattern: &str) -> usize {
    Regex::new(pattern).unwrap().find_iter(html).count()
}

fn attributes<'a>(html: &'a str, tag: &str, name: &str) -> Vec<&'a str> {
    let tag = Regex::new(&format!("<{tag}(?: [^>]*)?>")).unwrap();
    let name = Regex::new(&format!(" {name}=\"([^\"]*)\"")).unwrap();
    tag.find_iter(html).filter_map(|tag| Some(name.captures(tag.as_str())?.get(1)?.as_str())).collect()
}

#[test]
fn every_page_is_whole_and_has_its_ids() {
    for Sample { file, html, ids } in all() {
        assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"), "{file}");
        assert_eq!(count(&html, "<h1[ >]"), 1, "{file}: one h1");
        assert_eq!(count(&html, "<main[ >]"), 1, "{file}: one main");
        assert!(html.contains("<html lang=\"en\">") && html.contains("name=\"viewport\""), "{file}");
        assert_eq!(count(&html, "<title>.+ - Latchkey</title>"), 1, "{file}: a title");
        let found = attributes(&html, "[a-z0-9]+", "id");
        for id in ids {
            assert_eq!(found.iter().filter(|have| *have == id).count(), 1, "{file}: #{id} once");
        }
        let mut unique = found.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), found.len(), "{file}: ids are unique");
    }
}

#[test]
fn no_page_needs_more_than_its_content_security_policy_gives() {
    let own = Regex::new(r#"^/static/[a-z-]+\.[0-9a-f]{8}\.(css|js|svg)$"#).unwrap();
    for Sample { file, html, .. } in all() {
        assert_eq!(count(&html, "<style|<[a-z][^>]* style=|<[a-z][^>]* on[a-z]+=\""), 0, "{file}: nothing inline");
        assert_eq!(count(&html, "<script[ >]"), attributes(&html, "script", "src").len(), "{file}: scripts are files");
        let mut sources = attributes(&html, "script", "src");
        sources.extend(attributes(&html, "link", "href").into_iter().filter(|href| !href.starts_with('#')));
        sources.extend(attributes(&html, "img", "src"));
        for source in sources {
            assert!(own.is_match(source), "{file}: {source}");
            assert!(assets::find(source.trim_start_matches("/static/")).is_some(), "{file}: {source}");
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_description_exists() {
    let inputs = Regex::new("<input[^>]*>").unwrap();
    for Sample { file, html, .. } in all() {
        for input in inputs.find_iter(&html).map(|m| m.as_str()).filter(|input| !input.contains("type=\"hidden\"")) {
            let id = attributes(input, "input", "id");
            let labelled = id.iter().any(|id| html.contains(&format!("<label for=\"{id}\"")));
            assert!(labelled || input.contains(" aria-label=\""), "{file}: {input}");
        }
        let ids = attributes(&html, "[a-z0-9]+", "id");
        let refs = ["aria-describedby", "aria-labelledby"].map(|name| attributes(&html, "[a-z0-9]+", name)).concat();
        for id in refs.iter().flat_map(|ids| ids.split(' ')) {
            assert!(ids.contains(&id), "{file}: {id} is referred to");
        }
        // One that a script may show is none yet.
        assert!(count(&html, "role=\"alert\"( [^h]|>)") <= 1, "{file}: one alert");
    }
}

#[test]
fn every_form_of_ours_carries_its_token_and_hostile_text_stays_text() {
    let not_shown = Regex::new(" (?:value|href|action|content|data-options)=\"[^\"]*\"").unwrap();
    for Sample { file, html, .. } in all() {
        let forms = count(&html, "<form[^>]* method=\"post\"");
        let tokens = html.matches(&format!("name=\"form_token\" value=\"{TOKEN}\"")).count();
        assert_eq!(tokens, if file.starts_with("form-post") { 0 } else { forms }, "{file}");
        assert!(!html.contains("<script>") && !html.contains("alert(\""), "{file}: markup stays text");
        let shown = not_shown.replace_all(&html, "");
        assert!(!shown.contains(['\u{202e}', '\u{7}']), "{file}: no disguise in what is shown");
    }
}

#[test]
fn every_page_about_trouble_links_to_one_place_of_the_help_page_that_is_there() {
    let link = Regex::new("<a href=\"/help/#([a-z-]+)\">").unwrap();
    let samples = all();
    let mut led_to: Vec<&str> = Vec::new();
    for Sample { file, html, .. } in &samples {
        let found: Vec<_> = link.captures_iter(html).map(|c| c.get(1).unwrap().as_str()).collect();
        let is_trouble = html.contains("id=\"error-page\"")
            || html.contains("id=\"access-denied\"")
            || file.starts_with("sign-in")
            || file.starts_with("recovery-request")
            || ["setup-closed", "setup-link-invalid", "recovery-link-invalid", "invitation-invalid", "over"]
                .contains(file);
        assert_eq!(found.len(), usize::from(is_trouble), "{file}: {found:?}");
        assert_eq!(html.matches("/help/").count(), found.len(), "{file}");
        led_to.extend(found);
    }
    let there = anchors();
    led_to.sort_unstable();
    led_to.dedup();
    let nowhere: Vec<_> = led_to.iter().filter(|anchor| !there.contains(anchor)).collect();
    assert!(nowhere.is_empty() && led_to.len() > 15, "{nowhere:?} {led_to:?}");
}

#[test]
fn the_gallery_can_be_looked_at() {
    let Some(folder) = std::env::var_os("LATCHKEY_GALLERY").map(std::path::PathBuf::from) else { return };
    std::fs::create_dir_all(folder.join("static")).unwrap();
    for name in ["look.css", "form-post.js", "key.svg"] {
        let url = assets::url(name);
        let asset = assets::find(url.trim_start_matches("/static/")).unwrap();
        std::fs::write(folder.join(url.trim_start_matches('/')), asset.bytes).unwrap();
    }
    for Sample { file, html, .. } in all() {
        std::fs::write(folder.join(format!("{file}.html")), html.replace("\"/static/", "\"static/")).unwrap();
    }
}
