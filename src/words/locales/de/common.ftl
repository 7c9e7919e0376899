# Was alle Seiten gemeinsam haben.

language-name = Deutsch
notice-signed-in-as = Sie sind angemeldet als <b><bdi>{ $name }</bdi></b>.
