# Help by symptom: the page /help/, and docs/troubleshooting.md, which is made of it. The texts have the markup of
# words/prose.rs; each has the key of its title and -do.

help = When something does not work
help-what = Find what you see, by the words on the page or in the log. Each part says what it means and what can be done.
help-link = What can be done about it

help-first = First of all
help-sign-in = At sign-in
help-signed-in = When you are signed in
help-portainer = Portainer
help-gravitee = Gravitee
help-start = At the start
help-certificates = Certificates
help-machine = The machine

help-request-id = What to tell your administrator
help-request-id-do =
    What you were doing, the heading of the error page, and the request number at its foot. A photograph of the page
    does it all. You need not explain more, and nobody has to know your password.

    For the administrator: the same number stands in the events (`/if/admin/events/`, or `latchkey events`) and in the
    log (`journalctl -u latchkey`), there with the true reason. Programs get it too: every JSON error has a
    `request_id`.

help-check = Is everything in order?
help-check-do =
    The Dashboard (`/if/admin/`) warns of what it sees. On the server there are two commands more:

    - `latchkey check` looks at database, seals, files, clock, disk and backups.
    - `latchkey config check` reads the settings and the data folder, and says what would hold.

help-redirect-uri = { error-redirect-unregistered }
help-redirect-uri-do =
    The application asked to send people to another address than the registered one. Every character counts; most often
    it is a slash at the end, the port, or http for https. The error page shows what was received.

    If that address is the application's own, register it. An administrator who is signed in gets the button and the
    command on the error page itself:

    `latchkey app set SLUG --redirect-uri URI`

    If you do not know the address, do not register it: people who sign in would be sent there. When the redirect URI is
    missing or comes twice, the mistake is in the application's settings.

help-unknown-client = { error-client }
help-unknown-client-do =
    The Client ID in the application's settings is not one that Latchkey knows. Compare it with the one under *Providers*
    (`/if/admin/providers/`), or let the server print all that has to be pasted:

    `latchkey app show SLUG`

    Look for a space at an end, and for a provider that was deleted and made anew: it has a new Client ID.

help-other-address = { error-host }
help-other-address-do =
    You came by another name than Latchkey's own, which is { $url } and stands in every token. Open that one.

    If people are to use the name that you typed, the administrator starts Latchkey with it: `--url`, or `url` in
    `/etc/latchkey/latchkey.toml`. Applications then need the new addresses too. Behind a reverse proxy, let it pass the
    Host header on; `latchkey proxy-config` has examples.

help-in-the-clear = { error-clear }
help-in-the-clear-do =
    A form came by plain http, so it was not looked at. Open { $url } and do it again there. If there was a
    password in the form, change it. Bookmarks and applications that still name http should name https.

