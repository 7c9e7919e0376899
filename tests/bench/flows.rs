//! What browsers and clients do: signing in, the code flow, refreshing, introspecting.

use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;

use crate::provider::{Folder, Provider};
use crate::wire::{Reply, Wire, request};

pub const USER: &str = "alice";
pub const PASSWORD: &str = "correct horse battery staple";
const REDIRECT: &str = "http://127.0.0.1/callback";
const AUTHORIZE: &str = "/application/o/authorize/";
const TOKEN: &str = "/application/o/token/";

/// A registered client.
pub struct Client {
    pub slug: String,
    id: String,
    authorization: String,
}

/// A browser: its connection and its cookies.
pub struct Browser {
    pub wire: Wire,
    host: String,
    cookies: Vec<(String, String)>,
}

impl Client {
    pub fn register(folder: &Folder, name: &str, options: &[&str]) -> Self {
        let mut arguments = vec!["app", "create", name, "--json", "--redirect-uri", REDIRECT];
        arguments.extend(options);
        let json = folder.cli_json(&arguments);
        let field = |name: &str| json[name].as_str().expect("a field of the new client").to_owned();
        let basic = BASE64_STANDARD.encode(format!("{}:{}", field("client_id"), field("client_secret")));
        Self { slug: field("slug"), id: field("client_id"), authorization: format!("Authorization: Basic {basic}\r\n") }
    }

    fn authorize_path(&self, scope: &str) -> String {
        let fields = [
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", REDIRECT),
            ("scope", scope),
            ("state", "af0ifjsldkj"),
            ("nonce", "n-0S6_WzA2Mj"),
        ];
        format!("{AUTHORIZE}?{}", form(&fields))
    }

    fn post(&self, host: &str, path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
        request("POST", path, host, &self.authorization, &form(fields))
    }

    fn redeem(&self, wire: &mut Wire, host: &str, code: &str) -> Value {
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT)];
        json(&wire.ask(&self.post(host, TOKEN, &fields)).expect(200))
    }
}

/// A unit of load: the code flow of somebody who is signed in, from the authorization request to userinfo.
pub fn code_flow<'a>(provider: &'a Provider, client: &'a Client, session: &str) -> impl FnMut() + use<'a> {
    let (mut wire, host) = (Wire::open(provider.port), &provider.host);
    let cookie = format!("Cookie: {session}\r\n");
    let authorize = request("GET", &client.authorize_path("openid profile email"), host, &cookie, "");
    move || {
        let code = code_of(&wire.ask(&authorize).expect(303));
        let tokens = client.redeem(&mut wire, host, &code);
        userinfo(&mut wire, host, &tokens);
    }
}

/// The exchange of a code that was asked for just before, and how long it alone took.
pub fn exchange<'a>(provider: &'a Provider, client: &'a Client, session: &str) -> impl FnMut() -> Duration + use<'a> {
    let (mut wire, host) = (Wire::open(provider.port), &provider.host);
    let authorize =
        request("GET", &client.authorize_path("openid profile email"), host, &format!("Cookie: {session}\r\n"), "");
    move || {
        let code = code_of(&wire.ask(&authorize).expect(303));
        let at = Instant::now();
        client.redeem(&mut wire, host, &code);
        at.elapsed()
    }
}

/// A unit of load: one refresh after the other, each with the token of the last.
pub fn refresh<'a>(provider: &'a Provider, client: &'a Client, session: &str) -> impl FnMut() + use<'a> {
    let (mut wire, host) = (Wire::open(provider.port), &provider.host);
    let mut refresh = text(&tokens(&mut wire, host, client, session)["refresh_token"]).to_owned();
    move || {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &refresh)];
        let answer = json(&wire.ask(&client.post(host, TOKEN, &fields)).expect(200));
        refresh = text(&answer["refresh_token"]).to_owned();
    }
}

/// A unit of load: one introspection of a valid access token.
pub fn introspect<'a>(provider: &'a Provider, client: &'a Client, session: &str) -> impl FnMut() + use<'a> {
    let (mut wire, host) = (Wire::open(provider.port), &provider.host);
    let tokens = tokens(&mut wire, host, client, session);
    let request = client.post(host, "/application/o/introspect/", &[("token", text(&tokens["access_token"]))]);
    move || assert!(wire.ask(&request).expect(200).text().contains("\"active\":true"))
}

