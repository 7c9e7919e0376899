//! The settings file as `latchkey setup` changes it: line by line, so that comments and everything else stay.

use std::fs::{DirBuilder, File, OpenOptions, rename};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// A setting and its value.
pub type Wanted = (&'static str, String);

/// What a file that `setup` makes begins with.
const HEADING: &str =
    "# Settings of Latchkey. `latchkey config reference` prints all there are, with their meaning.\n\n";

/// Why a file has to be changed by hand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} stands in the file in a form that is not changed here. Change it by hand to: {0} = {1:?}")]
pub struct ByHand(&'static str, String);

/// The text with these settings: each in the place of its old value, of its commented example, or at the end.
pub fn with(text: Option<&str>, wanted: &[Wanted]) -> Result<String, ByHand> {
    let mut lines: Vec<String> = text.unwrap_or(HEADING).lines().map(str::to_owned).collect();
    for (name, value) in wanted {
        let line = format!("{name} = {}", toml::Value::String(value.clone()));
        let place = |is_said: bool| lines.iter().position(|l| setting_of(l, is_said).is_some_and(|n| is(&n, name)));
        match place(true).or_else(|| place(false)) {
            Some(at) => lines[at] = line,
            None => lines.push(line),
        }
    }
    let text = lines.join("\n") + "\n";
    // A value of several lines would be left behind in part: then it is not ours to change.
    let table: toml::Table = text.parse().unwrap_or_default();
    match wanted.iter().find(|(name, value)| said(&table, name).as_ref() != Some(value)) {
        Some((name, value)) => Err(ByHand(name, value.clone())),
        None => Ok(text),
    }
}

/// What a file says of a setting now, a list joined by commas.
pub fn value_of(text: &str, name: &str) -> Option<String> {
    said(&text.parse().ok()?, name)
}

fn said(table: &toml::Table, name: &str) -> Option<String> {
    let value = table.iter().find(|(n, _)| is(n, name))?.1;
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Array(items) => Some(items.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(",")),
        other => Some(other.to_string()),
    }
}

/// The name that a line sets, or with `is_said` false would set if it were no comment.
fn setting_of(line: &str, is_said: bool) -> Option<String> {
    let line = line.trim_start();
    let line = if is_said { line } else { line.strip_prefix('#')?.trim_start() };
    let (name, _) = line.split_once('=')?;
    Some(name.trim().trim_matches('"').to_owned())
}

fn is(name: &str, wanted: &str) -> bool {
    name.replace('_', "-") == wanted
}

/// Puts a file in place, whole or not at all. Everybody may read it: it holds no secret.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    rename(&beside, path)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(value: &str) -> Vec<Wanted> {
        vec![("url", value.to_owned())]
    }

    #[test]
    fn a_new_file_says_what_is_wanted_and_where_to_read_more() {
        let text = with(None, &url("https://a.example")).expect("written");
        assert!(text.starts_with("# ") && text.ends_with("\nurl = \"https://a.example\"\n"), "{text}");
        assert_eq!(value_of(&text, "url").as_deref(), Some("https://a.example"));
    }

    #[test]
    fn everything_else_in_a_file_stays_where_it_is() {
        let before = "# my house\nsession-idle = \"2h\"\n\nurl = \"http://old\" # since May\nlog = \"debug\"\n";
        let after = with(Some(before), &url("https://new")).expect("written");
        assert_eq!(after, "# my house\nsession-idle = \"2h\"\n\nurl = \"https://new\"\nlog = \"debug\"\n");
        assert_eq!(with(Some(&after), &url("https://new")).as_deref(), Ok(after.as_str()), "twice is once");
    }

    #[test]
    fn a_commented_example_is_where_the_setting_goes_and_a_said_one_goes_before_it() {
        assert_eq!(with(Some("#url = \"\"\n# end\n"), &url("x")).as_deref(), Ok("url = \"x\"\n# end\n"));
        assert_eq!(with(Some("#url = \"\"\nurl = \"y\"\n"), &url("x")).as_deref(), Ok("#url = \"\"\nurl = \"x\"\n"));
        let spelt = with(Some("trusted_proxies = \"::1\"\n"), &[("trusted-proxies", "127.0.0.1".into())]);
        assert_eq!(spelt.as_deref(), Ok("trusted-proxies = \"127.0.0.1\"\n"));
    }

    #[test]
    fn a_value_of_several_lines_is_left_to_its_owner() {
        let before = "listen = [\n  \"127.0.0.1:1\",\n]\n";
        let refused = with(Some(before), &[("listen", "[::]:2".into())]).expect_err("by hand");
        assert!(refused.to_string().contains("listen = \"[::]:2\""), "{refused}");
        assert_eq!(value_of(before, "listen").as_deref(), Some("127.0.0.1:1"));
        assert!(with(Some(before), &url("http://x")).is_ok(), "other settings can be changed");
    }

    #[test]
    fn quotes_and_backslashes_come_back_as_they_were() {
        let wild = r#"a "b" \c"#;
        let text = with(None, &url(wild)).expect("written");
        assert_eq!(value_of(&text, "url").as_deref(), Some(wild));
    }
}
