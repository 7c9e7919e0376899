//! Real Chromium, driven over its debugging protocol. One process serves all tests that run at a time, each in a
//! private window of its own; the last one that lets go ends it.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use headless_chrome::protocol::cdp::types::Event;
use headless_chrome::protocol::cdp::{Emulation, Input, Network, Page as PageDomain, Runtime};
use headless_chrome::{Browser as Chrome, LaunchOptions, Tab};
use serde_json::Value;

/// How long a page may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Arguments beside the driver's own: nothing but the tests' own pages is talked to.
const ARGUMENTS: [&str; 5] = [
    "--headless=new",
    "--disable-component-update",
    "--disable-quic",
    "--no-default-browser-check",
    "--disable-search-engine-choice-screen",
];

/// The running browser, with a profile of its own that goes with it.
struct Chromium {
    chrome: Option<Chrome>,
    profile: PathBuf,
}

impl Chromium {
    /// The one that runs, or a new one.
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Chromium>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let started = Arc::new(Self::start());
            *shared = Arc::downgrade(&started);
            started
        })
    }

    fn start() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let profile = std::env::temp_dir().join(format!("latchkey-chromium-{}-{n}", std::process::id()));
        let options = LaunchOptions::default_builder()
            .path(Some(executable()))
            .user_data_dir(Some(profile.clone()))
            .headless(false)
            .sandbox(false)
            .ignore_certificate_errors(false)
            .idle_browser_timeout(Duration::from_secs(3600))
            .args(ARGUMENTS.iter().map(OsStr::new).collect())
            .build()
            .expect("launch options");
        Self { chrome: Some(Chrome::new(options).expect("Chromium starts")), profile }
    }

    fn window(&self) -> Arc<Tab> {
        let chrome = self.chrome.as_ref().expect("it runs until it is dropped");
        chrome.new_context().and_then(|window| window.new_tab()).expect("a window")
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        drop(self.chrome.take());
        // Its helpers end a moment later, and write until then.
        for _ in 0..40 {
            if std::fs::remove_dir_all(&self.profile).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// What `LATCHKEY_CHROMIUM` names, else Debian's, else what is found.
fn executable() -> PathBuf {
    if let Some(path) = std::env::var_os("LATCHKEY_CHROMIUM") {
        return path.into();
    }
    let debian = PathBuf::from("/usr/bin/chromium");
    if debian.exists() {
        return debian;
    }
    headless_chrome::browser::default_executable()
        .expect("Chromium is needed: apt-get install chromium, or LATCHKEY_CHROMIUM=/path/to/it")
}

/// What went on behind the page.
#[derive(Debug, Default)]
struct Seen {
    /// Every address asked for.
    requests: Vec<String>,
    /// Console messages, exceptions and violations of a policy.
    complaints: Vec<Complaint>,
    /// Pages that were answered with an error status: Chromium mentions those on the console, as it should.
    refused: HashSet<String>,
}

#[derive(Debug, Clone)]
struct Complaint {
    url: String,
    words: String,
}

/// One private window.
pub struct Page {
    tab: Arc<Tab>,
    seen: Arc<Mutex<Seen>>,
    /// Whether scripts of pages run.
    scripts: bool,
    // The tab talks to the process as long as it runs.
    _chromium: Arc<Chromium>,
}

impl Drop for Page {
    fn drop(&mut self) {
        drop(self.tab.close(false));
    }
}

impl Page {
    pub fn open() -> Self {
        let chromium = Chromium::shared();
        let tab = chromium.window();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let into = Arc::clone(&seen);
        tab.add_event_listener(Arc::new(move |event: &Event| into.lock().expect("seen").note(event)))
            .expect("a listener");
        tab.enable_log().expect("Log");
        tab.enable_runtime().expect("Runtime");
        tab.call_method(Network::Enable {
            max_total_buffer_size: None,
            max_resource_buffer_size: None,
            max_post_data_size: None,
            report_direct_socket_traffic: None,
            enable_durable_messages: None,
        })
        .expect("Network");
        let page = Self { tab, seen, scripts: true, _chromium: chromium };
        page.size(1280, 800);
        page
    }

    /// A window in which scripts of pages do not run.
    pub fn without_scripts() -> Self {
        let mut page = Self::open();
        page.scripts = false;
        page.allow_scripts(false);
        page
    }

    /// What talks to the window.
    pub(super) fn tab(&self) -> &Tab {
        &self.tab
    }

    /// Lets scripts run for a while in a window without, for those who look at a page by a script of their own.
    pub fn allow_scripts(&self, value: bool) {
        if !self.scripts {
            self.tab.call_method(Emulation::SetScriptExecutionDisabled { value: !value }).expect("scripts are off");
        }
    }
}

/// Going places and doing things there. Each word to the browser costs the driver up to a tenth of a second, so
/// there are few.
impl Page {
    /// Opens an address as if it were typed, and waits for the page it leads to.
    #[track_caller]
    pub fn go(&self, url: &str) {
        self.js("window.here = true");
        let navigate = PageDomain::Navigate {
            url: url.to_owned(),
            referrer: None,
            transition_Type: None,
            frame_id: None,
            referrer_policy: None,
        };
        assert_eq!(self.tab.call_method(navigate).expect("Page.navigate").error_text, None, "{url}");
        self.arrive();
    }

    /// Types into a field, in place of what it holds.
    #[track_caller]
    pub fn fill(&self, selector: &str, text: &str) {
        let act = "e.focus(); e.select(); return document.activeElement === e";
        self.wait(selector, &with_element(selector, act), |v| v.as_bool().filter(|focused| *focused));
        self.tab.call_method(Input::InsertText { text: text.to_owned() }).expect("typed");
    }

    /// Clicks a button or link that leads to another page, and waits for that page.
    #[track_caller]
    pub fn press(&self, selector: &str) {
        self.click(selector);
        self.arrive();
    }

    /// Clicks with the mouse in the middle of a button or link. As with a hand, nothing may lie over it.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        let act = "e.scrollIntoView({block: 'center'});
            const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
            window.here = true;
            return e.contains(document.elementFromPoint(x, y)) ? [x, y] : null";
        let (x, y) = self.wait(selector, &with_element(selector, act), |v| Some((v[0].as_f64()?, v[1].as_f64()?)));
        self.mouse(Input::DispatchMouseEventTypeOption::MousePressed, x, y);
        self.mouse(Input::DispatchMouseEventTypeOption::MouseReleased, x, y);
    }

    /// Presses a key that types nothing, by its name and code.
    pub fn key(&self, name: &str, code: u32) {
        for what in [Input::DispatchKeyEventTypeOption::RawKeyDown, Input::DispatchKeyEventTypeOption::KeyUp] {
            let event = Input::DispatchKeyEvent {
                Type: what,
                key: Some(name.to_owned()),
                code: Some(name.to_owned()),
                windows_virtual_key_code: Some(code),
                native_virtual_key_code: None,
                modifiers: None,
                timestamp: None,
                text: None,
                unmodified_text: None,
                key_identifier: None,
                auto_repeat: None,
                is_keypad: None,
                is_system_key: None,
                location: None,
                commands: None,
            };
            self.tab.call_method(event).expect("a key");
        }
    }

    fn mouse(&self, what: Input::DispatchMouseEventTypeOption, x: f64, y: f64) {
        let event = Input::DispatchMouseEvent {
            Type: what,
            x,
            y,
            button: Some(Input::MouseButton::Left),
            click_count: Some(1),
            modifiers: None,
            timestamp: None,
            buttons: None,
            force: None,
            tangential_pressure: None,
            tilt_x: None,
            tilt_y: None,
            twist: None,
            delta_x: None,
            delta_y: None,
            pointer_Type: None,
        };
        // A click that leads to another process may take its answer along.
        drop(self.tab.call_method(event));
    }

    /// Waits until the page that was marked has made way for another.
    #[track_caller]
    fn arrive(&self) {
        self.wait("another page", "!window.here && document.readyState === 'complete'", is_true);
    }

    /// Fills in the sign-in page and goes on.
    #[track_caller]
    pub fn sign_in(&self, username: &str, password: &str) {
        self.fill("#username", username);
        self.fill("#password", password);
        self.press("#login-submit");
    }

    /// Waits until an element is there, on a page that is complete.
    #[track_caller]
    pub fn see(&self, selector: &str) {
        self.wait(selector, &with_element(selector, "return true"), is_true);
    }

    /// Waits, across pages, until an expression has the value that is looked for.
    #[track_caller]
    fn wait<T>(&self, what: &str, expression: &str, wanted: impl Fn(Value) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = self.try_js(expression).and_then(&wanted) {
                return found;
            }
            if Instant::now() > until {
                let body = self.try_js("document.body.innerText");
                let seen = format!("{:?}", self.seen.lock().expect("seen"));
                panic!("waited in vain for {what} at {}: {body:?}, {seen}", self.url());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The value of an expression, or none while one page makes way for the next.
    pub fn try_js(&self, expression: &str) -> Option<Value> {
        self.evaluate(expression, false)
    }

    /// What a promise comes to.
    #[track_caller]
    pub fn js_of_promise(&self, expression: &str) -> Value {
        self.evaluate(expression, true).unwrap_or_else(|| panic!("failed at {}: {expression}", self.url()))
    }

    fn evaluate(&self, expression: &str, is_promise: bool) -> Option<Value> {
        let evaluate = Runtime::Evaluate {
            expression: expression.to_owned(),
            return_by_value: Some(true),
            object_group: None,
            include_command_line_api: None,
            silent: Some(true),
            context_id: None,
            generate_preview: None,
            user_gesture: None,
            await_promise: Some(is_promise),
            throw_on_side_effect: None,
            timeout: None,
            disable_breaks: None,
            repl_mode: None,
            allow_unsafe_eval_blocked_by_csp: None,
            unique_context_id: None,
            serialization_options: None,
        };
        let result = self.tab.call_method(evaluate).ok()?;
        if result.exception_details.is_some() { None } else { Some(result.result.value.unwrap_or(Value::Null)) }
    }

    #[track_caller]
    pub fn js(&self, expression: &str) -> Value {
        self.try_js(expression).unwrap_or_else(|| panic!("failed at {}: {expression}", self.url()))
    }

    pub fn url(&self) -> String {
        self.try_js("location.href").and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The text of an element.
    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        self.wait(selector, &with_element(selector, "return e.innerText"), |v| v.as_str().map(str::to_owned))
    }

    /// What a page offers to copy under a label.
    #[track_caller]
    pub fn copied(&self, label: &str) -> String {
        let row = "[...document.querySelectorAll('.copy')].find(r => r.querySelector('span').textContent === ";
        let text = self.js(&format!("{row}{})?.querySelector('code')?.textContent ?? ''", quoted(label)));
        let text = text.as_str().filter(|t| !t.is_empty());
        text.unwrap_or_else(|| panic!("no {label}: {}", self.text("main"))).to_owned()
    }

    pub fn has(&self, selector: &str) -> bool {
        self.js(&format!("document.querySelector({}) !== null", quoted(selector))) == Value::Bool(true)
    }
}

/// What it looks like, and what went on behind it.
impl Page {
    /// The size of the window's inside.
    pub fn size(&self, width: u32, height: u32) {
        let metrics = Emulation::SetDeviceMetricsOverride {
            width,
            height,
            device_scale_factor: 1.0,
            mobile: false,
            scale: None,
            screen_width: None,
            screen_height: None,
            position_x: None,
            position_y: None,
            dont_set_visible_size: None,
            screen_orientation: None,
            viewport: None,
            display_feature: None,
            device_posture: None,
        };
        self.tab.call_method(metrics).expect("a size");
    }

    /// The language that the browser asks for.
    pub fn language(&self, code: &str) {
        let headers = Network::Headers(Some(serde_json::json!({ "Accept-Language": code })));
        self.tab.call_method(Network::SetExtraHTTPHeaders { headers }).expect("a language");
    }

    /// `light` or `dark`.
    pub fn colour_scheme(&self, scheme: &str) {
        let feature = Emulation::MediaFeature { name: "prefers-color-scheme".into(), value: scheme.into() };
        let media = Emulation::SetEmulatedMedia { media: None, features: Some(vec![feature]) };
        self.tab.call_method(media).expect("a colour scheme");
    }

    /// Writes pictures of the whole page, wide and narrow, light and dark, to the folder that `LATCHKEY_SCREENSHOTS`
    /// names. Does nothing without it.
    pub fn pictures(&self, name: &str) {
        let Some(folder) = std::env::var_os("LATCHKEY_SCREENSHOTS").map(PathBuf::from) else { return };
        std::fs::create_dir_all(&folder).expect("the folder of the pictures");
        for width in [390, 1280] {
            self.size(width, 800);
            let height = self.js("document.documentElement.scrollHeight").as_u64().unwrap_or(800).clamp(800, 4000);
            self.size(width, height as u32);
            for scheme in ["light", "dark"] {
                self.colour_scheme(scheme);
                let picture = self
                    .tab
                    .capture_screenshot(PageDomain::CaptureScreenshotFormatOption::Png, None, None, true)
                    .expect("a picture");
                std::fs::write(folder.join(format!("{name}-{width}-{scheme}.png")), picture).expect("written");
            }
        }
        self.colour_scheme("light");
        self.size(1280, 800);
    }

    /// What the window shows, as a small WebP.
    pub fn picture(&self) -> Vec<u8> {
        let format = PageDomain::CaptureScreenshotFormatOption::Webp;
        self.tab.capture_screenshot(format, Some(70), None, true).expect("a picture")
    }

    /// Every address that was asked for.
    pub fn requests(&self) -> Vec<String> {
        self.seen.lock().expect("seen").requests.clone()
    }

    /// Console messages, exceptions and violations of a policy so far; not the mention of an answer with an error
    /// status that was a page to read.
    pub fn complaints(&self) -> Vec<String> {
        let seen = self.seen.lock().expect("seen");
        let is_page = |c: &&Complaint| seen.refused.contains(&c.url) && c.words.starts_with("Failed to load resource");
        seen.complaints.iter().filter(|c| !is_page(c)).map(|c| format!("{}: {}", c.url, c.words)).collect()
    }

    /// Nothing was complained about, and nothing but these origins was talked to.
    #[track_caller]
    pub fn is_clean(&self, origins: &[&str]) {
        assert_eq!(self.complaints(), Vec::<String>::new());
        let requests = self.requests();
        assert!(!requests.is_empty(), "the driver saw no request at all");
        for url in requests.iter().filter(|u| !u.starts_with("data:")) {
            let is_known = origins.iter().any(|o| url.strip_prefix(o).is_some_and(|rest| rest.starts_with('/')));
            assert!(is_known, "a request elsewhere: {url}");
        }
    }
}

impl Seen {
    fn note(&mut self, event: &Event) {
        match event {
            Event::NetworkRequestWillBeSent(e) => self.requests.push(e.params.request.url.clone()),
            Event::NetworkResponseReceived(e)
                if e.params.Type == Network::ResourceType::Document && e.params.response.status >= 400 =>
            {
                self.refused.insert(e.params.response.url.clone());
            }
            // Chromium's remark on a person, or a test, who typed before it got round to `autofocus`.
            Event::LogEntryAdded(e) if e.params.entry.text.starts_with("Autofocus processing was blocked") => {}
            Event::LogEntryAdded(e) => {
                self.complain(e.params.entry.url.clone().unwrap_or_default(), e.params.entry.text.clone());
            }
            Event::RuntimeConsoleAPICalled(e) => self.complain(String::new(), format!("{:?}", e.params.args)),
            Event::RuntimeExceptionThrown(e) => {
                let details = &e.params.exception_details;
                self.complain(details.url.clone().unwrap_or_default(), details.text.clone());
            }
            _ => {}
        }
    }

    fn complain(&mut self, url: String, words: String) {
        self.complaints.push(Complaint { url, words });
    }
}

fn is_true(value: Value) -> Option<()> {
    (value == Value::Bool(true)).then_some(())
}

/// An expression that does something with an element `e` of a complete page; `null` while there is none.
fn with_element(selector: &str, act: &str) -> String {
    let find = format!("document.readyState === 'complete' && document.querySelector({})", quoted(selector));
    format!("(() => {{ const e = {find}; if (!e) return null; {act} }})()")
}

/// A string of the script language.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
