# Hochgeladene Bilder.

bad-icon-empty = Es wurde keine Datei ausgewählt.
bad-icon-too-large = Die Datei ist größer als 512 KiB. Speichern Sie eine kleinere Kopie des Bildes.
bad-icon-unknown = Das ist kein Bild in einem passenden Format: PNG, JPEG, WebP oder, für Symbole und das Logo, SVG.
bad-icon-no-svg-here = Ein SVG kann kein Bild einer Person sein. Wählen Sie eine PNG-, JPEG- oder WebP-Datei.
bad-icon-broken = Die Datei fängt an wie ein Bild, ist aber beschädigt oder nicht vollständig.
bad-icon-too-many-pixels = Das Bild ist in einer Richtung größer als 4.096 Pixel. Speichern Sie eine kleinere Kopie.
bad-icon-svg-malformed = Das ist keine wohlgeformte SVG-Datei in UTF-8.
bad-icon-svg-document-type = Das SVG hat einen Dokumenttyp oder eigene Entitäten. Speichern Sie es als „einfaches“ oder „optimiertes“ SVG.
bad-icon-svg-script = Das SVG enthält ein Skript. Speichern Sie es ohne.
bad-icon-svg-event-handler = Das SVG enthält einen Event-Handler (ein Attribut wie onload). Speichern Sie es ohne.
bad-icon-svg-web-page = Das SVG enthält Teile einer Webseite (etwa foreignObject). Speichern Sie es als „einfaches“ SVG.
bad-icon-svg-external = Das SVG verweist auf etwas außerhalb, etwa ein Bild oder eine Schrift von woanders. Betten Sie es ein oder entfernen Sie es.

upload-icon-label = Symbol
upload-picture-label = Bild
upload-logo-label = Logo
upload-icon-hint = PNG, JPEG, WebP oder SVG, bis 512 KiB. Am besten quadratisch.
upload-picture-hint = PNG, JPEG oder WebP, bis 512 KiB. Anwendungen, bei denen Sie sich anmelden, können es zeigen.
upload-present = Das jetzige
upload-icon = Symbol hochladen
upload-picture = Bild hochladen
upload-logo = Logo hochladen
upload-icon-remove = Symbol entfernen
upload-picture-remove = Bild entfernen
upload-logo-remove = Logo entfernen
upload-icon-done = Das Symbol ist gesetzt.
upload-picture-done = Das Bild ist gesetzt.
upload-logo-done = Das Logo ist gesetzt.
upload-icon-removed = Das Symbol ist entfernt.
upload-picture-removed = Das Bild ist entfernt.
upload-logo-removed = Das Logo ist entfernt.
upload-back = Zurück

bad-colour = Eine Farbe schreibt sich als # und sechs Ziffern von 0 bis f, wie #0f6b5c.

icon-of-none = Keins: der erste Buchstabe
icon-of-uploaded = Das hochgeladene
icon-of-calendar = Kalender
icon-of-chart = Überwachung
icon-of-chat = Chat
icon-of-cloud = Cloud
icon-of-code = Code
icon-of-containers = Container
icon-of-documents = Dokumente
icon-of-film = Filme
icon-of-gateway = Gateway, API
icon-of-house = Haus, Automation
icon-of-mail = E-Mail
icon-of-music = Musik
icon-of-passwords = Passwörter
icon-of-photos = Fotos
icon-of-server = Server
icon-of-wiki = Wiki, Bücher
bad-icon-name = Ein Symbol { $given } gibt es nicht. Es gibt { $names } und none.
