# Signing in, choosing an account, consent.

sign-in = Sign in
sign-in-anew = Sign in again
sign-in-to = Sign in to <bdi>{ $application }</bdi>
sign-in-to-title = Sign in to { $application }
sign-in-with-account = with your Latchkey account
sign-in-to-see = to see your applications
sign-in-again = You are signed in as <b><bdi>{ $name }</bdi></b>. Enter your password again to go on.
sign-in-username = Username or e-mail
sign-in-help = I cannot sign in
sign-in-help-what = Ask your administrator for a recovery link: it lets you choose a new password.
sign-in-help-code = If you have lost your passkey and have no password, enter a recovery code in place of the password.
sign-in-wrong = That username and password do not match. Check both, then try again.
sign-in-wait-seconds = There were too many attempts. Wait { $n ->
    [one] 1 second
   *[other] { $n } seconds
  }, then try again.
sign-in-wait-minutes = There were too many attempts. Wait { $n } minutes, then try again.
sign-in-busy = Many people are signing in right now. Wait a few seconds, then try again.
sign-in-expired = This page had been open for too long, so nothing was sent. Please sign in again.
sign-in-cookies = Your browser did not send back the cookie that this page needs. Allow cookies for this site, then sign in again.

password = Password
username = Username

choose = Choose an account
choose-title = Choose an account for { $application }
choose-for = to go on to <bdi>{ $application }</bdi>
choose-continue = Continue as { $name }
choose-another = Use another account

signed-in-as = You are signed in as <b><bdi>{ $name }</bdi></b>

consent-title = Allow { $application }?
consent-question = Allow <bdi>{ $application }</bdi> to sign you in?
consent-learns = It will learn:
consent-other = Something of its own
consent-then = Either way, you then go to <b><bdi>{ $host }</bdi></b>.
consent-remembered = If you allow it, you will not be asked again for { $time }.
consent-allow = Allow access
consent-deny = Deny access

scope-openid = That it is you
scope-openid-exactly = a lasting identifier of your account
scope-profile = Your profile
scope-profile-exactly = your name, username, language, picture and groups
scope-email = Your e-mail address
scope-email-exactly = and whether it has been verified
scope-groups = Your groups
scope-groups-exactly = the names of the groups you are in
scope-offline = Access while you are away
scope-offline-exactly = it stays signed in after you close it
scope-phone = Your phone number
scope-phone-exactly = and whether it has been verified
scope-address = Your postal address
scope-address-exactly = as it stands in your account

denied = You have no access to <bdi>{ $application }</bdi>
denied-title = No access to { $application }
denied-no-match = Your account is not among those that may use this application.
denied-closed = Nobody has been given access to this application yet.
denied-disabled = Your account is disabled.
denied-second-factor = This application is for those who sign in with a second factor.
denied-passkey = This application is for those who sign in with a passkey.
denied-stronger = You have what it takes: sign in again with it.
denied-add-factor = Add a second factor to your account, then come back.
denied-add-passkey = Add a passkey to your account, then sign in again with it.
denied-open-mfa = Open MFA devices
denied-what = Ask your administrator for access, or use another account.
denied-other-account = Sign in with another account
open-my-applications = Open My applications

one-moment = One moment
on-your-way = You are on your way. If nothing happens, continue by hand.
on-your-way-to = You are on your way to <bdi>{ $application }</bdi>. If nothing happens, continue by hand.
continue = Continue
continue-to = Continue to { $application }

over = This sign-in is over
over-what = It was finished already, or it took longer than ten minutes. Nothing is wrong with your account.
over-next = To sign in, start again from the application.

duration-weeks = { $n ->
    [one] 1 week
   *[other] { $n } weeks
  }
duration-days = { $n ->
    [one] 1 day
   *[other] { $n } days
  }
duration-hours = { $n ->
    [one] 1 hour
   *[other] { $n } hours
  }
duration-minutes = { $n ->
    [one] 1 minute
   *[other] { $n } minutes
  }
duration-seconds = { $n ->
    [one] 1 second
   *[other] { $n } seconds
  }

device-title = Connect a device
device-code = Code
device-code-hint = The device shows it: eight letters. Capitals and the dash do not matter.
device-code-malformed = This is no code of a device: it has eight letters, none of them a vowel. Compare it with the device.
device-code-unknown = No device waits under this code. It may have expired after 10 minutes, or have been used: compare it, or let the device show another one.
device-warning = Go on only if you have the device in front of you and began this yourself. If somebody sent you the code, they would be signed in as you.
device-elsewhere = Go on with a phone
device-elsewhere-what = Scan this to open the page there, with the code filled in.
device-ask = Sign you in to <bdi>{ $application }</bdi> on a device?
device-ask-title = Sign in to { $application } on a device?
device-ask-compare = The device must show the same code:
device-ask-from = from the address <bdi>{ $address }</bdi>
device-ask-at = asked
device-allowed = The device may go on
device-allowed-what = { $application } signs you in on the device in a moment.
device-allowed-next = You can close this page. User settings, under Connected applications, takes the access back.
device-denied = Access was denied
device-denied-what = { $application } is told so on the device.
device-denied-next = Nothing was shared. You can close this page.
