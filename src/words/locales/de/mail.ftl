# E-Mail: die Einstellungen, was schiefgehen kann, und die Mails selbst (reiner Text).

mail-settings = E-Mail
mail-settings-what = Mit einem Mailserver können sich Leute, die sich nicht anmelden können, einen Wiederherstellungslink an ihre bestätigte Adresse schicken lassen, und sie erfahren, was mit ihrem Konto geschieht. Ohne einen wird nichts verschickt.
mail-settings-on = Mails verschickt { $place }.
mail-settings-off = Es ist kein Mailserver eingestellt: Nichts wird verschickt, und niemandem wird eine Mail angeboten.
mail-settings-go = E-Mail einrichten
mail-settings-back = Zurück zu den Einstellungen

smtp-host = Mailserver
smtp-host-hint = Sein Hostname, etwa smtp.home.example. Leer: Es wird keine Mail verschickt.
smtp-port = Port
smtp-port-hint = Leer: 587 mit STARTTLS, 465 mit TLS, 25 ohne.
smtp-security = Schutz
smtp-security-hint = Dem Zertifikat des Servers muss dieser Rechner vertrauen.
smtp-security-is-starttls = STARTTLS
smtp-security-is-tls = TLS
smtp-security-is-none = Keiner, nur auf diesem Rechner
smtp-security-is-none-forced = Keiner: Alle unterwegs können Mails und Passwort lesen
smtp-username = Benutzername beim Mailserver
smtp-username-hint = Leer: Der Server nimmt Mails ohne Anmeldung an.
smtp-password = Passwort beim Mailserver
smtp-password-kept = Ein Passwort ist versiegelt aufbewahrt. Geben Sie ein anderes ein, um es zu ersetzen. Mit anderem Server, Port oder Schutz ist es neu einzugeben.
smtp-password-forget = Passwort vergessen
smtp-from = Mails kommen von
smtp-from-hint = Etwa latchkey@home.example; oder ein Name und dahinter die Adresse in spitzen Klammern. Leer: der Benutzername, wenn er eine Adresse ist.

bad-smtp-host = Das ist ein Hostname wie smtp.home.example oder eine Adresse, ohne Port.
bad-smtp-security = Das ist starttls, tls, none oder none-forced.
bad-smtp-username = Ein Benutzername hat höchstens 256 Zeichen, alle sichtbar.
bad-smtp-password = Ein Passwort hat höchstens 1000 Bytes und keine Zeilenumbrüche.
bad-smtp-from = Das ist eine Adresse wie latchkey@home.example, oder ein Name und eine Adresse in spitzen Klammern.
smtp-security-none = Ohne Schutz werden Mails nur einem Server auf diesem Rechner gegeben. Nehmen Sie STARTTLS oder TLS; oder sagen Sie, dass es trotzdem keiner sein soll (none-forced): Dann können alle unterwegs Mails und Passwort lesen.
smtp-from-missing = Sagen Sie zuerst, von wem Mails kommen: eine Adresse wie latchkey@home.example.

mail-test-heading = Ausprobieren
mail-test-to = Testmail schicken an
mail-test-hint = Speichern Sie zuerst: Ausprobiert wird, was gespeichert ist. Die Antwort des Mailservers wird gezeigt.
mail-test-send = Testmail schicken
mail-test-taken = { $place } hat die Mail für { $name } angenommen. Kommt sie nicht an, sehen Sie im Spam nach und im Protokoll des Mailservers.

mail-trouble-no-server = Es ist kein Mailserver eingestellt.
mail-trouble-no-password = Für den Mailserver ist ein Benutzername eingestellt, aber kein Passwort, das hier bekannt ist. Wurde es dem Server beim Start gesagt, muss es auch diesem Befehl gesagt werden, mit LATCHKEY_SMTP_PASSWORD oder in der Einstellungsdatei.
mail-trouble-password-file = Das Passwort beim Mailserver lässt sich nicht aus { $name } lesen: { $why }
mail-trouble-sealed = Das Passwort beim Mailserver lässt sich nicht entsiegeln: { $why }
mail-trouble-address = { $name } ist keine Adresse, an die eine Mail geschickt werden kann.
mail-trouble-stopped = Latchkey wurde beendet, bevor die Mail verschickt war.
mail-trouble-internal = Die Mail konnte nicht erstellt werden; das Protokoll sagt, warum.
mail-trouble-unreachable = { $place } ist nicht zu erreichen: { $why }. Prüfen Sie Host und Port, und ob eine Firewall sie durchlässt.
mail-trouble-timeout = { $place } hat nicht rechtzeitig geantwortet. Prüfen Sie Host, Port und Schutz: TLS (465) und STARTTLS (587) sind zwei Wege.
mail-trouble-certificate-unknown = { $place } zeigt ein Zertifikat eines Ausstellers, dem dieser Rechner nicht vertraut. Ist es Ihr eigenes, nennen Sie eine Datei mit dessen Wurzel in der Umgebungsvariablen SSL_CERT_FILE und starten Sie Latchkey neu; in einem Container muss die Datei auch dort sein.
mail-trouble-certificate-name = { $place } zeigt ein Zertifikat für einen anderen Namen. Stellen Sie den Namen ein, für den das Zertifikat gilt.
mail-trouble-certificate-expired = { $place } zeigt ein abgelaufenes Zertifikat.
mail-trouble-tls = Keine geschützte Verbindung zu { $place }: { $why }. TLS (465) und STARTTLS (587) sind zwei Wege; der andere könnte der richtige sein.
mail-trouble-no-starttls = { $place } bietet kein STARTTLS. Nehmen Sie TLS mit dessen Port, oft 465.
mail-trouble-no-auth = { $place } bietet keine Anmeldung mit Passwort. Prüfen Sie Port und Schutz, oder lassen Sie den Benutzernamen leer.
mail-trouble-sign-in = { $place } nimmt Benutzername und Passwort nicht an: { $answer }
mail-trouble-refused = { $place } nimmt die Mail nicht an: { $answer }
mail-trouble-odd = { $place } antwortet nicht wie ein Mailserver: { $answer }
mail-trouble-odd-tls = { $place } antwortet nicht wie ein Mailserver mit TLS: { $answer }. STARTTLS (587) könnte richtig sein.

