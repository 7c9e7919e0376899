# What all pages share.

language-name = English
notice-signed-in-as = You are signed in as <b><bdi>{ $name }</bdi></b>.
