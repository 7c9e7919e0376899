# Second factors: signing in with one, confirming, the User settings, the page of a user.

nav-mfa = MFA devices

second-factor = Second factor
second-factor-for = One more proof that you are <b><bdi>{ $name }</bdi></b>
second-factor-code = One-time code
second-factor-code-hint = The six digits that your authenticator app shows now, or one of your recovery codes.
second-factor-wrong = That code is not right, or was used already. Wait for your app's next one, then try again.
second-factor-lost = I have no code
second-factor-lost-what = Use one of the recovery codes that you kept; each works once. If you have none either, ask your administrator for a recovery link.
second-factor-remember = Do not ask for a second factor in this browser for { $time }
second-factor-anew = Sign in as somebody else
recovery-code = Recovery code
recovery-code-hint = One of the codes that you kept when you set up your second factor. Each works once.

confirm = Confirm that it is you
confirm-what = What you are about to do matters, and your sign-in was some time ago. Nothing of what you entered is lost.
confirm-go = Confirm and go on

mfa-what = With a second factor, somebody who learns your password still cannot sign in as you.
totp = Authenticator app
totp-what = An app on your phone shows a code of six digits that changes every half minute. Any app for TOTP will do, such as Aegis, 2FAS or Google Authenticator; many password managers can do it too.
totp-there = Codes of your app are asked for when you sign in.
factor-added = Added
factor-used = Last used
totp-add = Add an authenticator app
totp-added = The app was added. From now on you are asked for its code when you sign in. Other browsers that you were signed in with have to sign in again.
totp-remove = Remove the app
totp-removed = The authenticator app was removed.
totp-there-already = There is an authenticator app already. Remove it first to add another.
totp-step-scan = Scan this with your authenticator app:
totp-step-type = Or type this secret into it:
totp-secret = Secret
totp-qr = QR code with the secret
totp-code = Code
totp-code-hint = The six digits that the app shows now. Nothing is changed before they are right.
totp-code-wrong = That is not the code that the app shows now. If it goes on, set the clock of your phone by the network: codes follow the time.
totp-too-late = The page had been open for too long. Here is a new secret: remove the old entry from your app and scan this one.
totp-confirm = Confirm

recovery-codes = Recovery codes
recovery-codes-what = Each of these signs you in once, in place of your second factor. Keep them where you find them without your phone: on paper, or in a password manager.
recovery-codes-what-alone = Each of these lets you in once when your passkey is lost: on the sign-in page, enter your username, and the code in place of a password. Keep them where you find them without your phone: on paper, or in a password manager.
recovery-codes-of = For <b><bdi>{ $name }</bdi></b> at <bdi>{ $address }</bdi>
recovery-codes-once = They are shown only now. Codes that you had before do not work any more.
recovery-codes-kept = I have kept them
recovery-codes-left = { $n ->
    [one] 1 recovery code is left.
   *[other] { $n } recovery codes are left.
  }
recovery-codes-none = You have no recovery codes. Without your second factor, only an administrator could let you in again.
recovery-codes-make = Make recovery codes
recovery-codes-replace = Replace the recovery codes
recovery-codes-replace-what = You get ten new ones, and the old ones do not work any more.
recovery-codes-for-nothing = Recovery codes stand in for a second factor. Add one first.
recovery-drops-factors = Your second factors and recovery codes are removed too. Add new ones after signing in.
print = Print

user-no-factors = None: the password alone is enough.
user-factors-remove = Remove second factors
user-factors-remove-what = For somebody who lost them. The user signs in with the password alone then, and is signed out everywhere now.
user-factors-remove-alone = There is no password: make a recovery link afterwards, or the user cannot sign in.
user-link-drop-factors = It removes the second factors too: for somebody who lost everything
factors-removed = The second factors of { $name } were removed.
factors-none = { $name } has no second factor.

administrator-factor-until = Administrators of this house need a second factor. Add one under MFA devices by { $time }.
administrator-factor-now = Administrators of this house need a second factor. Add one here, and the Admin interface opens again.
