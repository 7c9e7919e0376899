# System > Einstellungen.

settings-saved = Die Einstellungen sind gespeichert.
settings-reset = Auf Vorgabe zurücksetzen
settings-reset-name = Auf Vorgabe zurücksetzen: { $name }

settings-brand = Marke
settings-brand-name = Name
settings-brand-name-hint = Auf jeder Seite und im Titel des Browserfensters. Leer: { $default }.
settings-brand-accent = Akzentfarbe
settings-brand-accent-hint = # und sechs Ziffern, wie #0f6b5c. Leer: das Grün von Latchkey.
settings-brand-accent-pick = Akzentfarbe auswählen
settings-preview = So sieht es aus
settings-preview-what = Wie gespeichert, hell und dunkel. Eine Farbe, die schlecht zu lesen wäre, wird dunkler oder heller gemacht, bis man sie lesen kann.
settings-preview-light = hell
settings-preview-dark = dunkel
settings-logo = Logo ändern

settings-session-idle = Endet, wenn unbenutzt seit
settings-session-idle-hint = 10m bis 400d. Anfangs { $default }.
settings-session-maximum = Endet spätestens nach
settings-session-maximum-hint = 10m bis 400d. Anfangs { $default }. Eine kürzere Zeit beendet auch laufende Sitzungen; eine längere gilt ab der nächsten Anmeldung.

settings-passwords = Passwörter und zweite Faktoren
settings-password-minimum = Kürzestes Passwort, in Zeichen
settings-password-minimum-hint = 8 bis 64. Anfangs { $default }; 15 sind ratsam, wo nur ein Passwort verlangt wird. Das gilt für Passwörter, die ab jetzt gesetzt werden. Niemandes Passwort kann der eigene Benutzername oder die eigene E-Mail-Adresse sein.

settings-administrator-factor = Administratoren brauchen einen zweiten Faktor
settings-administrator-factor-hint = optional oder eine Dauer von 1s bis 90d: wie lange ein Administrator ohne einen nach dem Hinweis noch weitermachen kann. Anfangs { $default }. Benutzer und Anwendungen betrifft das nicht; eine Anwendung kann durch eine Richtlinie einen zweiten Faktor verlangen.

settings-remember-browser = Ein Browser kann gemerkt werden für
settings-remember-browser-hint = never oder eine Dauer von 1h bis 90d: Ein Kästchen neben dem zweiten Faktor bietet an, in diesem Browser so lange nur nach dem Passwort zu fragen. Anfangs { $default }. Die Verwaltung und Anwendungen, die einen zweiten Faktor verlangen, fragen trotzdem danach.

settings-event-retention = Tage, die Ereignisse aufbewahrt werden
settings-event-retention-hint = 14 bis 3660. Anfangs { $default }. Wie viele Tage es auch sind: Höchstens die neuesten 10.000 Ablehnungen und 1.000.000 anderen Ereignisse werden aufbewahrt.

settings-outbound = Anfragen nach außen
settings-outbound-networks = Ausgehende Netze
settings-outbound-networks-hint = Netze wie 192.168.1.0/24, mit Kommas dazwischen. Anwendungen lassen Latchkey ihre Schlüssel holen und sich Abmeldungen melden. Öffentliche Adressen fragt es nur über https; in diesen Netzen jede Adresse, auch über http. Nennen Sie so wenig wie möglich: Wer einen Provider ändern darf, kann diese Adressen anfragen lassen. Leer: keine.
bad-network = { $name } ist kein Netz wie 192.168.1.0/24 oder fd00::/8 und keine Adresse.
bad-network-wide = { $name } ist größer als 10.0.0.0/8 oder fc00::/7: Nennen Sie die Netze, in denen Ihre Anwendungen sind.
bad-networks-many = Es können höchstens { $most } Netze genannt werden.

settings-start = Beim Start von Latchkey gesagt
settings-start-what = Um das zu ändern, ändern Sie die Option, die Umgebungsvariable oder den Schlüssel in der Einstellungsdatei (<code>/etc/latchkey/latchkey.toml</code> oder die mit <code>--config</code> genannte) und starten Latchkey neu. <code>latchkey config reference</code> zeigt sie alle.
settings-url = Basis-URL
settings-listen = Lauscht auf
settings-proxies = Vertraute Proxys
settings-proxies-none = Keine. Hinter einem Reverse-Proxy käme scheinbar jeder von dessen Adresse, in den Ereignissen und wo Anmeldungen gebremst werden: Nennen Sie sein Netz mit --trusted-proxies.
settings-rp-id = Passkeys gehören zu
settings-rp-id-none = Nichts. Browser machen Passkeys nur unter https und einem Rechnernamen, oder auf localhost.
settings-related = Weitere Orte, die Passkeys benutzen dürfen
settings-none = Keine.
settings-data-dir = Datenordner

said-default = Die Vorgabe: Es wurde nichts gesagt.
said-option = Gesetzt durch die Option { $name }.
said-environment = Gesetzt durch die Umgebungsvariable { $name }.
said-file = Gesetzt in der Datei { $name }.
said-server = Gesetzt, wo latchkey serve gestartet wurde: { $name }.

bad-brand-name = Ein Name hat 1 bis { $most } Zeichen, alle sichtbar.
bad-grace = Das ist optional oder eine Dauer bis 90 Tage (90d).
bad-remember = Das ist never oder eine Dauer von 1 Stunde (1h) bis 90 Tage (90d).
bad-session-length = Eine Sitzung dauert 10 Minuten (10m) bis 400 Tage (400d).
bad-number = Das ist eine ganze Zahl von { $least } bis { $most }.
session-idle-too-long = Keine Sitzung dauert länger als { $other }: Dies kann nicht länger sein.
session-maximum-too-short = Sitzungen enden, wenn sie { $other } unbenutzt sind: Dies kann nicht kürzer sein.
