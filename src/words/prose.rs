//! The markup of long texts in the catalogue: paragraphs with an empty line between, lists of lines that begin with
//! `- `, `` `code` ``, `*words of an interface*` and `[words](#place)`. It is a part of Markdown, so that a document takes a text as it is; this
//! makes HTML of it. Everything is escaped; what is no whole markup is text.

use askama::filters::Safe;

use super::escape;

/// A part of a line.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Code(&'a str),
    Name(&'a str),
    Link { words: &'a str, anchor: &'a str },
}

/// The text as HTML. Code that is one of `pages`, the path of a page that is there, is a link to it. A paragraph of
/// nothing but code is a command to copy.
pub fn html(text: &str, pages: &[&str]) -> Safe<String> {
    let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    Safe(blocks.map(|block| block_html(block, pages)).collect())
}

fn block_html(block: &str, pages: &[&str]) -> String {
    if let Some(list) = block.strip_prefix("- ") {
        let item = |item: &str| format!("<li>{}</li>", line_html(item, pages));
        return format!("<ul>{}</ul>\n", list.split("\n- ").map(item).collect::<String>());
    }
    match pieces(block).as_slice() {
        [Piece::Code(code)] if !pages.contains(code) => format!("<pre>{}</pre>\n", code_html(code)),
        _ => format!("<p>{}</p>\n", line_html(block, pages)),
    }
}

fn line_html(line: &str, pages: &[&str]) -> String {
    let one = |piece: Piece| match piece {
        Piece::Text(text) => escape(text),
        Piece::Code(code) if pages.contains(&code) => {
            format!("<a href=\"{0}\"><code>{0}</code></a>", escape(code))
        }
        Piece::Code(code) => code_html(code),
        Piece::Name(words) => format!("<b>{}</b>", escape(words)),
        Piece::Link { words, anchor } => format!("<a href=\"#{}\">{}</a>", escape(anchor), escape(words)),
    };
    pieces(line).into_iter().map(one).collect()
}

/// Longer words may have to be broken on a phone.
const WHOLE: usize = 24;

/// Lines break between words: half an option is none.
fn code_html(code: &str) -> String {
    let word = |word: &str| match word.len() {
        1..=WHOLE => format!("<span class=\"whole\">{}</span>", escape(word)),
        _ => escape(word),
    };
    format!("<code>{}</code>", code.split(' ').map(word).collect::<Vec<_>>().join(" "))
}

fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut text, mut at) = (0, 0);
    while let Some(next) = line[at..].find(['`', '*', '[']) {
        at += next;
        let rest = &line[at..];
        match code(rest).or_else(|| name(rest)).or_else(|| link(rest)) {
            Some((piece, length)) => {
                found.extend([Piece::Text(&line[text..at]), piece]);
                at += length;
                text = at;
            }
            None => at += 1,
        }
    }
    found.push(Piece::Text(&line[text..]));
    found.retain(|piece| *piece != Piece::Text(""));
    found
}

/// Code at the beginning, and how long it is with its marks.
fn code(line: &str) -> Option<(Piece<'_>, usize)> {
    let (code, _) = line.strip_prefix('`')?.split_once('`')?;
    Some((Piece::Code(code), code.len() + "``".len()))
}

/// Words of an interface at the beginning, and how long they are with their marks.
fn name(line: &str) -> Option<(Piece<'_>, usize)> {
    let (words, _) = line.strip_prefix('*')?.split_once('*')?;
    let is_whole = words.trim() == words && !words.is_empty() && !words.contains(['[', '`']);
    is_whole.then_some((Piece::Name(words), words.len() + "**".len()))
}

