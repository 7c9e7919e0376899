# Signing out.

sign-out-question = Sign out of Latchkey?
sign-out-of-latchkey = Sign out of Latchkey
sign-out-stay = Stay signed in

end-session = Sign out of <bdi>{ $application }</bdi>?
end-session-title = Sign out of { $application }?
end-session-still = You are still signed in to Latchkey as <b><bdi>{ $name }</bdi></b>
end-session-everywhere = Sign out everywhere
end-session-application = Sign out of { $application }
end-session-everywhere-means = Everywhere: you sign in anew before you use any of your applications again.
end-session-application-means = Only <bdi>{ $application }</bdi>, in every browser: you stay signed in to Latchkey and the others.
back-to = Back to <bdi>{ $application }</bdi>

signed-out = You are signed out
signed-out-of = of <bdi>{ $application }</bdi>
signed-out-of-latchkey = of Latchkey
signed-out-of-latchkey-for = of Latchkey, which signs you in to <bdi>{ $application }</bdi>
signed-out-stay = You stay signed in to Latchkey: if you open <bdi>{ $application }</bdi> again, it may let you in without asking for your password.
signed-out-close = You can close this window now, or sign in again.
signed-out-sign-in-mine = Sign in to My applications
signed-out-frame = Signs out of an application
