//! https without a reverse proxy: by an own certificate authority, or by certificate files; and what the plain port
//! answers then.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

use crate::clock::{now, set_mark};
use crate::support::chromium::Page;
use crate::support::client::{TOKEN, USERINFO};
use crate::support::disk::{database, eventually};
use crate::support::http::{basic, form};
use crate::support::inspect::inspect;
use crate::support::process::{passing_start, refused_start};
use crate::support::server::{Folder, free_port, run_cli};
use crate::support::{App, Browser, Http, Server};

const BOTH: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12, &rustls::version::TLS13];

/// A client that trusts these certificates only.
fn trusting(pem: &str, versions: &[&'static SupportedProtocolVersion]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(certificate.expect("a certificate")).expect("a root");
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let config = config.with_protocol_versions(versions).expect("versions");
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

/// A provider that serves https, and the port it does so on.
fn serving(options: &[&str]) -> (Server, u16) {
    serving_on(Folder::new(), options)
}

fn serving_on(folder: Arc<Folder>, options: &[&str]) -> (Server, u16) {
    let https = free_port();
    let (address, url) = (format!("127.0.0.1:{https}"), format!("https://localhost:{https}"));
    let all = [&["--https-listen", &address, "--url", &url], options].concat();
    (Server::start_on(folder, &all), https)
}

/// The same by certificates of its own authority.
pub fn own_ca(more: &[&str]) -> (Server, u16) {
    serving(&[&["--tls", "own-ca"], more].concat())
}

/// What devices install.
pub fn root_of(server: &Server) -> String {
    let answer = server.http().get("/ca.crt").expect(200);
    assert_eq!(answer.header("Content-Type"), Some("application/x-x509-ca-cert"));
    answer.body
}

/// A browser on the https port that trusts these roots only.
fn browser(server: &Server, https: u16, roots: &str) -> Browser {
    let mut browser = Browser::new(server);
    browser.http = browser.http.by_tls(https, trusting(roots, BOTH));
    browser
}

#[test]
fn portainer_signs_in_by_https_with_nothing_but_the_root_installed() {
    let (server, https) = own_ca(&[]);
    server.alice();
    let app: App = server.app("Portainer", &["--preset", "portainer", "--app-url", "https://portainer.company"]);
    let roots = root_of(&server);
    let mut alice = browser(&server, https, &roots);
    let page = alice.open(&app.authorize_url(&[("scope", "openid email profile"), ("state", "s-1")]));
    let back = alice.sign_in(&page, "alice");
    assert!(back.location().starts_with("https://portainer.company/?"), "{back:?}");
    // https: the cookie is bound to the host and goes by https only.
    assert!(alice.cookies.iter().any(|(name, _)| name == "__Host-latchkey"), "{:?}", alice.cookies);
    let code = back.location_param("code").expect("a code");
    // Portainer's server, with SSL_CERT_FILE.
    let http = Http::new(server.port, &server.base).by_tls(https, trusting(&roots, BOTH));
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", app.redirect.as_str())];
    let credentials = basic(&app.id, &app.secret);
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", credentials.as_str())];
    let tokens = http.send("POST", TOKEN, &headers, &form(&fields)).expect(200).json();
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("an access token"));
    let claims = http.get_with(USERINFO, &[("Authorization", &bearer)]).expect(200).json();
    assert_eq!(claims["preferred_username"], "alice");
    assert!(app.issuer.starts_with(&format!("https://localhost:{https}/")), "{}", app.issuer);
}

#[test]
fn either_version_of_tls_will_do_and_a_stranger_to_the_root_is_kept_away_by_the_client() {
    let (server, https) = own_ca(&[]);
    let roots = root_of(&server);
    let http = |roots: &str, versions: &[&'static SupportedProtocolVersion]| {
        Http::new(server.port, &server.base).by_tls(https, trusting(roots, versions))
    };
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        http(&roots, &[version]).get("/login/").expect(200);
    }
    let (other, _) = own_ca(&[]);
    let get = format!("GET /login/ HTTP/1.1\r\nHost: localhost:{https}\r\nConnection: close\r\n\r\n");
    let refused = http(&root_of(&other), BOTH).try_raw(get.as_bytes()).expect_err("an unknown root");
    assert!(format!("{refused:?}").contains("UnknownIssuer"), "{refused:?}");
    // Plain http on the https port is told what is wrong.
    let answer = Http::new(https, &server.base).get("/login/");
    assert!(answer.status == 400 && answer.body.contains("https"), "{answer:?}");
}