/// A unit of load: one GET that anybody may make.
pub fn get(provider: &Provider, path: &str) -> impl FnMut() + use<> {
    let mut wire = Wire::open(provider.port);
    let get = request("GET", path, &provider.host, "", "");
    move || {
        wire.ask(&get).expect(200);
    }
}

fn tokens(wire: &mut Wire, host: &str, client: &Client, session: &str) -> Value {
    let path = client.authorize_path("openid profile email offline_access");
    let code = code_of(&wire.ask(&request("GET", &path, host, &format!("Cookie: {session}\r\n"), "")).expect(303));
    client.redeem(wire, host, &code)
}

fn userinfo(wire: &mut Wire, host: &str, tokens: &Value) {
    let authorization = format!("Authorization: Bearer {}\r\n", text(&tokens["access_token"]));
    wire.ask(&request("GET", "/application/o/userinfo/", host, &authorization, "")).expect(200);
}

impl Browser {
    pub fn new(wire: Wire, provider: &Provider) -> Self {
        Self { wire, host: provider.host.clone(), cookies: Vec::new() }
    }

    /// Opens the sign-in page and leaves it at that.
    pub fn open_login(&mut self) {
        self.get("/login/", 200);
    }

    /// Signs in and gives the session's cookie. What the browser held before is thrown away.
    pub fn sign_in(&mut self) -> String {
        self.cookies.clear();
        let page = self.get("/login/", 200);
        self.post_password("/login/", &page, (USER, PASSWORD), 200);
        self.cookie_line()
    }

    /// One wrong password or name, and how long its refusal took.
    pub fn guess(&mut self, username: &str, password: &str) -> Duration {
        self.cookies.clear();
        let page = self.get("/login/", 200);
        let at = Instant::now();
        self.post_password("/login/", &page, (username, password), 403);
        at.elapsed()
    }

    /// A whole sign-in for a client: from its authorization request, by the sign-in page, to userinfo.
    pub fn sign_in_for(&mut self, client: &Client) {
        self.cookies.clear();
        let login = self.redirect(&client.authorize_path("openid profile email"));
        let page = self.get(&login, 200);
        self.post_password(&login, &page, (USER, PASSWORD), 200);
        let to_client = self.redirect(&login.replace("/login/", "/consent/"));
        let code = param(&to_client, "code");
        let tokens = client.redeem(&mut self.wire, &self.host, &code);
        userinfo(&mut self.wire, &self.host, &tokens);
    }

    fn post_password(&mut self, path: &str, page: &str, (username, password): (&str, &str), status: u16) {
        let token = page.split("name=\"form_token\" value=\"").nth(1).and_then(|t| t.split('"').next());
        let fields = [("form_token", token.expect("a form")), ("username", username), ("password", password)];
        let headers = format!("Cookie: {}\r\nOrigin: http://{}\r\n", self.cookie_line(), self.host);
        self.ask(&request("POST", path, &self.host, &headers, &form(&fields)), status);
    }

    fn get(&mut self, path: &str, status: u16) -> String {
        let cookie = format!("Cookie: {}\r\n", self.cookie_line());
        self.ask(&request("GET", path, &self.host, &cookie, ""), status).0
    }

    fn redirect(&mut self, path: &str) -> String {
        let cookie = format!("Cookie: {}\r\n", self.cookie_line());
        self.ask(&request("GET", path, &self.host, &cookie, ""), 303).1
    }

    /// The body and the Location.
    fn ask(&mut self, request: &[u8], status: u16) -> (String, String) {
        let reply = self.wire.ask(request).expect(status);
        for line in reply.headers("Set-Cookie") {
            let (name, value) = line.split(';').next().and_then(|c| c.split_once('=')).expect("a cookie");
            self.cookies.retain(|(n, _)| n != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        (reply.text().to_owned(), reply.header("Location").unwrap_or_default().to_owned())
    }

    fn cookie_line(&self) -> String {
        self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ")
    }
}

fn code_of(reply: &Reply) -> String {
    param(reply.header("Location").expect("a redirect"), "code")
}

fn param(url: &str, name: &str) -> String {
    let query = url.split_once('?').expect("a query").1;
    let found = form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == name);
    found.unwrap_or_else(|| panic!("no {name} in {url}")).1.into_owned()
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn json(reply: &Reply) -> Value {
    serde_json::from_slice(reply.body).expect("JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}
