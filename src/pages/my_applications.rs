//! My applications: what this user may open, by group.

use askama::Template;

use super::filters;
use super::shell::Shell;

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

    fn page(total: usize, is_administrator: bool, tiles: Vec<Tile<'static>>) -> String {
        let groups = if tiles.is_empty() { vec![] } else { vec![TileGroup { name: "Media", tiles }] };
        MyApplications {
            ui: &Shell::english(),
            name: "Alice",
            is_administrator,
            query: None,
            total,
            groups,
            form_token: "t",
        }
        .render()
    }

    #[test]
    fn a_tile_launches_and_says_when_it_opens_a_tab() {
        let tile = Tile { name: "Immich", description: "Photos", slug: "immich", new_tab: true };
        let html = page(1, false, vec![tile]);
        assert!(html.contains(r#"href="/application/launch/immich/" target="_blank" rel="noopener""#));
        assert!(html.contains("opens in a new tab"));
        let html = page(1, false, vec![Tile { new_tab: false, ..tile }]);
        assert!(!html.contains("_blank") && !html.contains("new tab"));
    }

    #[test]
    fn the_search_appears_with_the_ninth_application() {
        let tile = Tile { name: "Immich", description: "", slug: "immich", new_tab: false };
        assert!(!page(8, false, vec![tile]).contains("role=\"search\""));
        assert!(page(9, false, vec![tile]).contains("role=\"search\""));
    }

    #[test]
    fn an_empty_list_says_how_to_fill_it_to_those_who_can() {
        assert!(page(0, true, vec![]).contains("/if/admin/applications/new/"));
        assert!(!page(0, false, vec![]).contains("/if/admin/applications/new/"));
    }
}
