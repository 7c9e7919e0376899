# Setup and recovery.

setup = Set up Latchkey
setup-what = Create the first administrator. Setup closes for good after this.
setup-username-hint = Best your own name, such as <b>alice</b>. Avoid <b>admin</b>: some applications, Portainer among them, take a user of that name for their own administrator.
setup-create = Create administrator
setup-closed = Latchkey is set up already
setup-closed-what = There is an administrator, so this page is closed for good.
setup-link = This setup link does not work
setup-link-what = A setup link works once and only for a while. This one was used, has expired or is not complete.
setup-link-command = To print a new one, run this on the server:

person-name = Name
person-name-hint = As applications show it, such as Alice Miller.
email = E-mail
email-hint = Some applications need one to know their users.
password-again = Password again
password-hint = At least { $least } characters; a few words in a row are good.
password-new = New password
password-new-again = New password again
password-set = Set password

recovery = Choose a new password
recovery-for = for <b><bdi>{ $name }</bdi></b>
recovery-link = This recovery link does not work
recovery-link-what = A recovery link works once and only for a while. This one was used, has expired or is not complete. Your password has not been changed. Ask your administrator for a new one.
recovery-request = I cannot sign in
recovery-request-what = A link to choose a new password is sent to your e-mail address, if that has been verified.
recovery-request-empty = Enter your username or your e-mail address.
recovery-request-send = Send the link
recovery-request-back = Back to the sign-in
recovery-asked = Look into your mail
recovery-asked-what = If that is a user with a verified e-mail address, a link to choose a new password is on its way there. It works for 30 minutes.
recovery-asked-else = Nothing arrives within a few minutes? Look among the spam, or ask your administrator for a recovery link.
verification = Verify an e-mail address
verification-question = Is <b><bdi>{ $email }</bdi></b> the address of <b><bdi>{ $name }</bdi></b>?
verification-yes = Yes, verify it
verification-else = If you do not know that user, close this page: nothing happens then.
verification-sent = A link is on its way to { $name }. It works once, for a day.
verification-wait = A link was sent not long ago. Look into your mail, or wait { $n ->
    [one] 1 minute
   *[other] { $n } minutes
  }, then try again.
email-wait = The address was changed often just now. Wait { $n ->
    [one] 1 minute
   *[other] { $n } minutes
  }, then try again.
verification-link = This link does not work
verification-link-what = A verification link works once, for a day, for the address that it was sent to. Have a new one sent from your user settings.
verification-done = The address is verified
verification-done-what = Applications are told it from now on.
recovery-done = Your password is set
recovery-done-what = From now on, sign in with the new one.
strength = Length and variety
strength-short = short
strength-fair = fair
strength-long = long
strength-what = It only looks at length and variety here. Whether the password is a common one is found out when you save it.
