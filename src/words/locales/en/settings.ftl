# System > Settings.

settings-saved = The settings are saved.
settings-reset = Reset to default
settings-reset-name = Reset to default: { $name }

settings-brand = Brand
settings-brand-name = Name
settings-brand-name-hint = On every page, and in the title of the browser's window. Empty: { $default }.
settings-brand-accent = Accent colour
settings-brand-accent-hint = # and six digits, such as #0f6b5c. Empty: Latchkey's own green.
settings-brand-accent-pick = Pick the accent colour
settings-preview = How it looks
settings-preview-what = As it is saved, in light and in dark. A colour that would be hard to read is made darker or lighter until it is not.
settings-preview-light = light
settings-preview-dark = dark
settings-logo = Change logo

settings-session-idle = Ends when not used for
settings-session-idle-hint = 10m to 400d. At first { $default }.
settings-session-maximum = Ends at the latest after
settings-session-maximum-hint = 10m to 400d. At first { $default }. A shorter time ends present sessions too; a longer one holds from the next sign-in on.

settings-passwords = Passwords and second factors
settings-password-minimum = Shortest password, in characters
settings-password-minimum-hint = 8 to 64. At first { $default }; 15 is good advice where a password is all that is asked for. It holds for passwords that are set from now on. Nobody's password can be their own user name or e-mail address.

settings-administrator-factor = Administrators need a second factor
settings-administrator-factor-hint = optional, or a duration from 1s to 90d: how long an administrator without one may go on after being told. At first { $default }. Users and applications are not touched by it; an application can ask for a second factor by a policy.

settings-remember-browser = A browser can be remembered for
settings-remember-browser-hint = never, or a duration from 1h to 90d: a box beside the second factor offers to ask for the password alone in this browser for so long. At first { $default }. The Admin interface, and applications that ask for a second factor, ask for it all the same.

settings-event-retention = Days that events are kept
settings-event-retention-hint = 14 to 3660. At first { $default }. However many days these are, the newest 10,000 refusals and 1,000,000 other events are kept at most.

settings-outbound = Asking others
settings-outbound-networks = Outbound networks
settings-outbound-networks-hint = Networks such as 192.168.1.0/24, with commas between them. Applications have Latchkey fetch their keys and tell them of sign-outs. It asks public addresses by https only; in these networks it may ask any address, by http too. Name as little as you can: whoever may change a provider can have these addresses asked. Empty: none.
bad-network = { $name } is no network such as 192.168.1.0/24 or fd00::/8, and no address.
bad-network-wide = { $name } is wider than 10.0.0.0/8 or fc00::/7: name the networks that your applications are in.
bad-networks-many = At most { $most } networks can be named.

settings-start = Said when Latchkey starts
settings-start-what = To change these, change the option, the environment variable or the key in the settings file (<code>/etc/latchkey/latchkey.toml</code>, or the file named by <code>--config</code>), and start Latchkey again. <code>latchkey config reference</code> prints all of them.
settings-url = Base URL
settings-listen = Listens on
settings-proxies = Trusted proxies
settings-proxies-none = None. Behind a reverse proxy everybody would seem to come from the proxy's own address, in events and where sign-ins are slowed down: name its network with --trusted-proxies.
settings-rp-id = Passkeys are made for
settings-rp-id-none = None. Browsers make passkeys under https and a host name only, or on localhost.
settings-related = More origins that may use passkeys
settings-none = None.
settings-data-dir = Data folder

said-default = The default: nothing was said.
said-option = Set by the option { $name }.
said-environment = Set by the environment variable { $name }.
said-file = Set in the file { $name }.
said-server = Set where latchkey serve was started: { $name }.

bad-brand-name = A name has 1 to { $most } characters, all of them visible.
bad-grace = This is optional, or a duration up to 90 days (90d).
bad-remember = This is never, or a duration from 1 hour (1h) to 90 days (90d).
bad-session-length = A session lasts from 10 minutes (10m) to 400 days (400d).
bad-number = This is a whole number from { $least } to { $most }.
session-idle-too-long = No session lasts longer than { $other }: this cannot be longer than that.
session-maximum-too-short = Sessions end when not used for { $other }: this cannot be shorter than that.
