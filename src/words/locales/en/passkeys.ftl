# Passkeys: at the sign-in, the User settings, the page of a user.

passkey = Passkey
passkeys = Passkeys
passkeys-what = A passkey signs you in by itself, with the fingerprint, face or PIN of your device: no password to type, and none to give away on a copied page. A security key with a PIN is one too.
passkeys-need-https = Browsers make passkeys under https and a host name only (or on localhost). Ask your administrator.
passkey-use = Sign in with a passkey
passkey-confirm = Confirm with a passkey
passkey-failed = No passkey was used. Try again, or go on another way.
passkey-there-already = This device has a passkey for your account already.
passkey-wrong = That passkey was not accepted here. If it was removed, or has no PIN, fingerprint or face set up, sign in another way.
passkey-cloned = That passkey was not accepted: it counts its uses, and this one came twice, as if there were a copy of it. Sign in another way, remove it in your settings, and tell your administrator.
passkey-too-late = The page had been open for too long. Try again.
lost-passkey = Make another passkey
lost-passkey-what = Your recovery code is right. It is used up when your new passkey is made, which signs you in. Then remove the lost one in your settings.

passkey-add = Add a passkey
passkey-add-what = Your browser asks where to keep it: on this device, on your phone, in a password manager or on a security key. It has to check that it is you.
passkey-make = Make the passkey
passkey-name = Name
passkey-name-hint = To tell it from others: where is it kept?
passkey-needs-script = Passkeys need scripts, and this browser runs none.
passkey-added = The passkey was added. You can sign in with it alone. With the password alone you cannot any more; other browsers in which you did have to sign in again.
passkey-not-made = The passkey was not taken: the page had been open for too long, or the device did not check that it is you. Try again. If the device kept it, remove it there.
passkeys-too-many = You have { $n } passkeys, and there is no room for more. Remove one that you do not use.
passkey-rename = Rename
passkey-renamed = The passkey is called { $name } now.
passkey-remove-name = Remove the passkey { $name }
passkey-removed = The passkey { $name } was removed. It may still be kept on its device: remove it there too.
passkey-last-way-in = This is your only passkey that works here, and you have no password: without it you could not sign in any more. Add another one or set a password first.
passkey-synced = synced
passkey-unused = not used yet
passkey-elsewhere = It was made for <b><bdi>{ $host }</bdi></b> and does not work here.
