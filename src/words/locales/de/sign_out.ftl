# Abmelden.

sign-out-question = Von Latchkey abmelden?
sign-out-of-latchkey = Von Latchkey abmelden
sign-out-stay = Angemeldet bleiben

end-session = Von <bdi>{ $application }</bdi> abmelden?
end-session-title = Von { $application } abmelden?
end-session-still = Bei Latchkey sind Sie noch angemeldet als <b><bdi>{ $name }</bdi></b>
end-session-everywhere = Überall abmelden
end-session-application = Von { $application } abmelden
end-session-everywhere-means = Überall: Vor der nächsten Benutzung einer Ihrer Anwendungen melden Sie sich neu an.
end-session-application-means = Nur <bdi>{ $application }</bdi>, in jedem Browser: Bei Latchkey und den anderen bleiben Sie angemeldet.
back-to = Zurück zu <bdi>{ $application }</bdi>

signed-out = Sie sind abgemeldet
signed-out-of = von <bdi>{ $application }</bdi>
signed-out-of-latchkey = von Latchkey
signed-out-of-latchkey-for = von Latchkey, das Sie bei <bdi>{ $application }</bdi> anmeldet
signed-out-stay = Bei Latchkey bleiben Sie angemeldet: Wenn Sie <bdi>{ $application }</bdi> wieder öffnen, kommen Sie vielleicht ohne Passwort hinein.
signed-out-close = Sie können dieses Fenster jetzt schließen oder sich wieder anmelden.
signed-out-sign-in-mine = Bei Meine Anwendungen anmelden
signed-out-frame = Meldet bei einer Anwendung ab
