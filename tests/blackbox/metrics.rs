//! `/metrics`: what monitoring reads, where, and that it learns nothing of anybody.

use std::collections::BTreeMap;

use crate::support::server::{Folder, free_port, run_cli};
use crate::support::{Answer, App, Browser, Http, Server, Tokens};

/// A server and a monitor at its own listener.
struct Watched {
    server: Server,
    monitor: Http,
}

impl Watched {
    fn start(options: &[&str]) -> Self {
        let port = free_port();
        let listen = format!("127.0.0.1:{port}");
        let server = Server::start_with(&[&["--metrics-listen", &listen], options].concat());
        Self { server, monitor: Http::new(port, &format!("http://{listen}")) }
    }

    /// Every number by its name and labels, checked as Prometheus would.
    #[track_caller]
    fn scrape(&self) -> BTreeMap<String, f64> {
        let answer = self.monitor.get("/metrics").expect(200);
        assert_eq!(answer.header("Content-Type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        numbers(&answer)
    }
}

#[track_caller]
fn numbers(answer: &Answer) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    let mut described: Vec<&str> = Vec::new();
    assert!(answer.body.ends_with('\n'), "the last line is whole");
    for line in answer.body.lines() {
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a kind");
            assert!(!described.contains(&name), "{name} comes twice");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            described.push(name);
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no number: {line}"));
            let family = described.last().unwrap_or_else(|| panic!("of no kind: {line}"));
            assert!(name.starts_with(family), "{line} stands under {family}");
            let value = value.parse().unwrap_or_else(|e| panic!("{e}: {line}"));
            assert!(found.insert(name.to_owned(), value).is_none(), "{name} has two numbers");
        }
    }
    found
}

/// Signs alice in to an application, code and refresh included.
fn sign_in(server: &Server, app: &App) {
    let mut browser = Browser::new(server);
    let page = browser.open(&app.authorize_url(&[("scope", "openid offline_access")]));
    let answer = browser.sign_in(&page, "alice");
    let code = answer.location_param("code").unwrap_or_else(|| panic!("no code: {answer:?}"));
    let tokens = Tokens::of(&app.redeem(&browser.http, &code, &[]));
    let refresh = tokens.refresh.expect("a refresh token");
    Tokens::of(&app.refresh(&browser.http, &refresh, &[]));
}

#[test]
fn a_sign_in_and_its_refusals_are_counted_exactly() {
    let watched = Watched::start(&[]);
    let server = &watched.server;
    server.alice();
    let options = ["--redirect-uri", "https://app.company/callback", "--scope", "openid", "--scope", "offline_access"];
    let app = server.app("App", &options);
    let before = watched.scrape();
    sign_in(server, &app);
    let mut stranger = Browser::new(server);
    let page = stranger.open("/login/");
    stranger.submit(&page, &[("username", "alice"), ("password", "wrong")]).expect(403);
    assert_eq!(app.redeem(&server.http(), "no-such-code", &[]).error(400), "invalid_grant");
    assert_eq!(app.redeem(&server.http(), "x", &[("client_secret", "wrong")]).error(401), "invalid_client");
    server.http().get(&app.authorize_url(&[("client_id", "nobody")])).expect(400);
    server.http().get("/no/such/page").expect(404);
    let after = watched.scrape();
    let grown: BTreeMap<&str, f64> = after
        .iter()
        .map(|(name, value)| (name.as_str(), value - before.get(name).unwrap_or(&0.0)))
        .filter(|(name, by)| *by != 0.0 && name.contains("_total") && !name.starts_with("process_"))
        .collect();
    let response =
        |route: &str, class: &str| format!("latchkey_http_responses_total{{route=\"{route}\",class=\"{class}\"}}");
    let expected = [
        ("latchkey_authorization_answers_total{answer=\"code\"}".to_owned(), 1.0),
        ("latchkey_authorization_answers_total{answer=\"error_page\"}".to_owned(), 1.0),
        ("latchkey_refusals_total{kind=\"authorize_refused\"}".to_owned(), 1.0),
        ("latchkey_refusals_total{kind=\"client_refused\"}".to_owned(), 1.0),
        ("latchkey_refusals_total{kind=\"login_failed\"}".to_owned(), 1.0),
        ("latchkey_refusals_total{kind=\"token_refused\"}".to_owned(), 1.0),
        ("latchkey_sign_ins_total{result=\"success\"}".to_owned(), 1.0),
        ("latchkey_sign_ins_total{result=\"wrong_credentials\"}".to_owned(), 1.0),
        ("latchkey_token_errors_total{error=\"invalid_client\"}".to_owned(), 1.0),
        ("latchkey_token_errors_total{error=\"invalid_grant\"}".to_owned(), 1.0),
        ("latchkey_tokens_issued_total{grant=\"authorization_code\"}".to_owned(), 1.0),
        ("latchkey_tokens_issued_total{grant=\"refresh_token\"}".to_owned(), 1.0),
        (response("/application/o/authorize", "3xx"), 1.0),
        (response("/application/o/authorize", "4xx"), 1.0),
        (response("/application/o/token", "2xx"), 2.0),
        (response("/application/o/token", "4xx"), 2.0),
        // The page, the form; and once more for the wrong password.
        (response("/login", "2xx"), 3.0),
        (response("/login", "4xx"), 1.0),
        (response("/consent", "3xx"), 1.0),
        (response("other", "4xx"), 1.0),
    ];
    assert_eq!(grown, expected.iter().map(|(name, by)| (name.as_str(), *by)).collect());
    let took = |suffix: &str| after[&format!("latchkey_http_request_duration_seconds_{suffix}")];
    assert_eq!(took("count{route=\"/application/o/token\"}"), 4.0);
    assert_eq!(took("bucket{route=\"/application/o/token\",le=\"+Inf\"}"), 4.0);
    assert!(took("sum{route=\"/login\"}") > 0.0);
}

