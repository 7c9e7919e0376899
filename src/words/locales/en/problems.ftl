# What is wrong with something that was typed. Commands say these too.

bad-name-username-empty = The user name is empty.
bad-name-username-too-long = The user name is longer than 150 characters.
bad-name-username-character = A user name consists of letters, digits and @ . + - _ and has no spaces.
bad-name-username-no-letter = A user name needs at least one letter or digit.
bad-name-username-reserved = This name is reserved: some applications take its bearer for an administrator. Choose another, best your own.
bad-name-username-scripts = A username is written in one alphabet: this one mixes letters that look alike.
bad-name-username-address = A username is no e-mail address: leave out the @ and what follows it.
bad-name-email-too-long = The e-mail address is longer than 254 characters.
bad-name-email-malformed = This is not an e-mail address; one looks like name@company.example.
bad-name-slug-empty = The slug is empty.
bad-name-slug-too-long = The slug is longer than 50 characters.
bad-name-slug-character = A slug consists of the small letters a to z, digits, - and _.
bad-name-slug-reserved = This slug is the name of one of the provider's own addresses; choose another.
bad-name-display = A name has 1 to 150 characters, without control characters.

bad-password-too-short = The password is too short: it needs at least { $least } characters.
bad-password-too-long = The password is too long: it may have at most 256 characters.
bad-password-own-name = This is the user name or e-mail address itself, the first that anybody would try. Choose another password.
passwords-differ = The two passwords differ. Type the same one twice.

bad-uri-empty = The address is empty.
bad-uri-too-long = The address is longer than 2,000 bytes.
bad-uri-character = The address holds a space, a control character or a character outside ASCII; write those percent-encoded.
bad-uri-unsafe-character = The address holds the character { $character }, which no address may hold as it is; write it percent-encoded.
bad-uri-not-absolute = The address must be whole, with its scheme, such as https://app.company/callback.
bad-uri-refused-scheme = The scheme { $scheme }: is never a way back to an application.
bad-uri-custom-scheme = The scheme { $scheme }: is an application's own; only public clients may use one. Use https://.
bad-uri-fragment = A redirect URI has no fragment: leave out the # and what follows it.
bad-uri-user-info = The address holds a user name or password before the @ of its host; leave them out.
bad-uri-wildcard-host = The host of the address holds a wildcard; register each host, or use a regex for the path.
bad-uri-host = The host or the port of the address is not valid.
bad-uri-pattern-in-origin = In a regex, scheme, host and port are plain text, and the pattern begins with the first / after them.
bad-uri-fragment-in-pattern = A pattern cannot hold a #: addresses with a fragment are never matched by a regex.
bad-uri-pattern = The pattern is not a valid regular expression: { $why }
bad-uri-pattern-too-large = The pattern is too large.

bad-app-url = { $url } is not an application's address. It looks like https://portainer.home.example (https or http, a host, a port if it has one)

taken-in-use = { $name } is taken: a user has it as username or e-mail address. Choose another
taken-retired = { $name } belonged to a user who was deleted. Names are not given to somebody else, because applications keep accounts under them. Choose another

bad-duration = expected a duration such as 90s, 15m, 12h or 7d
bad-duration-range = expected one second to ten years

bad-attributes-too-long = The attributes are longer than 16 KiB.
bad-attributes-no-object = Attributes are a JSON object: names and values between braces, such as {"{"}"team": "red"{"}"}.
bad-attributes-too-deep = The attributes are nested too deep: 100 levels are plenty.
bad-attributes-malformed = This is not JSON: look at line { $line }, column { $column }.

no-administrator-left = That would leave no active administrator. Make another one first.

group-name-taken = There is a group { $name } already; choose another name.
group-not-there = There is no group { $name }.
group-parent-cycle = { $name } is this group or one below it: a group cannot be its own ancestor.
group-delete-would-open = A parent of this group is bound to { $application } negated: without the group its members would get in. First remove that binding.
user-not-there = There is no user { $name }.
bad-locale = The language { $given } is not there.
user-is-disabled = { $name } is disabled: enable the user first.
group-gone = That group is not there any more; choose another.
clock-before-build = The clock of this machine says a time before this Latchkey was built ({ $built }), so it is wrong. Set it first.
weak-password-common = This is one of the passwords that people use most, and the first that anybody would try (strength { $score } of 4). Choose another one: a few uncommon words in a row are good.
weak-password-like-common = This is much like a password that many people use, and is guessed soon (strength { $score } of 4). Choose another one: a few uncommon words in a row are good.
weak-password-word = A word by itself is guessed soon (strength { $score } of 4). Add another word or two, uncommon ones.
weak-password-names = Names are guessed soon (strength { $score } of 4). Add a few words that have nothing to do with you.
weak-password-own = This holds little but your own name or e-mail address, which anybody would try (strength { $score } of 4). Add a few words that have nothing to do with you.
weak-password-keys = Keys that lie side by side are guessed soon (strength { $score } of 4). Choose a few uncommon words instead.
weak-password-repeats = Repeating something hardly makes it harder to guess (strength { $score } of 4). Choose a few different words instead.
weak-password-sequence = Letters or digits in their order are guessed soon (strength { $score } of 4). Choose a few uncommon words instead.
weak-password-date = Dates and years are guessed soon (strength { $score } of 4). Choose a few uncommon words instead.
weak-password-little = This is guessed soon (strength { $score } of 4). Add another word or two, uncommon ones.
bad-text = This is text of 1 to 150 characters, without control characters.
bad-lines = This is text of at most { $most } characters, in lines.
bad-birthdate = A date of birth is written 1990-12-31, without its year 0000-12-31, or as the year alone.
bad-zoneinfo = A time zone has a name such as Europe/Berlin.
bad-phone-number = A phone number begins with a + and the number of the country, as +49 30 123456, and has at most 15 digits.
bad-web-address = { $given } is no web address; one looks like https://alice.example/
