# Error pages.

error-status = Error { $status }
request = Request

error-client = This application is not known here
error-client-unknown = An application sent you here with a Client ID that is not registered.
error-client-missing = An application sent you here without saying which one it is: its request has no Client ID.
error-client-twice = The parameter client_id was sent more than once.
error-client-next = Go back to the application and try again. If it stays like this, its administrator should compare its Client ID with the one that Latchkey shows.
error-client-received = Client ID received

error-redirect-unregistered = The redirect URI is not registered
error-redirect-unregistered-what = { $application } asked to send you back to an address that is not registered for it.
error-redirect-missing = The redirect URI is missing
error-redirect-missing-what = { $application } did not say where to send you back: its request has no redirect URI.
error-redirect-twice = The parameter redirect_uri was sent more than once.
error-redirect-next = Nothing was sent anywhere. Show this page to your administrator: what the application sends has to match a registered redirect URI exactly, down to the last slash.
error-redirect-received = Redirect URI received

error-request = This request cannot be answered
error-request-next = Go back and start again.
error-pushed = This sign-in is over
error-pushed-what = The application had prepared it a moment ago, and that holds for 90 seconds and for one time.
error-object-what = The application sent a signed request that is not right.
error-object-next = Go back to the application and try again. If it stays like this, its administrator finds the reason in the events, by the request ID below.

mend = For you as an administrator
mend-none = No redirect URI is registered for this application yet.
mend-registered = Registered
mend-page = If you know the received address and trust it, register it: people who sign in will be sent there.
mend-open = Open the application
mend-command = Or with this command:

error-form = This form is no longer valid
error-form-what = The page had been open for too long, or you signed in or out in another tab meanwhile. Nothing was changed.
error-form-next = Go back, load the page again and repeat what you did.

error-signed-out = You are signed out
error-signed-out-what = Your session ended while you filled in the form, so nothing was changed.
error-signed-out-next = Sign in, then come back here with your browser's Back button: what you typed is still there.

error-not-administrator = This page is for administrators
error-not-administrator-what = You are signed in, but your account has no administrator's right.
error-not-administrator-next = If you need it, ask an administrator to give it to you.

error-refused = This cannot be done
error-refused-next = Go back; nothing was changed.

error-not-found = There is no such page
error-not-found-what = The address may be mistyped, or the page is gone.
error-not-found-next = Check the address, or go on from your applications.

error-host = Latchkey has another address
error-host-what = You came here under a name that Latchkey does not use. Its address is { $url }, and signing in works only there.
error-host-next = Go on at that address. To move Latchkey to another one, the administrator starts it with --url.
error-host-received = Host received
error-host-open = Open Latchkey

error-clear = This was sent without https
error-clear-what = It crossed the network in the clear, so nothing was done with it. Latchkey's address is { $url }
error-clear-next = Open that address and do it there. If you typed a password, change it: somebody may have read it.

error-busy = Too busy right now
error-busy-what = More people are asking than this server can answer at once.
error-busy-next = Wait a few seconds, then load the page again.

error-internal = Something went wrong here
error-internal-what = Latchkey met a problem of its own. It is not your doing.
error-internal-next = Try again. If it happens again, give your administrator the request number below: it finds the reason in the log.