#[test]
fn how_things_stand_is_told_in_base_units() {
    let watched = Watched::start(&[]);
    watched.server.alice();
    Browser::signed_in(&watched.server, "alice");
    let told = watched.scrape();
    let value = |name: &str| *told.get(name).unwrap_or_else(|| panic!("no {name} in {told:?}"));
    assert_eq!((value("latchkey_users"), value("latchkey_sessions")), (1.0, 1.0));
    assert_eq!(value(&format!("latchkey_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))), 1.0);
    assert_eq!(value("latchkey_database_up"), 1.0);
    assert_eq!(value("latchkey_backup_proven_timestamp_seconds"), 0.0, "never");
    assert_eq!(value("latchkey_backup_place_ok"), 1.0, "nothing was made, and nothing is missing");
    assert_eq!(value("latchkey_clock_state{state=\"ok\"}"), 1.0);
    let now = value("latchkey_clock_timestamp_seconds");
    for alg in ["RS256", "ES256"] {
        let name = format!("latchkey_signing_key_created_timestamp_seconds{{alg=\"{alg}\",state=\"active\"}}");
        assert!((now - 60.0..=now).contains(&value(&name)), "{name}");
    }
    assert!((now - 60.0..=now).contains(&value("process_start_time_seconds")));
    assert!(value("process_resident_memory_bytes") > 1e6);
    assert!(value("latchkey_database_size_bytes") > 0.0 && value("latchkey_database_wal_size_bytes") > 0.0);
    assert!(value("latchkey_disk_free_bytes") > 0.0);
    assert!(value("latchkey_database_commit_duration_seconds_count") >= 2.0, "the user, the session");
    for idle in ["passwords_hashing", "passwords_queued", "database_writes_queued", "http_requests_queued"] {
        assert_eq!(value(&format!("latchkey_{idle}")), 0.0, "{idle}");
    }
    assert!(!told.keys().any(|name| name.contains("certificate")), "there is none");
}

#[test]
fn the_certificate_tells_when_it_ends() {
    let (plain, https) = (free_port(), free_port());
    let url = format!("https://localhost:{https}");
    let monitor = free_port();
    let listen = (format!("127.0.0.1:{monitor}"), format!("127.0.0.1:{https}"));
    let options = ["--metrics-listen", &listen.0, "--tls", "own-ca", "--https-listen", &listen.1];
    let server = Server::start_at(Folder::new(), plain, &url, &options);
    let watched = Watched { server, monitor: Http::new(monitor, &format!("http://{}", listen.0)) };
    let told = watched.scrape();
    let now = told["latchkey_clock_timestamp_seconds"];
    let leaf = told["latchkey_certificate_not_after_timestamp_seconds"];
    let root = told["latchkey_certificate_authority_not_after_timestamp_seconds"];
    assert!(now < leaf && leaf < root, "{now} {leaf} {root}");
}

#[test]
fn it_is_nowhere_unless_asked_for_and_never_at_the_public_address() {
    let watched = Watched::start(&[]);
    let public = watched.server.http();
    for path in ["/metrics", "/metrics/", "/metrics?x=1"] {
        let answer = public.get(path).expect(404);
        assert!(!answer.body.contains("latchkey_build_info"), "{answer:?}");
    }
    public.get("/healthz").expect(200);
    // And the other way round: there is nothing but that.
    for path in ["/", "/login/", "/healthz", "/if/admin/", "/application/o/token/", "/metrics/x"] {
        watched.monitor.get(path).expect(404);
    }
    assert_eq!(watched.monitor.post("/metrics", &[("a", "b")]).expect(405).header("Allow"), Some("GET, HEAD"));
    let head = watched.monitor.send("HEAD", "/metrics", &[], "").expect(200);
    assert!(head.body.is_empty(), "{head:?}");
}

#[test]
fn nobody_and_nothing_is_named() {
    let watched = Watched::start(&[]);
    let server = &watched.server;
    server.user("zebediah", &["--name", "Zebediah Quirk", "--email", "zeb@quirk.example"]);
    let app = server.app("Xylophonica", &["--redirect-uri", "https://xylo.quirk.example/callback"]);
    server.cli(&["group", "create", "wombats"]).ok();
    let mut browser = Browser::signed_in(server, "zebediah");
    let code = app.code(&mut browser, &[]);
    let access = Tokens::of(&app.redeem(&browser.http, &code, &[])).access;
    let mut guesser = Browser::new(server);
    let page = guesser.open("/login/");
    guesser.submit(&page, &[("username", "typed-into-the-field"), ("password", "typed-secret")]).expect(403);
    let http = server.http();
    http.get("/application/o/nosuchslug/jwks/").expect(404);
    http.get("/strange-path-of-a-stranger?strange-query=1").expect(404);
    http.get_with("/login/", &[("User-Agent", "strange-agent"), ("X-Forwarded-For", "203.0.113.77")]).expect(200);
    let text = watched.monitor.get("/metrics").expect(200).body.to_lowercase();
    let (slug, id, secret) = (app.slug.to_lowercase(), app.id.to_lowercase(), app.secret.to_lowercase());
    let (code, access) = (code.to_lowercase(), access.to_lowercase());
    for name in [
        "zeb",
        "quirk",
        "xylo",
        "wombats",
        "typed",
        "nosuchslug",
        "strange",
        "203.0.113.77",
        "127.0.0.1",
        "localhost",
        &slug,
        &id,
        &secret,
        &code,
        &access,
    ] {
        assert!(!text.contains(name), "{name} in {text}");
    }
}

#[test]
fn a_bad_request_is_refused_in_words_and_the_next_scrape_is_answered() {
    let watched = Watched::start(&[]);
    let refused = watched.monitor.raw(b"GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    assert_eq!(refused.status, 400, "{refused:?}");
    assert_eq!(watched.monitor.raw(b"\x16\x03\x01\x00\xa5\x01\r\n\r\n").status, 400);
    let long = format!("GET /metrics HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(40_000));
    assert_eq!(watched.monitor.raw(long.as_bytes()).status, 431);
    let _crowd: Vec<_> = (0..30).map(|_| watched.monitor.connect()).collect();
    let watched = Watched { monitor: watched.monitor.clone().from("127.0.0.9"), ..watched };
    let told = watched.scrape();
    assert_eq!(told["latchkey_http_refusals_total{code=\"400\"}"], 0.0, "those are of the public address");
    watched.server.http().raw(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    assert_eq!(watched.scrape()["latchkey_http_refusals_total{code=\"400\"}"], 1.0);
}

#[test]
fn an_address_that_is_taken_or_none_is_told_at_the_start() {
    let running = Server::start();
    let (folder, taken) = (Folder::new(), format!("127.0.0.1:{}", running.port));
    let serve = |metrics: &str| {
        let listen = format!("127.0.0.1:{}", free_port());
        run_cli(&folder.data(), &["serve", "--listen", &listen, "--metrics-listen", metrics], "")
    };
    let words = serve(&taken).refused(70);
    assert!(words.contains("is in use") && words.contains(&taken), "{words}");
    let words = serve("9410").refused(2);
    assert!(words.contains("metrics-listen"), "{words}");
}
