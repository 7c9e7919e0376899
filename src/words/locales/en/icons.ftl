# Uploaded pictures.

bad-icon-empty = No file was chosen.
bad-icon-too-large = The file is larger than 512 KiB. Save a smaller copy of the picture.
bad-icon-unknown = This is not a picture of a kind that is taken: PNG, JPEG, WebP or, for icons and the logo, SVG.
bad-icon-no-svg-here = An SVG cannot be somebody's picture. Choose a PNG, JPEG or WebP file.
bad-icon-broken = The file begins like a picture, but is damaged or not whole.
bad-icon-too-many-pixels = The picture is larger than 4,096 pixels in one direction. Save a smaller copy of it.
bad-icon-svg-malformed = This is not a well-formed SVG file in UTF-8.
bad-icon-svg-document-type = The SVG has a document type or entities of its own. Save it as “plain” or “optimized” SVG.
bad-icon-svg-script = The SVG holds a script. Save it without.
bad-icon-svg-event-handler = The SVG holds an event handler (an attribute such as onload). Save it without.
bad-icon-svg-web-page = The SVG holds parts of a web page (such as foreignObject). Save it as “plain” SVG.
bad-icon-svg-external = The SVG refers to something outside of itself, such as a picture or a font from elsewhere. Embed or remove it.

upload-icon-label = Icon
upload-picture-label = Picture
upload-logo-label = Logo
upload-icon-hint = PNG, JPEG, WebP or SVG, up to 512 KiB. A square one looks best.
upload-picture-hint = PNG, JPEG or WebP, up to 512 KiB. Applications that you sign in to may show it.
upload-present = The present one
upload-icon = Upload icon
upload-picture = Upload picture
upload-logo = Upload logo
upload-icon-remove = Remove icon
upload-picture-remove = Remove picture
upload-logo-remove = Remove logo
upload-icon-done = The icon is set.
upload-picture-done = The picture is set.
upload-logo-done = The logo is set.
upload-icon-removed = The icon is removed.
upload-picture-removed = The picture is removed.
upload-logo-removed = The logo is removed.
upload-back = Go back

bad-colour = A colour is written as # and six digits from 0 to f, such as #0f6b5c.

icon-of-none = No icon: the first letter
icon-of-uploaded = The uploaded one
icon-of-calendar = Calendar
icon-of-chart = Monitoring
icon-of-chat = Chat
icon-of-cloud = Cloud
icon-of-code = Code
icon-of-containers = Containers
icon-of-documents = Documents
icon-of-film = Films
icon-of-gateway = Gateway, API
icon-of-house = House, automation
icon-of-mail = Mail
icon-of-music = Music
icon-of-passwords = Passwords
icon-of-photos = Photos
icon-of-server = Server
icon-of-wiki = Wiki, books
bad-icon-name = There is no icon { $given }. There are { $names } and none.