#[test]
fn the_plain_port_sends_pages_to_https_and_answers_programs() {
    let (server, https) = own_ca(&[]);
    let plain = Http::new(server.port, &format!("http://localhost:{}", server.port));
    let page = plain.get("/if/user/?a=b").expect(303);
    assert_eq!(page.location(), format!("https://localhost:{https}/if/user/?a=b"));
    let posted = plain.post("/login/", &[("username", "alice"), ("password", "secret")]);
    assert!(posted.status >= 400 && posted.header("Location").is_none(), "{posted:?}");
    // Programs would lose their body, and learn too late what they should not have sent.
    let refused = plain.post(TOKEN, &[("grant_type", "authorization_code")]);
    assert_eq!(refused.error(401), "invalid_client");
    plain.get("/healthz").expect(200);
    plain.get("/trust/").expect(200);
    // What is asked under another name is not sent anywhere.
    let stranger = plain.get_with("/login/", &[("Host", "evil.example")]);
    assert!(stranger.header("Location").is_none(), "{stranger:?}");
}

#[test]
fn hsts_is_said_only_where_every_browser_can_follow() {
    let hsts = |answer: &crate::support::Answer| answer.header("Strict-Transport-Security").map(str::to_owned);
    let (server, https) = own_ca(&[]);
    let http = Http::new(server.port, &server.base).by_tls(https, trusting(&root_of(&server), BOTH));
    assert_eq!(hsts(&http.get("/login/").expect(200)), None, "not everybody knows the root");
    // Behind a proxy that says https, on a host of one's own.
    let proxied = Server::start_with(&["--url", "https://auth.home.example", "--trusted-proxies", "127.0.0.1"]);
    let headers =
        |proto| [("Host", "auth.home.example"), ("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", proto)];
    let said = hsts(&proxied.http().get_with("/login/", &headers("https")).expect(200));
    assert!(said.is_some_and(|s| s.starts_with("max-age=") && !s.contains("includeSubDomains")));
    assert_eq!(hsts(&proxied.http().get_with("/login/", &headers("http"))), None);
    assert_eq!(hsts(&Server::start().http().get("/login/").expect(200)), None);
}

/// Writes a certificate for `localhost`, signed by a root of the test's own, and returns that root.
fn write_files(folder: &Path, serial: u64) -> String {
    let root_key = KeyPair::generate().expect("a key");
    let mut root = CertificateParams::new(Vec::<String>::new()).expect("parameters");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.distinguished_name.push(rcgen::DnType::CommonName, format!("Test root {serial}"));
    let certificate = root.self_signed(&root_key).expect("a root");
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let leaf = leaf.signed_by(&key, &Issuer::new(root, root_key)).expect("a certificate");
    std::fs::write(folder.join("tls.crt.new"), leaf.pem()).expect("written");
    std::fs::write(folder.join("tls.key.new"), key.serialize_pem()).expect("written");
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder.join("tls.key.new"), std::fs::Permissions::from_mode(0o600)).expect("a mode");
    for name in ["tls.key", "tls.crt"] {
        std::fs::rename(folder.join(format!("{name}.new")), folder.join(name)).expect("renamed");
    }
    certificate.pem()
}

