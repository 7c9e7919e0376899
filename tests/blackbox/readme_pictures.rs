//! The pictures that the README shows: made here, by `tests/pictures`, and kept small.

use std::path::{Path, PathBuf};

use crate::support::chromium::Page;
use crate::support::{PASSWORD, Server};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pictures");
/// All that somebody fetches who opens the README.
const MOST_BYTES: u64 = 60_000;

/// A house as a newcomer would have it after a week.
fn house() -> Server {
    let server = Server::start();
    server.user("alice", &["--name", "Alice Liddell", "--email", "alice@home.example", "--email-verified", "--admin"]);
    let apps: [(&str, &str, &str, &[&str]); 6] = [
        ("Portainer", "House", "Containers of this house", &["--preset", "portainer"]),
        ("Gravitee", "House", "APIs and who may call them", &["--preset", "gravitee"]),
        ("Grafana", "House", "How warm it is in the cellar", &[]),
        ("Immich", "Family", "All our photos", &[]),
        ("Paperless", "Family", "Letters, invoices, school", &[]),
        ("Jellyfin", "Family", "Films and music", &[]),
    ];
    for (name, group, description, options) in apps {
        let url = format!("https://{}.home.example", name.to_lowercase());
        let redirect = format!("{url}/callback");
        let mut all = vec!["app", "create", name, "--app-group", group, "--description", description];
        all.extend(options);
        all.extend(if options.is_empty() {
            ["--redirect-uri", redirect.as_str()]
        } else {
            ["--app-url", url.as_str()]
        });
        server.cli(&all).ok();
    }
    server
}

fn pictures() -> [PathBuf; 3] {
    ["sign-in.webp", "my-applications.webp", "connect.webp"].map(|name| Path::new(FOLDER).join(name))
}

/// Opens the pages as the pictures show them; each is written when `LATCHKEY_PICTURES` asks for it.
#[test]
fn the_pages_that_the_readme_shows_are_there() {
    let (server, page) = (house(), Page::open());
    let [sign_in, my_applications, connect] = pictures();
    let write = |file: &Path| {
        if std::env::var_os("LATCHKEY_PICTURES").is_some() {
            std::fs::create_dir_all(FOLDER).expect("the folder");
            std::fs::write(file, page.picture()).expect("written");
        }
    };
    page.size(390, 640);
    let app: serde_json::Value =
        serde_json::from_str(&server.cli(&["app", "show", "portainer", "--json"]).ok()).expect("JSON");
    let client = app["client_id"].as_str().expect("a client ID");
    let query = "redirect_uri=https://portainer.home.example/&scope=openid&state=s-1";
    page.go(&format!("{}/application/o/authorize/?response_type=code&client_id={client}&{query}", server.base));
    page.see("#login-submit");
    write(&sign_in);
    page.size(960, 420);
    page.go(&format!("{}/login/", server.base));
    page.sign_in("alice", PASSWORD);
    page.see(".tile");
    write(&my_applications);
    page.size(960, 800);
    page.colour_scheme("dark");
    page.go(&format!("{}/if/admin/providers/1/connect/", server.base));
    page.see(".copy");
    write(&connect);
}

#[test]
fn the_readme_shows_pictures_that_are_small() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("the README");
    let mut bytes = 0;
    for file in pictures() {
        let name = file.file_name().and_then(|n| n.to_str()).expect("a name");
        assert!(readme.contains(&format!("docs/pictures/{name}")), "the README does not show {name}");
        bytes += std::fs::metadata(&file).unwrap_or_else(|e| panic!("{name}: {e}; tests/pictures makes it")).len();
    }
    assert!(bytes < MOST_BYTES, "{bytes} bytes of pictures");
}
