# Einrichtung und Wiederherstellung.

setup = Latchkey einrichten
setup-what = Legen Sie den ersten Administrator an. Danach schließt sich die Einrichtung für immer.
setup-username-hint = Am besten Ihr eigener Name, etwa <b>alice</b>. Vermeiden Sie <b>admin</b>: Manche Anwendungen, auch Portainer, halten einen Benutzer dieses Namens für ihren eigenen Administrator.
setup-create = Administrator anlegen
setup-closed = Latchkey ist schon eingerichtet
setup-closed-what = Es gibt einen Administrator, darum ist diese Seite für immer geschlossen.
setup-link = Dieser Einrichtungslink geht nicht
setup-link-what = Ein Einrichtungslink geht einmal und nur eine Weile. Dieser wurde schon benutzt, ist abgelaufen oder unvollständig.
setup-link-command = Einen neuen druckt auf dem Server:

person-name = Name
person-name-hint = Wie ihn Anwendungen zeigen, etwa Alice Müller.
email = E-Mail
email-hint = Manche Anwendungen brauchen eine, um jemanden zu erkennen.
password-again = Passwort noch einmal
password-hint = Mindestens { $least } Zeichen; ein paar Wörter hintereinander sind gut.
password-new = Neues Passwort
password-new-again = Neues Passwort noch einmal
password-set = Passwort setzen

recovery = Neues Passwort wählen
recovery-for = für <b><bdi>{ $name }</bdi></b>
recovery-link = Dieser Wiederherstellungslink geht nicht
recovery-link-what = Ein Wiederherstellungslink geht einmal und nur eine Weile. Dieser wurde schon benutzt, ist abgelaufen oder unvollständig. Ihr Passwort ist unverändert. Bitten Sie Ihren Administrator um einen neuen.
recovery-request = Ich kann mich nicht anmelden
recovery-request-what = Ein Link, mit dem Sie ein neues Passwort wählen, geht an Ihre E-Mail-Adresse, wenn sie bestätigt ist.
recovery-request-empty = Geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse ein.
recovery-request-send = Link schicken
recovery-request-back = Zurück zur Anmeldung
recovery-asked = Sehen Sie in Ihre Mails
recovery-asked-what = Wenn das ein Benutzer mit bestätigter E-Mail-Adresse ist, ist ein Link dorthin unterwegs, mit dem sich ein neues Passwort wählen lässt. Er geht 30 Minuten lang.
recovery-asked-else = In ein paar Minuten kommt nichts an? Sehen Sie im Spam nach, oder bitten Sie Ihren Administrator um einen Wiederherstellungslink.
verification = E-Mail-Adresse bestätigen
verification-question = Ist <b><bdi>{ $email }</bdi></b> die Adresse von <b><bdi>{ $name }</bdi></b>?
verification-yes = Ja, bestätigen
verification-else = Kennen Sie diesen Benutzer nicht, schließen Sie die Seite: Dann geschieht nichts.
verification-sent = Ein Link ist unterwegs an { $name }. Er geht einmal, einen Tag lang.
verification-wait = Vor Kurzem wurde schon ein Link geschickt. Sehen Sie in Ihre Mails, oder warten Sie { $n ->
    [one] 1 Minute
   *[other] { $n } Minuten
  } und versuchen Sie es noch einmal.
email-wait = Die Adresse wurde gerade oft geändert. Warten Sie { $n ->
    [one] 1 Minute
   *[other] { $n } Minuten
  } und versuchen Sie es noch einmal.
verification-link = Dieser Link geht nicht
verification-link-what = Ein Bestätigungslink geht einmal, einen Tag lang, für die Adresse, an die er geschickt wurde. Lassen Sie sich in den Benutzereinstellungen einen neuen schicken.
verification-done = Die Adresse ist bestätigt
verification-done-what = Von jetzt an erfahren Anwendungen sie.
recovery-done = Ihr Passwort ist gesetzt
recovery-done-what = Melden Sie sich von jetzt an mit dem neuen an.
strength = Länge und Vielfalt
strength-short = kurz
strength-fair = mittel
strength-long = lang
strength-what = Hier wird nur auf Länge und Vielfalt geschaut. Ob das Passwort ein verbreitetes ist, zeigt sich beim Speichern.
