# Was Latchkey andere fragt, und warum nichts daraus wurde.

bad-outbound-url = Das ist eine vollständige Adresse wie https://app.example/path, ohne Benutzernamen und ohne Teil nach #.
outbound-loopback = { $place } ist eine Adresse dieses Rechners selbst. Soll sie trotzdem gefragt werden, erlauben Sie sie unter Einstellungen, Ausgehende Netze.
outbound-private = { $place } ist eine private Adresse; erlauben Sie sie unter Einstellungen, Ausgehende Netze.
outbound-link-local = { $place } ist eine Link-Local-Adresse, unter der etwa Clouds Geheimnisse bereithalten. Soll sie trotzdem gefragt werden, erlauben Sie sie unter Einstellungen, Ausgehende Netze.
outbound-special = { $place } ist keine öffentliche Adresse. Soll sie trotzdem gefragt werden, erlauben Sie sie unter Einstellungen, Ausgehende Netze.
outbound-plain = { $place } würde über http gefragt, das unterwegs jeder lesen und ändern kann. Nehmen Sie https; oder erlauben Sie http dorthin unter Einstellungen, Ausgehende Netze.
outbound-redirect = { $place } leitet an eine andere Adresse weiter (Status { $status }), und Weiterleitungen wird nicht gefolgt. Nennen Sie die Adresse, bei der sie enden.
outbound-status = { $place } antwortete mit Status { $status }.
outbound-too-large = { $place } antwortete mit mehr als { $most } Bytes.
outbound-timeout = { $place } antwortete nicht innerhalb von { $seconds } Sekunden.
outbound-no-name = Der Name in { $place } wurde nicht gefunden. Sehen Sie nach, ob er richtig geschrieben ist und ob dieser Rechner ihn auflösen kann.
outbound-unreachable = { $place } konnte nicht gefragt werden: { $why }.
outbound-tls = { $place } konnte nicht über https gefragt werden: { $why }. Dem Zertifikat muss dieser Rechner vertrauen; eine eigene Zertifizierungsstelle lässt sich mit SSL_CERT_FILE nennen.
outbound-busy = Im Moment werden zu viele andere gefragt. Versuchen Sie es in einigen Sekunden wieder.
outbound-internal = Wegen eines Fehlers hier konnte niemand gefragt werden; mehr steht im Protokoll.
outbound-no-room = Zu viele Nachrichten über Abmeldungen warteten darauf, gesendet zu werden.
