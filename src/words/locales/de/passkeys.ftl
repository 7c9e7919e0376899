# Passkeys: beim Anmelden, in den Benutzereinstellungen, auf der Seite eines Benutzers.

passkey = Passkey
passkeys = Passkeys
passkeys-what = Ein Passkey meldet Sie allein an, mit Fingerabdruck, Gesicht oder PIN Ihres Geräts: Es gibt kein Passwort zu tippen und keines, das man auf einer nachgemachten Seite verraten könnte. Auch ein Sicherheitsschlüssel mit PIN ist einer.
passkeys-need-https = Browser machen Passkeys nur unter https und einem Rechnernamen (oder auf localhost). Fragen Sie Ihren Administrator.
passkey-use = Mit Passkey anmelden
passkey-confirm = Mit Passkey bestätigen
passkey-failed = Es wurde kein Passkey benutzt. Versuchen Sie es noch einmal oder nehmen Sie einen anderen Weg.
passkey-there-already = Dieses Gerät hat schon einen Passkey für Ihr Konto.
passkey-wrong = Dieser Passkey wurde hier nicht angenommen. Wenn er entfernt wurde oder auf dem Gerät weder PIN noch Fingerabdruck noch Gesicht eingerichtet ist, melden Sie sich anders an.
passkey-cloned = Dieser Passkey wurde nicht angenommen: Er zählt mit, wie oft er benutzt wird, und diese Zahl kam zweimal, als gäbe es eine Kopie. Melden Sie sich anders an, entfernen Sie ihn in Ihren Einstellungen und sagen Sie es Ihrem Administrator.
passkey-too-late = Die Seite war zu lange offen. Versuchen Sie es noch einmal.
lost-passkey = Machen Sie einen neuen Passkey
lost-passkey-what = Ihr Wiederherstellungscode stimmt. Er ist verbraucht, sobald Ihr neuer Passkey gemacht ist, und der meldet Sie an. Entfernen Sie danach den verlorenen in Ihren Einstellungen.

passkey-add = Passkey hinzufügen
passkey-add-what = Ihr Browser fragt, wo er aufgehoben wird: auf diesem Gerät, auf Ihrem Telefon, in einem Passwortmanager oder auf einem Sicherheitsschlüssel. Er muss prüfen, dass Sie es sind.
passkey-make = Passkey machen
passkey-name = Name
passkey-name-hint = Damit Sie ihn von anderen unterscheiden: Wo wird er aufgehoben?
passkey-needs-script = Passkeys brauchen Skripte, und dieser Browser führt keine aus.
passkey-added = Der Passkey wurde hinzugefügt. Sie können sich mit ihm allein anmelden, mit dem Passwort allein nicht mehr; andere Browser, in denen Sie so angemeldet waren, müssen sich neu anmelden.
passkey-not-made = Der Passkey wurde nicht angenommen: Die Seite war zu lange offen, oder das Gerät hat nicht geprüft, dass Sie es sind. Versuchen Sie es noch einmal. Wenn das Gerät ihn behalten hat, entfernen Sie ihn dort.
passkeys-too-many = Sie haben { $n } Passkeys, für mehr ist kein Platz. Entfernen Sie einen, den Sie nicht benutzen.
passkey-rename = Umbenennen
passkey-renamed = Der Passkey heißt jetzt { $name }.
passkey-remove-name = Den Passkey { $name } entfernen
passkey-removed = Der Passkey { $name } wurde entfernt. Auf seinem Gerät kann er noch liegen: Entfernen Sie ihn auch dort.
passkey-last-way-in = Das ist Ihr einziger Passkey, der hier geht, und Sie haben kein Passwort: Ohne ihn könnten Sie sich nicht mehr anmelden. Fügen Sie erst einen anderen hinzu oder setzen Sie ein Passwort.
passkey-synced = synchronisiert
passkey-unused = noch nicht benutzt
passkey-elsewhere = Er wurde für <b><bdi>{ $host }</bdi></b> gemacht und geht hier nicht.
