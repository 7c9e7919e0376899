//! Every page with typical, empty, wrong and hostile content.

use super::super::*;
use crate::domain::problems::Problems;
use crate::http::Params;
use crate::words::Words;

pub(super) const TOKEN: &str = "3q2-7wEXAMPLEtoken";
const REQUEST: &str = "7f3a09c1";
/// Markup, quotes, a direction override, and a word that is wider than any phone.
const HOSTILE: &str = "<script>alert(\"x\")</script>'\"&amp;\u{202e}gnp.exe\u{7} Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const HOSTILE_URL: &str = "https://a.example/cb?x=\"><script>alert(1)</script>&y='1;2'&z=\u{202e}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const LONG: &str = "The Wonderfully Long-Named Household Document Management and Archive System of the Miller-Featherstonehaugh Family";

pub(super) struct Sample {
    pub(super) file: &'static str,
    pub(super) html: String,
    /// The ids that the page promises.
    pub(super) ids: &'static [&'static str],
}

/// Pages are looked at in English; the catalogue's own tests see to it that other languages say the same.
fn ui() -> Shell {
    Shell::english()
}

fn sample(file: &'static str, html: String, ids: &'static [&'static str]) -> Sample {
    Sample { file, html, ids }
}

pub(super) fn all() -> Vec<Sample> {
    let mut samples = sign_ins();
    samples.extend(questions());
    samples.extend(errors());
    samples.extend(sign_outs());
    samples.extend(accounts());
    samples.extend(invitations());
    samples.extend(lists());
    samples
}

/// A button that asks for a passkey, with hostile options: they are text of an attribute.
fn passkey(field: &'static str) -> PasskeyAsk {
    let options = serde_json::json!({ "user": { "displayName": HOSTILE } }).to_string();
    PasskeyAsk { options, state: TOKEN.into(), field }
}

fn sign_ins() -> Vec<Sample> {
    const IDS: &[&str] = &["username", "password", "login-submit"];
    let page = |application, again_as, username, problem| {
        SignIn {
            ui: &ui(),
            application,
            again_as,
            action: "/login/?flow=k2JxQ0pL",
            form_token: TOKEN,
            username,
            passkey: Some(passkey("passkey")),
            problem,
            has_mail: false,
        }
        .render()
    };
    let with_mail = SignIn {
        ui: &ui(),
        application: None,
        again_as: None,
        action: "/login/",
        form_token: TOKEN,
        username: "",
        passkey: None,
        problem: None,
        has_mail: true,
    };
    let problem = |problem| page(Some("Portainer"), None, "alice", Some(problem));
    let second = |application, username, problem| {
        SecondFactor {
            ui: &ui(),
            application,
            action: "/login/second-factor/?flow=k2JxQ0pL",
            anew: "/login/?flow=k2JxQ0pL",
            form_token: TOKEN,
            username,
            remember: Some("30 days".into()),
            has_app: true,
            passkey: Some(passkey("passkey")),
            problem,
        }
        .render()
    };
    let confirm = |asks_code, username, problem| {
        Confirm {
            ui: &ui(),
            action: "/if/admin/keys/rotate/",
            form_token: TOKEN,
            username,
            asks_code,
            has_app: true,
            passkey: asks_code.then(|| passkey("confirm_passkey")),
            fields: vec![("name".into(), HOSTILE.into())],
            problem,
        }
        .render()
    };
    const CODE: &[&str] = &["code", "second-factor-submit"];
    const CONFIRM: &[&str] = &["confirm", "confirm-submit"];
    vec![
        sample("second-factor", second(Some("Portainer"), "alice", None), CODE),
        sample("second-factor-wrong", second(None, "alice", Some(SignInProblem::WrongCode)), CODE),
        sample("second-factor-hostile", second(Some(HOSTILE), HOSTILE, None), CODE),
        sample("confirm-code", confirm(true, "alice", None), CONFIRM),
        sample("confirm-password", confirm(false, HOSTILE, Some(SignInProblem::WrongPassword)), CONFIRM),
        sample("mail-sign-in", with_mail.render(), &["username", "password", "login-submit", "recovery-request"]),
        sample("sign-in", page(Some("Portainer"), None, "", None), IDS),
        sample("sign-in-plain", page(None, None, "", None), IDS),
        sample("sign-in-again", page(Some("Portainer"), Some("alice"), "alice", None), IDS),
        sample("sign-in-wrong", problem(SignInProblem::WrongCredentials), IDS),
        sample("sign-in-throttled", problem(SignInProblem::Throttled { wait_seconds: 150 }), IDS),
        sample("sign-in-busy", problem(SignInProblem::Busy), IDS),
        sample("sign-in-expired", problem(SignInProblem::FormExpired), IDS),
        sample("sign-in-cookies", problem(SignInProblem::CookiesMissing), IDS),
        sample("sign-in-hostile", page(Some(HOSTILE), Some(HOSTILE), HOSTILE, Some(SignInProblem::Busy)), IDS),
        sample("sign-in-long", page(Some(LONG), None, "", None), IDS),
    ]
}

fn questions() -> Vec<Sample> {
    const ALL: &[&str] =
        &["openid", "profile", "email", "groups", "offline_access", "phone", "address", "house:lights"];
    const CONSENT: &[&str] = &["consent-allow", "consent-deny"];
    let choose = |application, username, name| {
        ChooseAccount { ui: &ui(), application, username, name, action: "/login/?flow=1", form_token: TOKEN }.render()
    };
    let consent = |application, username, scopes, return_host, remembered_for: Option<i64>| {
        let (action, form_token) = ("/consent/?flow=1", TOKEN);
        let remembered_for = remembered_for.map(crate::domain::duration::in_words);
        Consent {
            ui: &ui(),
            application,
            username,
            scopes,
            described: &[],
            return_host,
            remembered_for,
            action,
            form_token,
        }
        .render()
    };
    const DEVICE: &[&str] = &["device-code", "device-submit"];
    const DEVICE_ASK: &[&str] = &["device-allow", "device-deny", "device-shown"];
    let device = |username, code, wrong: Option<&'static str>| {
        let qr = qr::svg("https://auth.example/device?code=BCDF-GHJK", "x").filter(|_| wrong.is_none());
        DeviceCode { ui: &ui(), username, code, problem: wrong.map(Words::new), qr, form_token: TOKEN }.render()
    };
    let device_ask = |application, username, scopes, device: &str, address| {
        let (device, code, described, asked_at) = (device.to_owned(), "BCDF-GHJK", &[][..], 1_795_393_865);
        let (ui, form_token) = (&ui(), TOKEN);
        DeviceAsk { ui, application, username, code, scopes, described, device, address, asked_at, form_token }.render()
    };
    let post = |application, target, fields| FormPost { ui: &ui(), application, target, fields }.render();
    vec![
        sample("choose", choose("Gravitee", "alice", "Alice Miller"), &[]),
        sample("choose-hostile", choose(HOSTILE, HOSTILE, HOSTILE), &[]),
        sample("consent", consent("Immich", "alice", &ALL[..3], "immich.home.example", Some(2_419_200)), CONSENT),
        sample("consent-all", consent(LONG, "alice", ALL, "docs.home.example:8443", None), CONSENT),
        sample("consent-hostile", consent(HOSTILE, HOSTILE, &[HOSTILE], HOSTILE, Some(2_419_200)), CONSENT),
        sample(
            "continue",
            Continue { ui: &ui(), application: Some("Portainer"), target: "https://p.example/?code=1" }.render(),
            &[],
        ),
        sample(
            "continue-hostile",
            Continue { ui: &ui(), application: Some(HOSTILE), target: HOSTILE_URL }.render(),
            &[],
        ),
        sample("device", device("alice", "", None), DEVICE),
        sample("device-wrong", device("alice", "BCDF-GHJK", Some("device-code-unknown")), DEVICE),
        sample("device-hostile", device(HOSTILE, HOSTILE, None), DEVICE),
        sample("device-ask", device_ask("Jellyfin", "alice", &ALL[..3], "Android TV", "192.0.2.17"), DEVICE_ASK),
        sample("device-ask-none", device_ask(LONG, "alice", &[], "curl", "2001:db8::1"), DEVICE_ASK),
        sample("device-ask-hostile", device_ask(HOSTILE, HOSTILE, &[HOSTILE], HOSTILE, HOSTILE), DEVICE_ASK),
        sample("device-allowed", Notice::device_allowed("Jellyfin").render(&ui()), &["notice"]),
        sample("device-denied", Notice::device_denied(HOSTILE).render(&ui()), &["notice"]),
        sample("form-post", post("Gravitee", "https://g.example/cb", &[("code", "c"), ("state", "s")]), &["form-post"]),
        sample("form-post-hostile", post(HOSTILE, HOSTILE_URL, &[("state", HOSTILE)]), &["form-post"]),
    ]
}

