//! What a browser says it is, for people: `Firefox, Android`. A guess from the User-Agent, good enough to tell one's
//! phone from one's desk.

/// Browser and system, as far as they can be told; else the beginning of what it says. For who has signed in with it.
pub fn in_words(user_agent: &str) -> String {
    recognised(user_agent).unwrap_or_else(|| user_agent.chars().take(40).collect())
}

/// Browser and system, if either can be told. No word of it is the device's own: a stranger's would be believed, standing
/// on our page.
pub fn recognised(user_agent: &str) -> Option<String> {
    // Each pretends to be the ones after it.
    let browsers = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    let systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let find =
        |of: &[(&str, &'static str)]| of.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    match (find(&browsers), find(&systems)) {
        (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{in_words, recognised};

    #[test]
    fn browsers_are_told_apart_although_they_pretend() {
        for (agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
            ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "Chrome, Android"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari, iPhone"),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Windows"),
            ("curl/8.5.0", "curl"),
            ("", ""),
        ] {
            assert_eq!(in_words(agent), words, "{agent}");
        }
        assert_eq!(in_words(&"x".repeat(500)).len(), 40);
        assert_eq!(recognised("Alice's own television"), None);
        assert_eq!(recognised("Alice's own curl/8.5.0").as_deref(), Some("curl"), "no word of its own");
    }
}