#[test]
fn certificate_files_are_taken_up_when_they_change_and_broken_ones_are_not() {
    let folder = Folder::new();
    let files = folder.data().with_file_name("certificates");
    std::fs::create_dir_all(&files).expect("a folder");
    let first = write_files(&files, 1);
    let path = |name: &str| files.join(name).to_str().expect("a path").to_owned();
    let (certificate, key) = (path("tls.crt"), path("tls.key"));
    let options = ["--tls", "files", "--tls-certificate-file", &certificate, "--tls-key-file", &key];
    let (server, https) = serving_on(folder, &options);
    let get = format!("GET /login/ HTTP/1.1\r\nHost: localhost:{https}\r\nConnection: close\r\n\r\n");
    let serves = |roots: &str| {
        let http = Http::new(server.port, &server.base).by_tls(https, trusting(roots, BOTH));
        http.try_raw(get.as_bytes()).is_ok_and(|answer| answer.status == 200)
    };
    assert!(serves(&first));
    let second = write_files(&files, 2);
    eventually("the new files are taken up", || serves(&second));
    assert!(!serves(&first));
    std::fs::write(&certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").expect("written");
    std::thread::sleep(Duration::from_secs(12));
    assert!(serves(&second), "the old certificate is shown on");
    server.user("ada", &["--admin"]);
    let mut ada = browser(&server, https, &second);
    let page = ada.open("/login/");
    ada.sign_in(&page, "ada");
    assert!(ada.get("/if/admin/").expect(200).body.contains("the new ones cannot be used"));
    let third = write_files(&files, 3);
    eventually("good files are taken up again", || serves(&third));
}

#[test]
fn a_pipe_in_a_files_place_holds_nothing_up_and_a_key_that_others_may_read_is_noticed() {
    let folder = Folder::new();
    let files = folder.data().with_file_name("certificates");
    std::fs::create_dir_all(&files).expect("a folder");
    let first = write_files(&files, 1);
    let path = |name: &str| files.join(name).to_str().expect("a path").to_owned();
    let (certificate, key) = (path("tls.crt"), path("tls.key"));
    let options = ["--tls", "files", "--tls-certificate-file", &certificate, "--tls-key-file", &key];
    let (server, https) = serving_on(folder, &options);
    server.user("ada", &["--admin"]);
    let mut ada = browser(&server, https, &first);
    let page = ada.open("/login/");
    ada.sign_in(&page, "ada");
    let complains = |ada: &mut Browser| {
        let page = ada.get("/if/admin/").expect(200).body;
        page.contains("the new ones cannot be used")
    };
    let run = |program: &str, arguments: &[&str]| {
        assert!(std::process::Command::new(program).args(arguments).status().expect("it runs").success());
    };
    assert!(!complains(&mut ada));
    run("chmod", &["644", &key]);
    eventually("the mode of the key is noticed", || complains(&mut ada));
    run("chmod", &["600", &key]);
    eventually("and that it was mended", || !complains(&mut ada));
    std::fs::remove_file(&certificate).expect("removed");
    run("mkfifo", &[&certificate]);
    eventually("a pipe is no certificate", || complains(&mut ada));
    let second = write_files(&files, 2);
    let mut by_second = browser(&server, https, &second);
    let get = format!("GET /login/ HTTP/1.1\r\nHost: localhost:{https}\r\nConnection: close\r\n\r\n");
    eventually("good files are taken up again", || by_second.http.try_raw(get.as_bytes()).is_ok());
    by_second.open("/login/");
}

#[test]
fn files_that_cannot_serve_are_refused_at_the_start_in_words() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.data()).expect("a folder");
    let files = folder.data().with_file_name("certificates");
    std::fs::create_dir_all(&files).expect("a folder");
    write_files(&files, 1);
    let path = |name: &str| files.join(name).to_str().expect("a path").to_owned();
    // Whatever renews them may be at it this moment.
    let start = |certificate: &str, key: &str| {
        let data = Folder::new();
        let options = ["--tls", "files", "--tls-certificate-file", certificate, "--tls-key-file", key];
        passing_start(&data.data(), &options)
    };
    let (certificate, key) = (path("tls.crt"), path("tls.key"));
    assert!(start(&path("nothing"), &key).contains("cannot be read"));
    assert!(start(&key, &key).contains("holds no certificate"));
    std::fs::copy(&certificate, files.join("old.crt")).expect("copied");
    write_files(&files, 2);
    assert!(start(&path("old.crt"), &key).contains("does not belong to the certificate"));
    let status = std::process::Command::new("chmod").args(["644", &key]).status().expect("chmod");
    assert!(status.success());
    for key in [&key, &certificate] {
        let options = ["--tls", "files", "--tls-certificate-file", &certificate, "--tls-key-file", key];
        let words = refused_start(&Folder::new().data(), &options);
        assert!(words.contains("private key") && words.contains("chmod 600"), "{words}");
    }
    let said = run_cli(&Folder::new().data(), &["serve", "--tls", "own-ca", "--url", "http://a.example"], "");
    assert!(said.code != 0 && said.stderr.contains("https://"), "{said:?}");
}

#[test]
fn the_root_vouches_for_its_names_only_and_another_one_is_made_by_command_only() {
    let folder = Folder::new();
    let (mut server, https) = serving_on(folder, &["--tls", "own-ca", "--tls-names", "auth.home.example,192.168.7.5"]);
    let root = root_of(&server);
    let shown = server.cli(&["ca", "show"]).ok();
    for name in ["localhost", "auth.home.example", "192.168.7.5"] {
        assert!(shown.contains(name), "{shown}");
    }
    assert_eq!(server.cli(&["ca", "certificate"]).ok().trim(), root.trim());
    // By address, as a device without our DNS would.
    let by_address = format!("https://192.168.7.5:{https}");
    Http::new(server.port, &by_address).by_tls(https, trusting(&root, BOTH)).get("/healthz").expect(200);
    assert_eq!(server.stop(), Some(0));
    let https_listen = format!("127.0.0.1:{https}");
    let again = |names: &str| {
        let options = ["--tls", "own-ca", "--https-listen", &https_listen, "--tls-names", names];
        Server::start_at(server.folder(), server.port, &server.base, &options)
    };
    // A name outside of what the root may vouch for is said loudly, and changes no root.
    let mut wider = again("auth.home.example,192.168.7.5,other.example");
    assert_eq!(root_of(&wider), root);
    assert!(wider.cli(&["ca", "show"]).stderr.contains("other.example"));
    assert!(wider.http().get("/trust/").expect(200).body.contains("note bad"));
    wider.cli(&["ca", "renew"]).ok();
    eventually("the server takes the new root up", || root_of(&wider) != root);
    let new = root_of(&wider);
    let wide = format!("https://other.example:{https}");
    eventually("its certificate follows", || {
        let get = format!("GET /healthz HTTP/1.1\r\nHost: other.example:{https}\r\nConnection: close\r\n\r\n");
        Http::new(wider.port, &wide).by_tls(https, trusting(&new, BOTH)).try_raw(get.as_bytes()).is_ok()
    });
    assert_eq!(wider.stop(), Some(0));
}