mail-hello = Guten Tag { $name },

mail-test-subject = Eine Testmail
mail-test =
    diese Mail wurde geschickt, um zu sehen, ob Mails verschickt werden können. Sie können.

mail-recovery-subject = Neues Passwort wählen
mail-recovery =
    jemand mit der Adresse { $address } hat gesagt, dass Sie sich nicht anmelden können. Um ein neues Passwort zu wählen, öffnen Sie diesen Link:

    { $link }

    Er geht einmal, 30 Minuten lang. Wenn Sie ein neues Passwort wählen, werden Sie überall abgemeldet; zweite Faktoren bleiben, wie sie sind.

    Waren Sie das nicht, tun Sie nichts: Ihr Passwort ist unverändert.

mail-facts =
    Wann: { $time }
    Von der Adresse: { $address }
    Mit: { $device }
mail-last =
    Das geschah mehrmals innerhalb einer Stunde. Geschieht es in den nächsten { $minutes } Minuten wieder, sagt Ihnen das keine Mail.
mail-otherwise =
    Waren Sie das, oder war es mit Ihnen abgesprochen, gibt es nichts zu tun. Wenn nicht, ist vielleicht jemand anders in Ihr Konto gelangt: Ändern Sie sofort Ihr Passwort, sehen Sie sich Ihre Sitzungen und zweiten Faktoren an, und sagen Sie es Ihrem Administrator.

    { $link }
mail-factor-added-subject = Ein zweiter Faktor kam hinzu
mail-factor-added =
    zu Ihrem Konto kam ein zweiter Faktor hinzu: { $factor }. Von jetzt an wird bei der Anmeldung danach gefragt.
mail-factor-removed-subject = Ein zweiter Faktor wurde entfernt
mail-factor-removed =
    von Ihrem Konto wurde ein zweiter Faktor entfernt: { $factor }.
mail-factors-removed-subject = Ihre zweiten Faktoren wurden entfernt
mail-factors-removed =
    alle zweiten Faktoren und Wiederherstellungscodes Ihres Kontos wurden entfernt. Jetzt meldet Sie das Passwort allein an.
mail-codes-made-subject = Neue Wiederherstellungscodes
mail-codes-made =
    für Ihr Konto wurden neue Wiederherstellungscodes gemacht. Die alten gehen nicht mehr.
mail-code-used-subject = Ein Wiederherstellungscode wurde benutzt
mail-code-used =
    jemand hat sich mit einem Ihrer Wiederherstellungscodes an Ihrem Konto angemeldet. Er geht kein zweites Mal.
mail-password-changed-subject = Ihr Passwort wurde geändert
mail-password-changed =
    Ihr Passwort wurde in den Benutzereinstellungen geändert. Überall sonst sind Sie abgemeldet.
mail-password-reset-subject = Ihr Passwort wurde zurückgesetzt
mail-password-reset =
    für Ihr Konto wurde mit einem Wiederherstellungslink ein neues Passwort gewählt. Sie sind überall abgemeldet.
mail-password-set-subject = Ein Administrator hat Ihr Passwort gesetzt
mail-password-set =
    ein Administrator hat für Ihr Konto ein neues Passwort gesetzt. Sie sind überall abgemeldet.
mail-email-changed-subject = Ihre E-Mail-Adresse wurde geändert
mail-email-changed =
    Ihr Konto hat jetzt eine andere E-Mail-Adresse. Dies ist die letzte Mail an die alte.
mail-unknown-device-subject = Eine Anmeldung mit einem anderen Browser
mail-unknown-device =
    jemand hat sich an Ihrem Konto mit einem Browser angemeldet, mit dem es bisher nicht gesehen wurde.

mail-verification-subject = E-Mail-Adresse bestätigen
mail-verification =
    jemand hat gesagt, dass { $address } Ihre Adresse ist. Wenn das stimmt, öffnen Sie diesen Link:

    { $link }

    Er geht einmal, einen Tag lang. Wissen Sie von keinem Konto dieses Namens, tun Sie nichts.