/// A link at the beginning, and how long it is with its marks.
fn link(line: &str) -> Option<(Piece<'_>, usize)> {
    let (words, rest) = line.strip_prefix('[')?.split_once("](#")?;
    let (anchor, _) = rest.split_once(')')?;
    let is_anchor = !anchor.is_empty() && anchor.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let is_whole = is_anchor && !words.contains(['[', '`']);
    is_whole.then(|| (Piece::Link { words, anchor }, words.len() + anchor.len() + "[](#)".len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const X_Y: &str = "<code><span class=\"whole\">x</span> <span class=\"whole\">y</span></code>";

    fn plain(text: &str) -> String {
        html(text, &["/trust/"]).0
    }

    #[test]
    fn paragraphs_lists_code_and_links() {
        assert_eq!(plain("One\nline.\n\nTwo."), "<p>One\nline.</p>\n<p>Two.</p>\n");
        assert_eq!(plain("- a\n- b\n  b"), "<ul><li>a</li><li>b\n  b</li></ul>\n");
        assert_eq!(plain("Do `x y`."), format!("<p>Do {X_Y}.</p>\n"));
        assert_eq!(plain("`/etc/latchkey/latchkey.toml`"), "<pre><code>/etc/latchkey/latchkey.toml</code></pre>\n");
        assert_eq!(plain("`x y`"), format!("<pre>{X_Y}</pre>\n"));
        assert_eq!(plain("See [the clock](#clock)!"), "<p>See <a href=\"#clock\">the clock</a>!</p>\n");
        assert_eq!(plain("Under *Check access*:"), "<p>Under <b>Check access</b>:</p>\n");
        assert_eq!(
            plain("Ä `/trust/`, `/no/`"),
            "<p>Ä <a href=\"/trust/\"><code>/trust/</code></a>, <code><span class=\"whole\">/no/</span></code></p>\n"
        );
        assert_eq!(plain("`/trust/`"), "<p><a href=\"/trust/\"><code>/trust/</code></a></p>\n");
    }

    #[test]
    fn what_is_no_whole_markup_is_text() {
        for text in
            ["a ` b", "[a](#B)", "[a](#)", "[a](b)", "[a](#b", "[a]", "[", "](#x)", "[`x](#y)", "2 * 3 * 4", "**"]
        {
            assert_eq!(plain(text), format!("<p>{text}</p>\n"), "{text}");
        }
        assert_eq!(plain("[[a](#b)"), "<p>[<a href=\"#b\">a</a></p>\n");
        assert_eq!(plain("``"), "<pre><code></code></pre>\n");
        assert_eq!(plain(""), "");
    }

    #[test]
    fn hostile_text_stays_text() {
        for hostile in ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "&lt;b&gt;", "'"] {
            for text in [
                hostile.to_owned(),
                format!("`{hostile}`"),
                format!("a `{hostile}` b"),
                format!("*{hostile}*"),
                format!("- {hostile}"),
                format!("[{hostile}](#x)"),
                format!("[x](#{hostile})"),
                format!("[x](#x\" onclick=\"{hostile})"),
                format!("[x](javascript:{hostile})"),
            ] {
                let html = plain(&text);
                assert!(!html.contains(hostile) && !html.contains("<script") && !html.contains("<img"), "{html}");
                assert!(!html.contains("href=\"j") && !html.contains("\" onclick"), "{html}");
            }
        }
    }

    const WORD: &str = "<span class=\"whole\">";

    proptest! {
        #[test]
        fn nothing_but_our_own_tags_comes_out(text in "[-`*\\[\\]()#a-c<>\"'&/ \né]{0,60}") {
            let html = plain(&text);
            let mut rest = html.as_str();
            while let Some(at) = rest.find('<') {
                rest = &rest[at..];
                let end = rest.find('>').expect("a tag ends");
                let tag = rest[..=end].replace('/', "");
                let is_link = tag.strip_prefix("<a href=\"#").and_then(|t| t.strip_suffix("\">")).is_some_and(|a| {
                    a.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
                });
                prop_assert!(is_link || ["<p>", "<ul>", "<li>", "<pre>", "<code>", "<b>", "<a>", "<span>", WORD].contains(&tag.as_str()), "{}", html);
                rest = &rest[end + 1..];
            }
            prop_assert_eq!(html.matches("<code>").count(), html.matches("</code>").count());
        }
    }
}
