use super::*;

pub(super) fn built(pairs: &[(&'static str, &str)]) -> Result<Config, ConfigError> {
    let mut sources = Sources::default();
    for (name, value) in pairs {
        sources.option(name, Some(value));
    }
    sources.build()
}

#[test]
fn nothing_said_is_safe_to_try() {
    let c = built(&[]).expect("defaults");
    assert!(c.listen.iter().all(|a| a.ip().is_loopback()));
    assert!(c.run_time.is_empty() && c.sources.is_empty() && c.metrics_listen.is_empty());
    assert!(c.trusted_proxies.is_empty() && c.url.is_none() && !c.data_dir_explicit);
}

#[test]
fn the_command_line_wins_over_the_environment() {
    let mut s = Sources::default();
    s.environment([("LATCHKEY_SESSION_IDLE".to_owned(), "1h".to_owned())].into_iter());
    s.option("session-idle", Some("2h"));
    let config = s.build().expect("valid");
    let said = Said { value: "2h".into(), source: Source::Option("session-idle") };
    assert_eq!(config.run_time.get(&RunTime::SessionIdle), Some(&said));
    assert_eq!(config.sources.get("session-idle"), Some(&said.source));
}

#[test]
fn commands_take_on_what_the_server_was_told_and_they_were_not() {
    let server = built(&[("session-idle", "120m"), ("event-retention", "30d")]).expect("valid");
    let mut command = built(&[("event-retention", "20")]).expect("valid");
    command.take_told(&server.told());
    let value = |c: &Config, s| c.run_time.get(&s).map(|said| (said.value.clone(), said.source.to_string()));
    let (idle, source) = value(&command, RunTime::SessionIdle).expect("taken on");
    assert_eq!((idle.as_str(), source.contains("option --session-idle, when")), ("2h", true), "{source}");
    let own = ("20".to_owned(), "option --event-retention".to_owned());
    assert_eq!(value(&command, RunTime::EventRetention), Some(own));
    for nothing in ["", "{}", "[1]", r#"{"other":["1","2"]}"#] {
        let mut fresh = built(&[]).expect("valid");
        fresh.take_told(nothing);
        assert!(fresh.run_time.is_empty(), "{nothing}");
    }
}

#[test]
fn a_bad_value_names_its_place_and_what_was_expected() {
    for (name, value) in [
        ("url", "ftp://x"),
        ("listen", "8410"),
        ("metrics-listen", "9410"),
        ("trusted-proxies", "proxy"),
        ("passkey-rp-id", "https://home.example"),
        ("related-origins", "http://home.example"),
        ("session-idle", "soon"),
        ("session-idle", "0"),
        ("session-idle", "99999999999999999999d"),
        ("password-passes", "1"),
        ("password-minimum", "7"),
        ("password-minimum", "65"),
        ("event-retention", "13"),
        ("event-retention", "1y"),
        ("backup-recipient", "age1nobody"),
        ("backup-keep", "0"),
        ("backup-at", "25:00"),
        ("tls", "on"),
        ("tls-names", "*.home.example"),
        ("https-listen", "8443"),
        ("smtp-host", "smtp://mail"),
        ("smtp-port", "0"),
        ("smtp-security", "ssl"),
        ("smtp-from", "nobody"),
        ("log", "loud"),
        ("log-format", "xml"),
    ] {
        let error = built(&[(name, value)]).expect_err(name).to_string();
        assert!(error.contains(&format!("--{name}")) && error.contains(value), "{error}");
    }
}

#[test]
fn every_setting_of_the_reference_can_be_set() {
    let example = |name: &str| match name {
        "url" => "https://a.example",
        "listen" | "metrics-listen" => "127.0.0.1:1,[::1]:1",
        "tls" => "off",
        "trusted-proxies" => "10.0.0.0/8,::1",
        "passkey-rp-id" => "home.example",
        "related-origins" => "https://auth.company.example",
        "session-idle" | "session-maximum" => "3d",
        "password-passes" => "3",
        "password-minimum" => "15",
        "event-retention" => "30",
        "max-connections" | "max-connections-per-address" => "9",
        "backup-recipient" => "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        "backup-keep" => "9",
        "backup-at" => "23:59",
        "log" => "debug",
        "log-format" => "json",
        "smtp-port" => "25",
        "smtp-security" => "tls",
        "smtp-from" => "a@b.example",
        _ => "x",
    };
    let with = |name: &'static str| match name {
        "https-listen" => vec![(name, "[::1]:1,127.0.0.1:1"), ("tls", "own-ca")],
        "tls-names" => vec![(name, "nas, 192.168.1.5"), ("tls", "own-ca")],
        "tls-certificate-file" | "tls-key-file" => {
            vec![("tls-certificate-file", "x"), ("tls-key-file", "y"), ("tls", "files")]
        }
        _ => vec![(name, example(name))],
    };
    for s in SETTINGS {
        built(&with(s.name)).unwrap_or_else(|e| panic!("{}: {e}", s.name));
        assert!(reference().contains(s.name));
    }
}

#[test]
fn https_is_said_as_a_whole_or_refused() {
    for (said, words) in [
        (vec![("tls", "files")], "needs tls-certificate-file and tls-key-file"),
        (vec![("tls", "files"), ("tls-key-file", "k")], "needs tls-certificate-file and tls-key-file"),
        (vec![("tls-key-file", "k")], "are for tls = files"),
        (vec![("tls", "own-ca"), ("tls-certificate-file", "c")], "are for tls = files"),
        (vec![("https-listen", "127.0.0.1:1")], "https-listen is for"),
        (vec![("tls", "off"), ("tls-names", "nas")], "tls-names is for"),
        (vec![("tls", "own-ca"), ("url", "http://nas")], "begins with http://"),
    ] {
        let error = built(&said).expect_err(words).to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn the_default_address_is_that_of_https_when_it_is_served() {
    let c = |said: &[(&'static str, &str)]| built(said).expect("valid");
    assert_eq!(c(&[]).default_url().as_str(), "http://localhost:8410");
    let own = c(&[("tls", "own-ca")]);
    assert_eq!(own.default_url().as_str(), "https://localhost:8443");
    assert_eq!(own.https_listen, [([127, 0, 0, 1], 8443).into()]);
    let other = c(&[("tls", "own-ca"), ("https-listen", "0.0.0.0:443,[::]:8443")]);
    assert_eq!((other.default_url().as_str(), other.https_listen.len()), ("https://localhost", 2));
    assert!(c(&[("tls", "off")]).https_listen.is_empty());
}

#[test]
fn an_unknown_key_in_the_file_is_an_error() {
    let dir = std::env::temp_dir().join(format!("latchkey-config-{}", std::process::id()));
    std::fs::write(&dir, "session_idle = \"2h\"\n").expect("temp file");
    let mut s = Sources::default();
    s.file(&dir).expect("known key, with an underscore too");
    let said = s.build().expect("valid").run_time.remove(&RunTime::SessionIdle).expect("said");
    assert_eq!(said, Said { value: "2h".into(), source: Source::File(dir.clone()) });
    std::fs::write(&dir, "sesion-idle = \"2h\"\n").expect("temp file");
    let error = Sources::default().file(&dir).expect_err("typo").to_string();
    std::fs::remove_file(&dir).expect("temp file");
    assert!(error.contains("sesion-idle"), "{error}");
}
