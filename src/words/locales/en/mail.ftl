# E-mail: the settings, what can go wrong, and the mails themselves (plain text).

mail-settings = E-mail
mail-settings-what = With a mail server, people who cannot sign in can have a recovery link sent to their verified address, and are told of what happens to their account. Without one, nothing is sent.
mail-settings-on = Mails are sent by { $place }.
mail-settings-off = No mail server is set: nothing is sent, and nobody is offered a mail.
mail-settings-go = Set up e-mail
mail-settings-back = Back to the settings

smtp-host = Mail server
smtp-host-hint = Its host name, such as smtp.home.example. Empty: no mail is sent.
smtp-port = Port
smtp-port-hint = Empty: 587 with STARTTLS, 465 with TLS, 25 without.
smtp-security = Protection
smtp-security-hint = The server's certificate must be one that this machine trusts.
smtp-security-is-starttls = STARTTLS
smtp-security-is-tls = TLS
smtp-security-is-none = None, on this machine only
smtp-security-is-none-forced = None: everybody on the way can read mails and password
smtp-username = User name at the mail server
smtp-username-hint = Empty: the server takes mails without a sign-in.
smtp-password = Password at the mail server
smtp-password-kept = A password is kept, sealed. Type another to replace it. With another server, port or protection it is to be typed again.
smtp-password-forget = Forget the password
smtp-from = Mails are from
smtp-from-hint = Such as latchkey@home.example; or a name, and the address behind it in angle brackets. Empty: the user name, where that is an address.

bad-smtp-host = This is a host name such as smtp.home.example, or an address, without a port.
bad-smtp-security = This is starttls, tls, none or none-forced.
bad-smtp-username = A user name has at most 256 characters, all of them visible.
bad-smtp-password = A password has at most 1000 bytes and no line breaks.
bad-smtp-from = This is an address such as latchkey@home.example, or a name and an address in angle brackets.
smtp-security-none = Without protection, mails are sent to a server on this machine only. Take STARTTLS or TLS; or say that it shall be none all the same (none-forced), and everybody on the way can read mails and password.
smtp-from-missing = Say who mails are from first: an address such as latchkey@home.example.

mail-test-heading = Try it
mail-test-to = Send a test mail to
mail-test-hint = Save first: what is saved is tried. The answer of the mail server is shown.
mail-test-send = Send a test mail
mail-test-taken = { $place } took the mail for { $name }. If it does not arrive, look among the spam, and in the mail server's own log.

mail-trouble-no-server = No mail server is set.
mail-trouble-no-password = A user name is set for the mail server, and no password that is known here. If the server was told it where it was started, this command must be told it too, by LATCHKEY_SMTP_PASSWORD or the settings file.
mail-trouble-password-file = The password at the mail server cannot be read from { $name }: { $why }
mail-trouble-sealed = The password at the mail server cannot be unsealed: { $why }
mail-trouble-address = { $name } is no address that a mail can be sent to.
mail-trouble-stopped = Latchkey was stopped before the mail was sent.
mail-trouble-internal = The mail could not be made; the log says why.
mail-trouble-unreachable = { $place } cannot be reached: { $why }. Check host and port, and that a firewall lets them through.
mail-trouble-timeout = { $place } did not answer in time. Check host, port and protection: TLS (465) and STARTTLS (587) are two ways.
mail-trouble-certificate-unknown = { $place } shows a certificate of an issuer that this machine does not trust. If it is your own, name a file with its root in the environment variable SSL_CERT_FILE, and start Latchkey again; in a container, that file has to be there too.
mail-trouble-certificate-name = { $place } shows a certificate for another name. Set the name that the certificate is for.
mail-trouble-certificate-expired = { $place } shows a certificate that has expired.
mail-trouble-tls = No protected connection to { $place }: { $why }. TLS (465) and STARTTLS (587) are two ways; the other one may be right.
mail-trouble-no-starttls = { $place } offers no STARTTLS. Take TLS with its port, often 465.
mail-trouble-no-auth = { $place } offers no sign-in by password. Check port and protection, or leave the user name empty.
mail-trouble-sign-in = { $place } does not take the user name and password: { $answer }
mail-trouble-refused = { $place } does not take the mail: { $answer }
mail-trouble-odd = { $place } did not answer as a mail server does: { $answer }
mail-trouble-odd-tls = { $place } did not answer as a mail server does with TLS: { $answer }. STARTTLS (587) may be right.

mail-hello = Hello { $name },

mail-test-subject = A test mail
mail-test =
    this mail was sent to see whether mails can be sent. They can.

mail-recovery-subject = Choose a new password
mail-recovery =
    somebody, from the address { $address }, said that you cannot sign in. To choose a new password, open this link:

    { $link }

    It works once, for 30 minutes. When you choose a new password, you are signed out everywhere; second factors stay as they are.

    If that was not you, do nothing: your password has not been changed.

mail-facts =
    When: { $time }
    From the address: { $address }
    With: { $device }
mail-last =
    This happened several times within an hour. If it happens again within the next { $minutes } minutes, no mail tells you.
mail-otherwise =
    If that was you, or was agreed with you, there is nothing to do. If not, somebody else may have got into your account: change your password at once, look at your sessions and second factors, and tell your administrator.

    { $link }
mail-factor-added-subject = A second factor was added
mail-factor-added =
    a second factor was added to your account: { $factor }. From now on it is asked for when you sign in.
mail-factor-removed-subject = A second factor was removed
mail-factor-removed =
    a second factor was removed from your account: { $factor }.
mail-factors-removed-subject = Your second factors were removed
mail-factors-removed =
    all second factors and recovery codes of your account were removed. Your password alone signs you in now.
mail-codes-made-subject = New recovery codes
mail-codes-made =
    new recovery codes were made for your account. The old ones work no more.
mail-code-used-subject = A recovery code was used
mail-code-used =
    somebody signed in to your account with one of your recovery codes. It does not work a second time.
mail-password-changed-subject = Your password was changed
mail-password-changed =
    your password was changed in the user settings. Everywhere else you are signed out.
mail-password-reset-subject = Your password was reset
mail-password-reset =
    a new password was chosen for your account, with a recovery link. You are signed out everywhere.
mail-password-set-subject = Your password was set by an administrator
mail-password-set =
    an administrator set a new password for your account. You are signed out everywhere.
mail-email-changed-subject = Your e-mail address was changed
mail-email-changed =
    your account has another e-mail address now. This is the last mail to the old one.
mail-unknown-device-subject = A sign-in with another browser
mail-unknown-device =
    somebody signed in to your account with a browser that it was not seen with before.

mail-verification-subject = Verify your e-mail address
mail-verification =
    somebody said that { $address } is your address. If so, open this link:

    { $link }

    It works once, for a day. If you do not know of an account of that name, do nothing.
