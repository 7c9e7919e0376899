//! A browser as far as these tests need one: cookies, redirects within the provider, meta refresh, forms.

use super::http::{Answer, Http, form};
use super::{PASSWORD, Server};

/// Keeps cookies and knows where it is.
pub struct Browser {
    pub http: Http,
    base: String,
    pub cookies: Vec<(String, String)>,
    /// The path of the last page.
    pub at: String,
}

impl Browser {
    pub fn new(server: &Server) -> Self {
        Self { http: server.http(), base: server.base.clone(), cookies: Vec::new(), at: "/".into() }
    }

    /// The origin that it talks to.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// From another loopback address.
    pub fn from(mut self, address: &str) -> Self {
        self.http = self.http.from(address);
        self
    }

    fn headers(&self) -> Vec<(String, String)> {
        let line: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        if line.is_empty() { Vec::new() } else { vec![("Cookie".into(), line.join("; "))] }
    }

    fn remember(&mut self, answer: &Answer) {
        for line in answer.all("Set-Cookie") {
            let mut parts = line.split(';').map(str::trim);
            let (name, value) = parts.next().and_then(|p| p.split_once('=')).expect("a cookie");
            self.cookies.retain(|(n, _)| n != name);
            if !parts.any(|p| p.eq_ignore_ascii_case("Max-Age=0")) {
                self.cookies.push((name.into(), value.into()));
            }
        }
    }

    /// One GET, nothing followed. `url` is a path or an address below the base URL.
    pub fn get(&mut self, url: &str) -> Answer {
        let path = url.strip_prefix(&self.base).unwrap_or(url).to_owned();
        let headers = self.headers();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let answer = self.http.get_with(&path, &headers);
        self.remember(&answer);
        self.at = path;
        answer
    }

    /// One form POST as a page of ours sends it, nothing followed.
    pub fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = self.base.clone();
        self.post_from(&origin, url, fields)
    }

    /// A form POST from a page of some origin. A browser does not send Lax cookies with one from another site.
    pub fn post_from(&mut self, origin: &str, url: &str, fields: &[(&str, &str)]) -> Answer {
        let path = url.strip_prefix(&self.base).unwrap_or(url).to_owned();
        let mut headers = if origin == self.base { self.headers() } else { Vec::new() };
        headers.push(("Origin".into(), origin.to_owned()));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let answer = self.http.post_with(&path, &headers, fields);
        self.remember(&answer);
        self.at = path;
        answer
    }

    /// Follows redirects and meta refreshes within the provider, to the first page or the first address elsewhere
    /// (then the answer is the redirect).
    pub fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            let Some(next) = onward(&answer) else { return answer };
            let is_ours = next.starts_with('/') || next.starts_with(&format!("{}/", self.base));
            if !is_ours {
                if answer.header("Location").is_none() {
                    answer.headers.push(("Location".into(), next));
                }
                return answer;
            }
            answer = self.get(&next);
        }
        panic!("redirected in a loop: {answer:?}");
    }

    pub fn open(&mut self, url: &str) -> Answer {
        let answer = self.get(url);
        self.follow(answer)
    }

    /// Submits the form of the page (its action and hidden fields) with these fields.
    pub fn submit(&mut self, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let action = action(page).unwrap_or_else(|| self.at.clone());
        let token = form_token(page);
        let mut all = vec![("form_token", token.as_str())];
        all.extend(fields);
        self.post(&action, &all)
    }

    /// Fills in the sign-in page that is shown, and goes on to where it leads.
    pub fn sign_in(&mut self, page: &Answer, username: &str) -> Answer {
        assert!(page.body.contains("id=\"login-submit\""), "not the sign-in page: {page:?}");
        let answer = self.submit(page, &[("username", username), ("password", PASSWORD)]);
        assert_eq!(answer.status, 200, "{answer:?}");
        self.follow(answer)
    }

    /// A browser in which this user is signed in.
    pub fn signed_in(server: &Server, username: &str) -> Self {
        let mut browser = Self::new(server);
        let page = browser.open("/login/");
        let home = browser.sign_in(&page, username);
        assert_eq!(home.status, 200, "{home:?}");
        browser
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Where an answer sends the browser by itself.
fn onward(answer: &Answer) -> Option<String> {
    if (300..400).contains(&answer.status) {
        return answer.header("Location").map(str::to_owned);
    }
    let refresh = answer.body.split("http-equiv=\"refresh\"").nth(1)?;
    let content = refresh.split("content=\"").nth(1)?.split('"').next()?;
    let url = content.split_once("url=").or_else(|| content.split_once("URL="))?.1;
    Some(unescape(url).trim_matches('\'').to_owned())
}

/// The text of an attribute as a browser reads it.
pub fn unescape(html: &str) -> String {
    let mut out = html.to_owned();
    for (entity, character) in [
        ("&#38;", "&"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ] {
        out = out.replace(entity, character);
    }
    out
}

/// The action of the last form of a page (the first may be the bar's sign-out button).
pub fn action(page: &Answer) -> Option<String> {
    let tag = page
        .body
        .split("<form ")
        .filter(|f| f.starts_with("method=\"post\"") || f.contains("method=\"post\""))
        .last()?;
    let tag = tag.split('>').next()?;
    Some(unescape(tag.split("action=\"").nth(1)?.split('"').next()?))
}

pub fn form_token(page: &Answer) -> String {
    let after = page.body.split("name=\"form_token\" value=\"").nth(1);
    after.and_then(|a| a.split('"').next()).unwrap_or_default().to_owned()
}

/// A URL with a query.
pub fn url(path: &str, fields: &[(&str, &str)]) -> String {
    format!("{path}?{}", form(fields))
}
