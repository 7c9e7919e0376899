//! Looking at a page in a real browser: labels and sizes, nothing cut off on a phone or on a desk, no jumps while it
//! loads, few bytes, and what axe-core finds in light and in dark. With `LATCHKEY_SCREENSHOTS` set to a folder, pictures
//! of each are left there.

use std::fmt::Write as _;
use std::sync::OnceLock;

use serde_json::Value;

use super::chromium::Page;

/// The narrowest window that WCAG asks for, a small phone, a desk.
const WIDTHS: [u32; 3] = [320, 360, 1440];
/// The document and all that it needs, as it comes over the wire.
const MOST_BYTES: u64 = 60_000;

/// What is wrong with a page, as a list of sentences: names of fields, headings, sizes.
const FLAWS: &str = r#"(() => {
  const flaws = [], all = s => [...document.querySelectorAll(s)];
  const name = e => e.outerHTML.slice(0, 120);
  const seen = e => e.getClientRects().length > 0;
  if (!document.documentElement.lang) flaws.push('no language');
  if (!document.title) flaws.push('no title');
  if (all('h1').length !== 1) flaws.push(all('h1').length + ' headings of the first level');
  if (all('main').length !== 1) flaws.push('no main part');
  for (const e of all('input:not([type=hidden]), select, textarea'))
    if (!e.labels.length && !e.getAttribute('aria-label')) flaws.push('no label: ' + name(e));
  for (const e of all('button, a')) if (!e.textContent.trim()) flaws.push('no words: ' + name(e));
  for (const e of all('[aria-describedby], [aria-labelledby]'))
    for (const id of ((e.getAttribute('aria-describedby') || '') + ' ' + (e.getAttribute('aria-labelledby') || '')).split(' '))
      if (id && !document.getElementById(id)) flaws.push('describes by nothing: ' + name(e));
  const ids = all('[id]').map(e => e.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) flaws.push('two of id ' + id);
  for (const e of all('button, a.button, a.tile, input:not([type=hidden])')) {
    // A box is ticked by its words too.
    const r = (e.closest('label') || e).getBoundingClientRect();
    if (seen(e) && e.tabIndex >= 0 && r.height < 44) flaws.push(r.height + ' pixels high: ' + name(e));
  }
  for (const e of all('main a, main summary')) {
    const r = e.getBoundingClientRect();
    if (seen(e) && r.height < 24) flaws.push('a link ' + r.height + ' pixels high: ' + name(e));
  }
  if (all('[style], style, script:not([src])').length) flaws.push('style or script in the page');
  return flaws;
})()"#;

/// Contents that stick out of the window; not what scrolls or ends in dots.
const OVERFLOW: &str = r#"(() => {
  const width = document.documentElement.clientWidth, flaws = [];
  if (document.documentElement.scrollWidth > width) flaws.push('the page is wider than its window');
  for (const e of document.querySelectorAll('main *, header *')) {
    const r = e.getBoundingClientRect();
    let clipped = e.closest('.away');
    for (let a = e; a && !clipped; a = a.parentElement) clipped = getComputedStyle(a).overflowX !== 'visible';
    if (r.width && !clipped && (r.right > width + 1 || r.left < -1)) flaws.push('sticks out: ' + e.outerHTML.slice(0, 120));
  }
  return flaws;
})()"#;

/// How far contents jumped without anybody's doing, and how many bytes the page and its parts have. A part from the cache
/// counts as if it had been fetched.
const LOADING: &str = r#"(() => {
  const observer = new PerformanceObserver(() => {});
  observer.observe({ type: 'layout-shift', buffered: true });
  const jumps = observer.takeRecords().filter(e => !e.hadRecentInput).reduce((sum, e) => sum + e.value, 0);
  observer.disconnect();
  const parts = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  return [jumps, parts.reduce((sum, e) => sum + Math.max(e.transferSize, e.encodedBodySize + 300), 0)];
})()"#;

/// Looks at the page that is open, and leaves the window as wide as a desk.
#[track_caller]
pub fn inspect(page: &Page, name: &str) {
    let flaws = flaws(page);
    page.pictures(name);
    page.size(1280, 800);
    assert!(flaws.is_empty(), "{name}:\n{}", flaws.join("\n"));
}