fn errors() -> Vec<Sample> {
    const ID: &[&str] = &["error-page"];
    let denied = |application, username, reason| {
        let switch_action = "/logout/?next=%2Fapplication%2Flaunch%2Fx%2F";
        AccessDenied { ui: &ui(), application, username, reason, request_id: REQUEST, switch_action, form_token: TOKEN }
            .render()
    };
    let redirect = |name: &str, uri, mend| ErrorPage::bad_redirect_uri(name, uri, mend, REQUEST).render(&ui());
    let help = |base_url, has_authority| Help { ui: &ui(), base_url, has_authority }.render();
    let mend =
        |slug, registered: &[&'static str]| Some(Mend { application_id: 7, slug, registered: registered.to_vec() });
    let known = &["https://portainer.home.example", "https://portainer.home.example/"];
    vec![
        sample("denied", denied("Portainer", "bob", Denial::NoMatch), &["access-denied"]),
        sample(
            "denied-second-factor",
            denied("Portainer", "bob", Denial::SecondFactor { there: false }),
            &["access-denied"],
        ),
        sample("denied-passkey", denied("Portainer", "bob", Denial::Passkey { there: true }), &["access-denied"]),
        sample("denied-closed", denied("Portainer", "bob", Denial::Closed), &["access-denied"]),
        sample("denied-hostile", denied(HOSTILE, HOSTILE, Denial::Disabled), &["access-denied"]),
        sample("error-client", ErrorPage::unknown_client(Some("8f2c0b7e6d1a"), REQUEST).render(&ui()), ID),
        sample("error-client-none", ErrorPage::unknown_client(None, REQUEST).render(&ui()), ID),
        sample("error-redirect", redirect("Portainer", Some("https://portainer.home.example:9443/"), None), ID),
        sample(
            "error-redirect-admin",
            redirect("Portainer", Some("https://portainer.home.example:9443/"), mend("portainer", known)),
            ID,
        ),
        sample("error-redirect-none", redirect("Portainer", None, mend("portainer", &[])), ID),
        sample("error-redirect-hostile", redirect(HOSTILE, Some(HOSTILE_URL), mend(HOSTILE, &[HOSTILE_URL])), ID),
        sample("error-twice", ErrorPage::redirect_uri_twice(None, REQUEST).render(&ui()), ID),
        sample("error-client-twice", ErrorPage::client_id_twice(REQUEST).render(&ui()), ID),
        sample("error-signed-out", ErrorPage::signed_out(REQUEST).render(&ui()), ID),
        sample("error-not-administrator", ErrorPage::not_administrator(REQUEST).render(&ui()), ID),
        sample("error-form", ErrorPage::form_expired(REQUEST).render(&ui()), ID),
        sample("error-404", ErrorPage::not_found(REQUEST).render(&ui()), ID),
        sample(
            "error-421",
            ErrorPage::wrong_host("192.168.1.20:8410", "https://auth.example", REQUEST).render(&ui()),
            ID,
        ),
        sample("error-421-hostile", ErrorPage::wrong_host(HOSTILE, "https://auth.example", HOSTILE).render(&ui()), ID),
        sample("error-500", ErrorPage::internal(REQUEST).render(&ui()), ID),
        sample("error-503", ErrorPage::busy(REQUEST).render(&ui()), ID),
        sample("error-pushed", ErrorPage::pushed_request_gone(REQUEST).render(&ui()), ID),
        sample("error-object", ErrorPage::request_object(REQUEST).render(&ui()), ID),
        sample("error-clear", ErrorPage::in_the_clear("https://auth.example", REQUEST).render(&ui()), ID),
        sample("error-refused", ErrorPage::refused(Words::new("error-refused"), REQUEST).render(&ui()), ID),
        sample("help", help("https://auth.home.example", true), &["help"]),
        sample("help-hostile", help(HOSTILE_URL, false), &["help"]),
    ]
}

fn sign_outs() -> Vec<Sample> {
    const CONFIRM: &[&str] = &["logout-confirm"];
    const OUT: &[&str] = &["logged-out"];
    let end = |application, username, back| {
        let action = "/application/o/portainer/end-session/";
        EndSession { ui: &ui(), application, username, back, action, form_token: TOKEN }.render()
    };
    let logout = |username| Logout { ui: &ui(), username, action: "/logout/", form_token: TOKEN }.render();
    let out = |application, back| {
        LoggedOut { ui: &ui(), ended: Ended::Session, application, back, onward: None, frames: &[] }.render()
    };
    let onward = |application, onward| {
        let frames = ["https://portainer.home.example/out", "https://docs.example/out"];
        LoggedOut { ui: &ui(), ended: Ended::Session, application, back: None, onward: Some(onward), frames: &frames }
            .render()
    };
    vec![
        sample("end-session", end("Portainer", "alice", Some("https://portainer.home.example/")), CONFIRM),
        sample("end-session-no-way-back", end("Portainer", "alice", None), CONFIRM),
        sample("end-session-long", end(LONG, "alice", Some("https://docs.example/")), CONFIRM),
        sample("end-session-hostile", end(HOSTILE, HOSTILE, Some(HOSTILE_URL)), CONFIRM),
        sample("logout", logout("alice"), CONFIRM),
        sample("logout-hostile", logout(HOSTILE), CONFIRM),
        sample("logged-out", out(None, None), OUT),
        sample(
            "logged-out-application",
            LoggedOut {
                ui: &ui(),
                ended: Ended::Application,
                application: Some("Portainer"),
                back: None,
                onward: None,
                frames: &[],
            }
            .render(),
            OUT,
        ),
        sample("logged-out-of", out(Some("Portainer"), Some("https://portainer.home.example/")), OUT),
        sample("logged-out-hostile", out(Some(HOSTILE), Some(HOSTILE_URL)), OUT),
        sample("logged-out-onward", onward(Some("Portainer"), "https://portainer.home.example/"), OUT),
        sample("logged-out-onward-hostile", onward(Some(HOSTILE), HOSTILE_URL), OUT),
    ]
}

fn accounts() -> Vec<Sample> {
    const FIELDS: &[&str] = &["username", "name", "email", "password", "password-again"];
    let setup = |username, name, email, problems| {
        Setup { ui: &ui(), action: "/setup/", form_token: TOKEN, username, name, email, least: 8, problems }.render()
    };
    let wrong = SetupProblems {
        form: Some("Nothing was created yet. Mend what is marked below."),
        username: Some("A username has no spaces. Try alice.miller."),
        name: Some("Shorter, please: 256 characters at most."),
        email: Some("This is no e-mail address: it has no @."),
        password: Some("Too short: at least 8 characters."),
        password_again: Some("This differs from the password above."),
    };
    let bad = SetupProblems { form: Some(HOSTILE), username: Some(HOSTILE), ..wrong };
    let recovery = |username, problems| {
        Recovery {
            ui: &ui(),
            action: "/recovery/",
            form_token: TOKEN,
            username,
            drops_factors: true,
            least: 8,
            problems,
        }
        .render()
    };
    let request = |login, problem| RecoveryRequest { ui: &ui(), form_token: TOKEN, login, problem }.render();
    let verify = |username, email| VerifyEmail { ui: &ui(), form_token: TOKEN, username, email }.render();
    let mismatch = RecoveryProblems { password_again: wrong.password_again, ..Default::default() };
    vec![
        sample("setup", setup("", "", "", SetupProblems::default()), FIELDS),
        sample("setup-wrong", setup("alice miller", "Alice Miller", "alice", wrong), FIELDS),
        sample("setup-hostile", setup(HOSTILE, HOSTILE, HOSTILE, bad), FIELDS),
        sample("setup-closed", Notice::setup_closed().render(&ui()), &["notice"]),
        sample("setup-link-invalid", Notice::setup_link_invalid().render(&ui()), &["notice"]),
        sample("recovery", recovery("alice", RecoveryProblems::default()), &["password", "password-again"]),
        sample("recovery-wrong", recovery("alice", mismatch), &["password", "password-again"]),
        sample("recovery-hostile", recovery(HOSTILE, RecoveryProblems::default()), &["password"]),
        sample("recovery-link-invalid", Notice::recovery_link_invalid().render(&ui()), &["notice"]),
        sample("recovery-done", Notice::password_set().render(&ui()), &["notice"]),
        sample("recovery-request", request("", None), &["login"]),
        sample(
            "recovery-request-hostile",
            request(HOSTILE, Some(Words::new("recovery-request-empty"))),
            &["login", "recovery-request-submit"],
        ),
        sample("recovery-asked", Notice::recovery_asked().render(&ui()), &["notice"]),
        sample("verify-email", verify("alice", "alice@home.example"), &["verify-submit"]),
        sample("verify-email-hostile", verify(HOSTILE, HOSTILE), &["verify-submit"]),
        sample("verification-link-invalid", Notice::verification_link_invalid().render(&ui()), &["notice"]),
        sample("email-verified", Notice::email_verified().render(&ui()), &["notice"]),
        sample("over", Notice::sign_in_over().render(&ui()), &["notice"]),
    ]
}

fn invitations() -> Vec<Sample> {
    const FIELDS: &[&str] = &["username", "name", "email", "password", "password_again", "invitation-submit"];
    let page = |typed: &str, problems: Problems| {
        let typed = Params::from_pairs(["username", "name", "email", "password"].map(|n| (n, typed.to_owned())));
        let form = Form::new(ui().lang, TOKEN.to_owned()).filled(typed).wrong(problems);
        let (ui, action) = (&ui(), "/invitation/");
        InvitationPage { ui, action, form: &form, expires_at: 1_795_393_865, least: 8, can_have_passkey: true }.render()
    };
    let taken = |name: &str| {
        let taken = Problems::one("username", Words::new("invitation-username-taken").with("name", name));
        taken.and(Problems::one("password_again", Words::new("passwords-differ")))
    };
    let make = |username: &str, wrong: Option<&'static str>| {
        let problems = wrong.map(|key| Problems::one("", Words::new(key))).unwrap_or_default();
        let form = Form::new(ui().lang, TOKEN.to_owned()).wrong(problems);
        let (ui, action, ask) = (&ui(), "/invitation/", passkey("passkey"));
        let said = vec![("username", username.to_owned()), ("name", HOSTILE.to_owned())];
        InvitationPasskey { ui, action, form: &form, username, said, ask }.render()
    };
    let lost = |username: &str, wrong: Option<&'static str>| {
        let problems = wrong.map(|key| Problems::one("", Words::new(key))).unwrap_or_default();
        let form = Form::new(ui().lang, TOKEN.to_owned()).wrong(problems);
        let (ui, action) = (&ui(), "/login/lost-passkey/?flow=k2JxQ0pL");
        LostPasskey { ui, action, form: &form, username, ask: passkey("passkey") }.render()
    };
    let welcome =
        |username, notice: Option<&str>| Welcome { ui: &ui(), username, notice: notice.map(str::to_owned) }.render();
    let in_use = |username| Notice::invitation_while_signed_in(username).render(&ui());
    vec![
        sample("invitation", page("", Problems::default()), FIELDS),
        sample("invitation-wrong", page("alice", taken("alice")), FIELDS),
        sample("invitation-hostile", page(HOSTILE, taken(HOSTILE)), FIELDS),
        sample("invitation-passkey", make("alice", None), &["use-passkey", "back"]),
        sample("invitation-passkey-wrong", make("alice", Some("passkey-not-made")), &["use-passkey", "back"]),
        sample("invitation-passkey-hostile", make(HOSTILE, None), &["use-passkey", "back"]),
        sample("lost-passkey", lost("alice", None), &["use-passkey"]),
        sample("lost-passkey-wrong", lost("alice", Some("passkey-not-made")), &["use-passkey"]),
        sample("lost-passkey-hostile", lost(HOSTILE, None), &["use-passkey"]),
        sample("invitation-invalid", Notice::invitation_invalid().render(&ui()), &["notice"]),
        sample("invitation-signed-in", in_use("alice"), &["notice"]),
        sample("invitation-signed-in-hostile", in_use(HOSTILE), &["notice"]),
        sample("welcome", welcome("alice", None), &["welcome", "add-factor"]),
        sample("welcome-hostile", welcome(HOSTILE, Some(HOSTILE)), &["welcome"]),
    ]
}

