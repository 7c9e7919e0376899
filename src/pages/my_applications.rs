//! My applications: what this user may open, by group.

use askama::Template;

use super::{Shell, filters};

/// The first page after sign-in.
#[derive(Debug, Template)]
#[template(path = "my_applications.html")]
pub struct MyApplications<'a> {
    pub ui: &'a Shell,
    /// The user's name, or the username when there is none.
    pub name: &'a str,
    pub is_administrator: bool,
    /// What was searched for, by a plain GET with the field `q`.
    pub query: Option<&'a str>,
    /// How many applications this user has, found or not.
    pub total: usize,
    pub groups: Vec<TileGroup<'a>>,
    /// For the "Sign out" button, which posts to `/logout/`.
    pub form_token: &'a str,
}

/// Applications under one heading.
#[derive(Debug, Clone)]
pub struct TileGroup<'a> {
    /// Empty for the applications without a group.
    pub name: &'a str,
    pub tiles: Vec<Tile<'a>>,
}

/// One application.
#[derive(Debug, Clone, Copy)]
pub struct Tile<'a> {
    pub name: &'a str,
    /// Empty when there is none.
    pub description: &'a str,
    /// Empty when there is none.
    pub publisher: &'a str,
    /// The hash of an uploaded icon.
    pub icon: Option<&'a str>,
    pub slug: &'a str,
    pub new_tab: bool,
}

/// Fewer are found faster by eye.
const SEARCH_FROM: usize = 9;

impl MyApplications<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }

    fn is_searchable(&self) -> bool {
        self.total >= SEARCH_FROM || self.query.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::brand::{Brand, Colour};
    use crate::words::Lang;

    fn page(lang: Lang, total: usize, is_administrator: bool, tiles: Vec<Tile<'static>>) -> String {
        let ui = Shell::plain(lang);
        let groups = if tiles.is_empty() { vec![] } else { vec![TileGroup { name: "Media", tiles }] };
        let query = None;
        MyApplications { ui: &ui, name: "Alice", is_administrator, query, total, groups, form_token: "t" }.render()
    }

    const TILE: Tile<'static> =
        Tile { name: "Immich", description: "Photos", publisher: "Futo", icon: None, slug: "immich", new_tab: true };

    #[test]
    fn a_tile_launches_and_says_when_it_opens_a_tab() {
        let html = page(Lang::english(), 1, false, vec![TILE]);
        assert!(html.contains(r#"href="/application/launch/immich/" target="_blank" rel="noopener""#));
        assert!(html.contains("opens in a new tab") && html.contains("Futo"));
        let html = page(Lang::english(), 1, false, vec![Tile { new_tab: false, ..TILE }]);
        assert!(!html.contains("_blank") && !html.contains("new tab"));
    }

    #[test]
    fn a_tile_shows_its_icon_or_else_its_letter() {
        let with = page(Lang::english(), 1, false, vec![Tile { icon: Some("0a1b"), ..TILE }]);
        assert!(with.contains(r#"src="/icon/0a1b" alt="""#) && !with.contains(">I</span>"));
        assert!(page(Lang::english(), 1, false, vec![TILE]).contains(">I</span>"));
    }

    #[test]
    fn the_search_appears_with_the_ninth_application() {
        assert!(!page(Lang::english(), 8, false, vec![TILE]).contains("role=\"search\""));
        assert!(page(Lang::english(), 9, false, vec![TILE]).contains("role=\"search\""));
    }

    #[test]
    fn an_empty_list_says_how_to_fill_it_to_those_who_can() {
        let new = "/if/admin/applications/new/";
        assert!(page(Lang::english(), 0, true, vec![]).contains(new));
        assert!(!page(Lang::english(), 0, false, vec![]).contains(new));
    }

    #[test]
    fn the_page_is_in_every_language_and_shows_the_brand() {
        for lang in crate::words::languages() {
            assert!(page(lang, 9, true, vec![TILE]).contains(&format!("<html lang=\"{}\">", lang.code())));
        }
        let accent = Colour::parse("#aa0000").ok();
        let brand = Brand { name: Some("Müllers".into()), logo: Some("0a1b".into()), accent };
        let ui = Shell { lang: Lang::english(), brand };
        let (query, groups) = (None, vec![]);
        let html =
            MyApplications { ui: &ui, name: "A", is_administrator: false, query, total: 0, groups, form_token: "t" };
        let html = html.render();
        assert!(
            html.contains("- Müllers</title>") && html.contains("<bdi>Müllers</bdi>") && !html.contains("Latchkey")
        );
        assert!(html.contains("src=\"/icon/0a1b\"") && html.contains("href=\"/brand/"));
    }
}