/// What is wrong with the page that is open.
#[track_caller]
pub fn flaws(page: &Page) -> Vec<String> {
    page.see("h1");
    let mut flaws = Vec::new();
    let loading = page.js(LOADING);
    // Half of what browser makers call good. (A busy machine paints before it has every part, and moves a line then.)
    if loading[0].as_f64().is_none_or(|jumps| jumps > 0.05) {
        flaws.push(format!("contents jump while it loads: {}", loading[0]));
    }
    if loading[1].as_f64().is_none_or(|bytes| bytes > MOST_BYTES as f64) {
        flaws.push(format!("{} bytes, more than {MOST_BYTES}", loading[1]));
    }
    let mut auditor = Auditor::new(page);
    for width in WIDTHS {
        page.size(width, 800);
        let mut note = |found: &Value| {
            flaws.extend(found.as_array().into_iter().flatten().map(|flaw| format!("{width}: {flaw}")));
        };
        note(&page.js(OVERFLOW));
        if width != WIDTHS[0] {
            note(&page.js(FLAWS));
            flaws.extend(auditor.both_schemes(width));
        }
    }
    flaws
}

impl Page {
    /// Asks axe-core about the page as it is now, and fails on what is serious.
    #[track_caller]
    pub fn audit(&self, name: &str) {
        let flaws = Auditor::new(self).audit(Rules::All);
        assert!(flaws.is_empty(), "{name}:\n{}", flaws.join("\n"));
    }
}

/// Which of axe's rules are asked.
#[derive(Clone, Copy)]
enum Rules {
    All,
    /// Those whose answer depends on the colours.
    Colours,
}

/// axe-core in a page, put there by the debugging protocol, which no policy of the page binds.
struct Auditor<'a> {
    page: &'a Page,
    scheme: &'static str,
}

impl<'a> Auditor<'a> {
    fn new(page: &'a Page) -> Self {
        page.allow_scripts(true);
        page.js(&format!("if (!window.axe) {{ {} }} 0", source()));
        Self { page, scheme: "light" }
    }

    /// Looks at the page in light and in dark, in whichever order takes fewer changes.
    fn both_schemes(&mut self, width: u32) -> Vec<String> {
        let mut flaws = Vec::new();
        for (rules, change) in [(Rules::All, false), (Rules::Colours, true)] {
            if change {
                self.scheme = if self.scheme == "light" { "dark" } else { "light" };
                self.page.colour_scheme(self.scheme);
            }
            let found = self.audit(rules);
            flaws.extend(found.iter().map(|flaw| format!("{width}, {}: {flaw}", self.scheme)));
        }
        flaws
    }

    /// What is serious or critical, in words.
    fn audit(&self, rules: Rules) -> Vec<String> {
        let only = match rules {
            Rules::All => {
                "{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"
            }
            Rules::Colours => "{type: 'rule', values: ['color-contrast', 'link-in-text-block']}",
        };
        let run = format!(
            "axe.run(document, {{runOnly: {only}, resultTypes: ['violations'], preload: false}}).then(found =>
               found.violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v =>
                 [v.id, v.impact, v.help, v.nodes.map(n => n.html + ' ' + n.failureSummary)]))"
        );
        let found = self.page.js_of_promise(&run);
        found.as_array().expect("a list of violations").iter().map(in_words).collect()
    }
}

impl Drop for Auditor<'_> {
    fn drop(&mut self) {
        // A window that is gone has failed its test already; to fail here too would end those of everybody.
        if std::thread::panicking() {
            return;
        }
        if self.scheme != "light" {
            self.page.colour_scheme("light");
        }
        self.page.allow_scripts(false);
    }
}

fn in_words(violation: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut words = format!("{} ({}): {}", text(&violation[0]), text(&violation[1]), text(&violation[2]));
    for node in violation[3].as_array().into_iter().flatten() {
        write!(words, "\n    {}", text(node).replace('\n', "\n      ")).expect("memory");
    }
    words
}

/// The program that `tests/run` installs.
fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/target/axe/axe.min.js");
        std::fs::read_to_string(path)
            .unwrap_or_else(|error| panic!("axe-core is needed at {path} ({error}): tests/run puts it there"))
    })
}