#[test]
fn a_clock_beyond_the_roots_end_keeps_no_server_from_starting_and_its_certificate_stays() {
    let (mut server, _) = own_ca(&[]);
    let leaf = |server: &Server| {
        let sql = "SELECT leaf_certificate FROM tls_authority";
        database(&server.data()).query_row(sql, [], |r| r.get::<_, Vec<u8>>(0)).expect("a certificate")
    };
    let (roots, before) = (root_of(&server), leaf(&server));
    assert_eq!(server.stop(), Some(0));
    set_mark(&server.data(), 2_209_000_000);
    let (server, https) = serving_on(server.folder(), &["--tls", "own-ca"]);
    assert!(leaf(&server) == before, "no other is made by a clock that is wrong");
    browser(&server, https, &roots).open("/login/");
    let said = server.printed();
    assert!(said.contains("latchkey clock reset") && said.contains("2040-01-01"), "{said}");
    assert!(!said.contains("latchkey ca renew"), "nobody installs another root for a clock that is wrong: {said}");

    // Where there is none yet, one is made all the same: the clock is then mended by a command.
    let fresh = Folder::new();
    let mut server = Server::start_on(Arc::clone(&fresh), &[]);
    assert_eq!(server.stop(), Some(0));
    set_mark(&fresh.data(), 2_209_000_000);
    let (server, _) = serving_on(fresh, &["--tls", "own-ca"]);
    server.cli(&["clock", "reset"]).ok();
    assert!(server.http().get("/readyz").status == 200);
}

#[test]
fn no_root_is_made_by_a_clock_that_may_be_wrong_unless_somebody_insists() {
    let (mut server, _) = own_ca(&[]);
    let root = |server: &Server| server.cli(&["ca", "certificate"]).ok();
    let first = root(&server);
    assert_eq!(server.stop(), Some(0));
    // Days further than the machine now believes, as a clock that ran ahead leaves it.
    set_mark(&server.data(), now() + 5 * 86_400);
    let words = server.cli(&["ca", "renew"]).refused(1);
    assert!(
        words.contains("behind") && words.contains("--despite-clock") && words.contains("Nothing was changed"),
        "{words}"
    );
    assert_eq!(root(&server), first);
    server.cli(&["ca", "renew", "--despite-clock"]).ok();
    let second = root(&server);
    assert_ne!(second, first);
    // Put right, it needs no such word.
    server.cli(&["clock", "reset"]).ok();
    server.cli(&["ca", "renew"]).ok();
    assert_ne!(root(&server), second);
}

#[test]
fn a_proxy_is_told_what_to_do_and_told_of_when_it_does_otherwise() {
    let server = Server::start_with(&["--url", "https://auth.home.example", "--trusted-proxies", "127.0.0.1"]);
    for (proxy, words) in [
        ("caddy", "reverse_proxy 127.0.0.1:"),
        ("nginx", "proxy_pass http://127.0.0.1:"),
        ("traefik", "Host(`auth.home.example`)"),
        ("npm", "auth.home.example"),
    ] {
        let said = server.cli(&["proxy-config", proxy]).ok();
        assert!(said.contains(words) && said.contains("auth.home.example"), "{said}");
    }
    server.cli(&["proxy-config", "apache"]).refused(2);
    server.user("ada", &["--admin"]);
    let headers = [("Host", "auth.home.example"), ("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", "http")];
    server.http().get_with("/login/", &headers);
    eventually("it is in the log", || server.printed().contains("speak http to it"));
}

/// By the plain port, as a device comes that does not trust the root yet.
#[test]
fn the_page_about_the_root_is_well_made() {
    let (server, _https) = own_ca(&[]);
    let plain = format!("http://localhost:{}", server.port);
    let page = Page::open();
    for lang in ["en", "de"] {
        page.go(&format!("{plain}/trust/?ui_locales={lang}"));
        inspect(&page, &format!("trust-{lang}"));
    }
    page.is_clean(&[&plain]);
}