help-form-expired = { error-form }
help-form-expired-do =
    The page was open for too long, or you signed in or out in another tab. Load it again and repeat what you did.

    If it comes every time, the browser does not keep the cookie: [cookies may be off](#cookies), or another application
    on the same host name overwrites it. Browsers share cookies between all ports of a host, so Latchkey needs a host
    name of its own.

help-sign-in-over = { over }
help-sign-in-over-do =
    The way back to the application is open for ten minutes and can be gone once. An old tab, a bookmark of the sign-in
    page, or the Back button lead here. Begin again in the application.

    If it comes every time, look at [the cookies](#cookies).

help-cookies = The browser did not send back the cookie
help-cookies-do =
    Without cookies nobody can sign in. Allow them for { $url }, and take that address out of extensions that block or
    delete them. With an https address, cookies are sent by https only: do not open Latchkey by http.

help-slowed-down = Too many attempts
help-slowed-down-do =
    After a few wrong passwords for an account, each further one doubles the wait, to at most 15 minutes. It holds for
    that account from that address alone, and is forgotten after an hour without mistakes: nobody is ever locked out for
    good. Wait as long as the page says, or ask for [a new password](#forgotten-password).

    If it happens to everybody at once, Latchkey takes its reverse proxy for the person: name the proxy with
    `--trusted-proxies`. In the events `login_failed` says which name was tried, and from where.

help-forgotten-password = A forgotten password, or a recovery link that does not work
help-forgotten-password-do =
    Check the keyboard first: capitals count. Where Latchkey can send mail, *I cannot sign in* on the sign-in page asks for
    your username or e-mail address, and sends a link to that address if it has been verified. Otherwise ask an
    administrator for a recovery link. Either lets you choose a new password, once, within 30 minutes. Of an administrator's
    links only the newest works.

    If you lost your passkey and never had a password, enter a recovery code in place of the password.

    For the administrator: *Make recovery link* on the user's page (`/if/admin/users/`), or on the server:

    `latchkey user recovery-link USER`

    A disabled account cannot sign in by any password: `latchkey user enable USER`.

help-last-administrator = No administrator can sign in
help-last-administrator-do =
    Whoever can run commands on the server can let one in again, with a new password:

    `sudo latchkey user recovery-link NAME`

    Or make somebody an administrator:

    `sudo latchkey user set NAME --admin`

    `latchkey user list` says who there is. In a container, put `docker exec` and the container's name before it.

help-invitation = { invitation-invalid }
help-invitation-do =
    It works for a while, and for as many accounts as it was made for. Ask whoever invited you for a new one. If your
    account is made, sign in with your passkey, or with the username and password that you chose.

    For the administrator: *Invitations* (`/if/admin/invitations/`) lists which can still be used, and makes new ones, as
    this does on the server:

    `latchkey invitation create`

    A link is shown only once. After a restore from a backup the old ones do not work.

help-setup-link = { setup-link }
help-setup-link-do =
    It opens the setup of the first administrator once, within an hour. The next one is printed on the server by:

    `sudo latchkey setup-link`

help-setup-closed = { setup-closed }
help-setup-closed-do =
    As soon as there is an administrator, setup is closed for good, so that no stranger can take the house over. Sign in as
    the one there is. If nobody can: [no administrator can sign in](#last-administrator).

help-denied = You have no access to an application
help-denied-do =
    Your account is fine, but this application is not for it. Ask your administrator, and name the application; or sign in
    with another account.

    For the administrator: the bindings of the application decide, and without any it is open to everybody. This says which
    one does, *Check access* on the provider's page does too:

    `latchkey app check-access SLUG USER`

    Let one more group in with `latchkey app bind SLUG --group GROUP`. A policy that cannot be worked out lets nobody pass;
    `policy_failed` in the events has the reason.

help-not-administrator = { error-not-administrator }
help-not-administrator-do =
    You are signed in, perhaps with another account than you think: the User settings (`/if/user/`) say which. An
    administrator can give you the right on your user's page, or by `latchkey user set NAME --admin`.

help-signed-out = { error-signed-out }
help-signed-out-do =
    The session ended while the form was open: after a time without use, or because somebody signed you out. Sign in, then
    go back with the browser's Back button; what you typed is still there. How long a session lasts stands under
    `/if/admin/settings/`.

help-not-found = { error-not-found }
help-not-found-do =
    The address is mistyped, or what it named was deleted. Go on from your applications.

    If an application leads here, one of the addresses in its settings is wrong: `latchkey app show SLUG` prints them all.
    Take care of the slug, the short name in the middle.

help-refused = { error-refused }
help-refused-do =
    The page says why, and nothing was changed. Often somebody else changed or deleted the same thing meanwhile: go back,
    load the page again, and look at what is there now.

help-portainer-unauthorized = "Unauthorized", or nothing at all after signing in
help-portainer-unauthorized-do =
    Portainer shows nothing of what went wrong. The newest lines of `latchkey events` (or `/if/admin/events/`) do:

    - Nothing of Portainer after the sign-in: its container does not reach { $url }, or does not trust its certificate.
      Try the name from the container's network; `localhost` there is the container. For the certificate, `/trust/` has the
      steps.
    - `client_refused`: the secret in Portainer is another one. `latchkey app show SLUG --reveal` prints the right one.
    - `token_refused`: the event says why; most often the Redirect URL in Portainer is not the one registered.
    - `userinfo_refused`: the event says why; often it is [the clock](#clock).
    - A sign-in, and nothing refused: the Resource URL or the User Identifier in Portainer is wrong. `latchkey app show SLUG`
      prints both.

help-portainer-empty = Signed in, but there is nothing to see
help-portainer-empty-do =
    A new user has no environments in Portainer yet. Its administrator gives access there, under *Environments* or *Teams*.

help-portainer-admin = Somebody is Portainer's administrator who should not be
help-portainer-admin-do =
    Portainer matches users by name, whatever their case: whoever is called `admin` in Latchkey becomes the local
    administrator there. Rename the user: `latchkey user set admin --username NAME`.

help-gravitee-pkix = The log says "PKIX path building failed"
help-gravitee-pkix-do =
    Java does not trust the certificate of { $url }. Import the root into its trust store, in the container or on the
    machine where Gravitee runs, and start Gravitee again: `/trust/` has the command.

help-gravitee-no-email = The user is not created
help-gravitee-no-email-do =
    Gravitee wants an e-mail address. Give the user one:

    `latchkey user set NAME --email ADDRESS`

    It also has to ask for the scope `email`: look at the scopes of the identity provider in Gravitee.

help-start-readable = "can be read by others"
help-start-readable-do =
    The data folder and the files in it are to be their owner's alone, since they hold the keys of the house. The error has
    the command that mends it.

help-start-gone = "its database (latchkey.db) is gone"
help-start-gone-do =
    The folder was set up before, so it is not set up anew. Is the disk mounted, and is it the right `--data-dir`? If the
    file is really lost, restore a backup, with the service stopped:

    `sudo latchkey restore FILE --identity latchkey.key --force`

help-start-damaged = "is damaged"
help-start-damaged-do =
    Nothing was changed. Restore the last backup as if [the database were gone](#start-gone); `--force` keeps what is there
    in a folder beside it. A damaged database on a Raspberry Pi is often a memory card at its end: use another one.

help-start-newer = "written by a newer Latchkey"
help-start-newer-do =
    An older version does not touch a newer database. Install that version again, or a later one. To really go back, put
    the copy in `before-upgrade` of the data folder in the database's place; what happened since is undone then.

help-start-older = "a server of that version runs on it"
help-start-older-do =
    The program was replaced while the old one still runs. Start the service anew; it brings the database up to date:

    `sudo systemctl restart latchkey`

help-start-in-use = "is in use"
help-start-in-use-do =
    Another program, or another Latchkey, listens at that address. `sudo ss -ltnp` says which. End that one, or choose
    another port with `--listen` or `--https-listen`.

help-start-master-key = "the master key is missing"
help-start-master-key-do =
    It lies in `master.key` in the data folder, in the file that `--master-key-file` names, or comes as the systemd
    credential `master-key`. Put it back: without it the secrets in the database cannot be opened. If it is lost, restore a
    backup, which has one inside.

help-certificate-warning = The browser warns of the certificate
help-certificate-warning-do =
    With Latchkey's own certificate authority (`--tls own-ca`), this device does not know it yet. `/trust/` has the steps
    for each kind of device, and is to be had by http too.

    If the device has it installed, or the certificate is from elsewhere, the Dashboard says what is wrong: expired, for
    another name, or files that cannot be read. [A wrong clock](#clock), on the device too, makes good certificates bad.

help-certificate-names = After the address changed
help-certificate-names-do =
    The root of the own certificate authority may vouch for its old names only. Make a new one on the server, and install it
    on every device as `/trust/` says:

    `sudo latchkey ca renew`

help-clock = The clock is wrong
help-clock-do =
    Applications refuse tokens as from the future, or as expired. A Raspberry Pi has no battery clock: switch on time
    synchronisation (`timedatectl set-ntp true`). How Latchkey sees it:

    `latchkey clock show`

    If a wrong clock has pushed Latchkey's time ahead, set the clock first, then run `latchkey clock reset`.

help-disk-full = The disk is full
help-disk-full-do =
    Sign-ins are answered with error 503; what is stored stays whole. Make room, and it goes on by itself: nothing has to
    be restarted. `df -h` says where room is lacking. Fewer backups (`--backup-keep`) and events kept for a shorter time
    (`--event-retention`) save some.

help-busy = { error-busy }
help-busy-do =
    Wait a few seconds and load the page again. More passwords came at once than the machine can check, or the database
    could not be written.

    If it stays like this: is [the disk full](#disk-full), or does another program hold the database open?
    `journalctl -u latchkey` has the reason.

help-internal = { error-internal }
help-internal-do =
    Latchkey made a mistake, or the machine did. Try again. If it comes again, the log has the reason under
    the [request number](#request-id), and `latchkey check` says whether everything is whole.