fn lists() -> Vec<Sample> {
    let tile = |name, description, slug| Tile { name, description, publisher: "", icon: None, slug, new_tab: false };
    let groups = || {
        let infrastructure = vec![
            tile("Portainer", "Containers on the Pi", "portainer"),
            tile("Gravitee", "API management", "gravitee"),
            Tile { new_tab: true, ..tile("Home Assistant", "Lights, heating, doors", "ha") },
        ];
        let media = vec![tile("Immich", "Photos", "immich"), tile("Paperless", "", "paperless")];
        vec![TileGroup { name: "Infrastructure", tiles: infrastructure }, TileGroup { name: "Media", tiles: media }]
    };
    let hostile = || {
        let tiles = vec![tile(HOSTILE, HOSTILE, "x/../\"y"), tile(LONG, LONG, "docs"), tile("***", "", "z")];
        vec![TileGroup { name: "", tiles: vec![tile("Wiki", "", "wiki")] }, TileGroup { name: HOSTILE, tiles }]
    };
    let page = |name, is_administrator, query, total, groups| {
        MyApplications { ui: &ui(), name, is_administrator, query, total, groups, form_token: TOKEN }.render()
    };
    vec![
        sample("mine", page("Alice Miller", false, None, 5, groups()), &[]),
        sample("mine-search", page("Alice Miller", false, Some("i"), 12, groups()), &[]),
        sample("mine-not-found", page("Alice Miller", false, Some(HOSTILE), 12, vec![]), &[]),
        sample("mine-empty", page("Bob", false, None, 0, vec![]), &[]),
        sample("mine-empty-admin", page("Alice Miller", true, None, 0, vec![]), &[]),
        sample("mine-hostile", page(HOSTILE, false, None, 4, hostile()), &[]),
    ]
}
