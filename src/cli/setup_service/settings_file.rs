//! The settings file as `latchkey setup` changes it: line by line, so that comments and everything else stay.

use std::fs::{DirBuilder, Metadata, Permissions, symlink_metadata};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

use crate::backup::draft::Draft;

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

/// Puts a file in place, whole or not at all. It is whose who runs this, and everybody may read it: it holds no secret.
/// What anybody else put beside it is followed nowhere.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
    let draft = Draft::new(path)?;
    draft.file()?.write_all(text.as_bytes())?;
    // Said once more: whoever runs this may keep new files to themselves (umask).
    draft.file()?.set_permissions(Permissions::from_mode(0o644))?;
    draft.keep(true)
}

/// Refuses a file that setup should not read nor write, in words with what to do: a link, which may lead anywhere; and
/// for the service, one that others than root can change, since root's own commands believe it.
pub fn look_at(path: &Path, is_service: bool) -> Result<(), String> {
    let shown = path.display();
    let about = |path: &Path| match symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        about => about.map(Some).map_err(|error| format!("{}: {error}", path.display())),
    };
    let file = about(path)?;
    if file.as_ref().is_some_and(|file| !file.is_file()) {
        return Err(format!(
            "{shown} is a link, or no file at all; setup follows none. Name the file itself with --config"
        ));
    }
    let folder = path.parent().map_or(Ok(None), about)?;
    let found = [(folder, path.parent().unwrap_or(path), "755"), (file, path, "644")];
    let is_bad = |about: &Option<Metadata>| is_service && about.as_ref().is_some_and(is_anybodys);
    match found.iter().find(|(about, ..)| is_bad(about)) {
        None => Ok(()),
        Some((_, path, mode)) => {
            let shown = path.display();
            Err(format!(
                "{shown} can be changed by others than root, and root believes what it says. Look what it says, then: chown root: {shown} && chmod {mode} {shown}"
            ))
        }
    }
}

fn is_anybodys(about: &Metadata) -> bool {
    about.uid() != 0 || about.mode() & 0o022 != 0
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

    #[test]
    fn a_file_is_everybodys_to_read_and_no_link_is_followed() {
        let folder = std::env::temp_dir().join(format!("latchkey-settings-{}", std::process::id()));
        let (path, secret) = (folder.join("latchkey.toml"), folder.join("secret"));
        write(&path, "url = \"x\"\n").expect("written");
        std::fs::write(&secret, "secret").expect("written");
        std::os::unix::fs::symlink(&secret, folder.join("latchkey.toml.partial")).expect("a link");
        write(&path, "url = \"y\"\n").expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "url = \"y\"\n");
        let about = std::fs::metadata(&path).expect("there");
        assert_eq!((about.mode() & 0o777, about.uid()), (0o644, rustix::process::geteuid().as_raw()));
        assert_eq!(std::fs::read_to_string(&secret).expect("read"), "secret");
        assert_eq!(look_at(&path, false), Ok(()));
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(look_at(&path, false), Ok(()), "none is none that leads elsewhere");
        std::os::unix::fs::symlink(&secret, &path).expect("a link");
        assert!(look_at(&path, false).expect_err("a link").contains("is a link"));
        std::fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn what_others_than_root_can_change_is_not_the_services() {
        let folder = std::env::temp_dir().join(format!("latchkey-anybodys-{}", std::process::id()));
        let path = folder.join("latchkey.toml");
        write(&path, "url = \"x\"\n").expect("written");
        let mode = |path: &Path, mode| std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
        for (of_file, of_folder, is_fine) in [
            (0o644, 0o755, true),
            (0o600, 0o700, true),
            (0o664, 0o755, false),
            (0o646, 0o755, false),
            (0o644, 0o775, false),
        ] {
            mode(&path, of_file);
            mode(&folder, of_folder);
            // Whoever is not root has none that is root's.
            let expected = is_fine && rustix::process::geteuid().is_root();
            assert_eq!(look_at(&path, true).is_ok(), expected, "{of_file:o} {of_folder:o}");
            assert_eq!(look_at(&path, false), Ok(()));
        }
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
