# Zweite Faktoren: anmelden, bestätigen, Benutzereinstellungen, die Seite eines Benutzers.

nav-mfa = MFA-Geräte

second-factor = Zweiter Faktor
second-factor-for = Noch ein Nachweis, dass Sie <b><bdi>{ $name }</bdi></b> sind
second-factor-code = Einmalcode
second-factor-code-hint = Die sechs Ziffern, die Ihre Authenticator-App gerade zeigt, oder einer Ihrer Wiederherstellungscodes.
second-factor-wrong = Dieser Code stimmt nicht oder wurde schon benutzt. Warten Sie auf den nächsten Ihrer App und versuchen Sie es noch einmal.
second-factor-lost = Ich habe keinen Code
second-factor-lost-what = Nehmen Sie einen der Wiederherstellungscodes, die Sie aufgehoben haben; jeder geht einmal. Haben Sie auch davon keinen, bitten Sie Ihren Administrator um einen Wiederherstellungslink.
second-factor-remember = In diesem Browser { $time } lang nicht nach einem zweiten Faktor fragen
second-factor-anew = Als jemand anders anmelden
recovery-code = Wiederherstellungscode
recovery-code-hint = Einer der Codes, die Sie beim Einrichten des zweiten Faktors aufgehoben haben. Jeder geht einmal.

confirm = Bestätigen Sie, dass Sie es sind
confirm-what = Was Sie vorhaben, ist wichtig, und Ihre Anmeldung liegt eine Weile zurück. Von Ihren Eingaben geht nichts verloren.
confirm-go = Bestätigen und weiter

mfa-what = Mit einem zweiten Faktor kann sich niemand als Sie anmelden, der nur Ihr Passwort erfährt.
totp = Authenticator-App
totp-what = Eine App auf Ihrem Telefon zeigt einen Code aus sechs Ziffern, der alle halbe Minute wechselt. Jede App für TOTP geht, etwa Aegis, 2FAS oder Google Authenticator; viele Passwortmanager können es auch.
totp-there = Beim Anmelden wird nach einem Code Ihrer App gefragt.
factor-added = Hinzugefügt
factor-used = Zuletzt benutzt
totp-add = Authenticator-App hinzufügen
totp-added = Die App wurde hinzugefügt. Von jetzt an wird beim Anmelden nach ihrem Code gefragt. Andere Browser, in denen Sie angemeldet waren, müssen sich neu anmelden.
totp-remove = App entfernen
totp-removed = Die Authenticator-App wurde entfernt.
totp-there-already = Es gibt schon eine Authenticator-App. Entfernen Sie sie zuerst, um eine andere hinzuzufügen.
totp-step-scan = Scannen Sie dies mit Ihrer Authenticator-App:
totp-step-type = Oder tippen Sie dieses Geheimnis ein:
totp-secret = Geheimnis
totp-qr = QR-Code mit dem Geheimnis
totp-code = Code
totp-code-hint = Die sechs Ziffern, die die App gerade zeigt. Vorher ändert sich nichts.
totp-code-wrong = Das ist nicht der Code, den die App gerade zeigt. Bleibt es dabei, stellen Sie die Uhr Ihres Telefons nach dem Netz: Codes folgen der Zeit.
totp-too-late = Die Seite war zu lange offen. Hier ist ein neues Geheimnis: Entfernen Sie den alten Eintrag aus Ihrer App und scannen Sie dieses.
totp-confirm = Bestätigen

recovery-codes = Wiederherstellungscodes
recovery-codes-what = Jeder dieser Codes meldet Sie einmal an, anstelle Ihres zweiten Faktors. Heben Sie sie dort auf, wo Sie sie ohne Ihr Telefon finden: auf Papier oder in einem Passwortmanager.
recovery-codes-what-alone = Jeder dieser Codes lässt Sie einmal herein, wenn Ihr Passkey verloren ist: Geben Sie beim Anmelden Ihren Benutzernamen ein und den Code anstelle eines Passworts. Heben Sie sie dort auf, wo Sie sie ohne Ihr Telefon finden: auf Papier oder in einem Passwortmanager.
recovery-codes-of = Für <b><bdi>{ $name }</bdi></b> bei <bdi>{ $address }</bdi>
recovery-codes-once = Sie werden nur jetzt gezeigt. Codes, die Sie vorher hatten, gehen nicht mehr.
recovery-codes-kept = Ich habe sie aufgehoben
recovery-codes-left = { $n ->
    [one] 1 Wiederherstellungscode ist übrig.
   *[other] { $n } Wiederherstellungscodes sind übrig.
  }
recovery-codes-none = Sie haben keine Wiederherstellungscodes. Ohne Ihren zweiten Faktor könnte nur ein Administrator Sie wieder hereinlassen.
recovery-codes-make = Wiederherstellungscodes machen
recovery-codes-replace = Wiederherstellungscodes ersetzen
recovery-codes-replace-what = Sie bekommen zehn neue, und die alten gehen nicht mehr.
recovery-codes-for-nothing = Wiederherstellungscodes stehen für einen zweiten Faktor. Fügen Sie zuerst einen hinzu.
recovery-drops-factors = Auch Ihre zweiten Faktoren und Wiederherstellungscodes werden entfernt. Fügen Sie nach dem Anmelden neue hinzu.
print = Drucken

user-no-factors = Keine: Das Passwort allein genügt.
user-factors-remove = Zweite Faktoren entfernen
user-factors-remove-what = Für jemanden, der sie verloren hat. Der Benutzer meldet sich dann mit dem Passwort allein an und wird jetzt überall abgemeldet.
user-factors-remove-alone = Es gibt kein Passwort: Machen Sie danach einen Wiederherstellungslink, sonst kann sich der Benutzer nicht anmelden.
user-link-drop-factors = Er entfernt auch die zweiten Faktoren: für jemanden, der alles verloren hat
factors-removed = Die zweiten Faktoren von { $name } wurden entfernt.
factors-none = { $name } hat keinen zweiten Faktor.

administrator-factor-until = Administratoren dieses Hauses brauchen einen zweiten Faktor. Fügen Sie unter MFA-Geräte bis { $time } einen hinzu.
administrator-factor-now = Administratoren dieses Hauses brauchen einen zweiten Faktor. Fügen Sie hier einen hinzu, dann öffnet sich die Verwaltung wieder.
