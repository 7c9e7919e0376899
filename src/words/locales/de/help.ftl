# Hilfe nach dem, was man sieht: die Seite /help/. Die Texte haben die Auszeichnungen von words/prose.rs; jeder hat den
# Schlüssel seines Titels und -do.

help = Wenn etwas nicht geht
help-what = Suchen Sie, was Sie sehen: die Worte auf der Seite oder im Protokoll. Jeder Abschnitt sagt, was es bedeutet und was zu tun ist.
help-link = Was dagegen hilft

help-first = Zuerst
help-sign-in = Beim Anmelden
help-signed-in = Nach dem Anmelden
help-portainer = Portainer
help-gravitee = Gravitee
help-start = Beim Start
help-certificates = Zertifikate
help-machine = Der Rechner

help-request-id = Was Sie Ihrem Administrator sagen
help-request-id-do =
    Was Sie gerade taten, die Überschrift der Fehlerseite und die Nummer der Anfrage an ihrem Fuß. Ein Foto der Seite sagt
    alles. Mehr müssen Sie nicht erklären, und Ihr Passwort braucht niemand.

    Für den Administrator: Dieselbe Nummer steht in den Ereignissen (`/if/admin/events/` oder `latchkey events`) und im
    Protokoll (`journalctl -u latchkey`), dort mit dem wahren Grund. Auch Programme bekommen sie: Jeder JSON-Fehler hat eine
    `request_id`.

help-check = Ist alles in Ordnung?
help-check-do =
    Die Übersicht (`/if/admin/`) warnt vor dem, was sie sieht. Auf dem Server gibt es zwei Befehle dazu:

    - `latchkey check` prüft Datenbank, Siegel, Dateien, Uhr, Datenträger und Sicherungen.
    - `latchkey config check` liest Einstellungen und Datenordner und sagt, was gälte.

help-redirect-uri = { error-redirect-unregistered }
help-redirect-uri-do =
    Die Anwendung wollte Leute an eine andere Adresse schicken als die eingetragene. Jedes Zeichen zählt; meist ist es ein
    Schrägstrich am Ende, der Port, oder http statt https. Die Fehlerseite zeigt, was empfangen wurde.

    Wenn die Adresse die der Anwendung ist, tragen Sie sie ein. Ein angemeldeter Administrator findet Knopf und Befehl auf
    der Fehlerseite selbst:

    `latchkey app set SLUG --redirect-uri URI`

    Wenn Sie die Adresse nicht kennen, tragen Sie sie nicht ein: Wer sich anmeldet, würde dorthin geschickt. Fehlt die
    Redirect-URI oder kommt sie doppelt, liegt der Fehler in den Einstellungen der Anwendung.

help-unknown-client = { error-client }
help-unknown-client-do =
    Die Client-ID in den Einstellungen der Anwendung kennt Latchkey nicht. Vergleichen Sie sie mit der unter *Provider*
    (`/if/admin/providers/`), oder lassen Sie den Server alles drucken, was einzutragen ist:

    `latchkey app show SLUG`

    Achten Sie auf ein Leerzeichen am Rand und auf einen Provider, der gelöscht und neu angelegt wurde: Er hat eine neue
    Client-ID.

help-other-address = { error-host }
help-other-address-do =
    Sie kamen unter einem anderen Namen als dem von Latchkey, der { $url } ist und in jedem Token steht. Öffnen Sie diesen.

    Soll der Name gelten, den Sie eingegeben haben, startet der Administrator Latchkey damit: `--url`, oder `url` in
    `/etc/latchkey/latchkey.toml`. Die Anwendungen brauchen dann auch die neuen Adressen. Ein Reverse-Proxy muss den
    Host-Header durchreichen; `latchkey proxy-config` hat Beispiele.

help-in-the-clear = { error-clear }
help-in-the-clear-do =
    Ein Formular kam über einfaches http, darum wurde es nicht beachtet. Öffnen Sie { $url } und tun Sie es dort noch
    einmal. Stand ein Passwort darin, ändern Sie es. Lesezeichen und Anwendungen, die noch http nennen, sollten https
    nennen.

help-form-expired = { error-form }
help-form-expired-do =
    Die Seite war zu lange offen, oder Sie haben sich in einem anderen Tab an- oder abgemeldet. Laden Sie sie neu und
    wiederholen Sie es.

    Kommt es jedes Mal, behält der Browser das Cookie nicht: [Cookies sind vielleicht aus](#cookies), oder eine andere
    Anwendung unter demselben Hostnamen überschreibt es. Browser teilen Cookies zwischen allen Ports eines Hosts, darum
    braucht Latchkey einen eigenen Hostnamen.

help-sign-in-over = { over }
help-sign-in-over-do =
    Der Weg zurück zur Anwendung steht zehn Minuten offen und lässt sich einmal gehen. Ein alter Tab, ein Lesezeichen auf
    die Anmeldeseite oder die Zurück-Taste führen hierher. Beginnen Sie in der Anwendung neu.

    Kommt es jedes Mal, sehen Sie nach [den Cookies](#cookies).

help-cookies = Der Browser hat das Cookie nicht zurückgeschickt
help-cookies-do =
    Ohne Cookies kann sich niemand anmelden. Erlauben Sie sie für { $url }, und nehmen Sie diese Adresse von Erweiterungen
    aus, die Cookies sperren oder löschen. Bei einer https-Adresse werden sie nur über https geschickt: Öffnen Sie Latchkey
    nicht über http.

help-slowed-down = Zu viele Versuche
help-slowed-down-do =
    Nach einigen falschen Passwörtern für ein Konto verdoppelt jedes weitere die Wartezeit, auf höchstens 15 Minuten. Das gilt
    nur für dieses Konto von dieser Adresse aus und ist nach einer Stunde ohne Fehler vergessen: Für immer ausgesperrt wird
    niemand. Warten Sie so lange, wie die Seite sagt, oder bitten Sie um [ein neues Passwort](#forgotten-password).

    Trifft es alle zugleich, hält Latchkey seinen Reverse-Proxy für den Menschen: Nennen Sie den Proxy mit
    `--trusted-proxies`. In den Ereignissen sagt `login_failed`, welcher Name von wo versucht wurde.

help-forgotten-password = Ein vergessenes Passwort, oder ein Wiederherstellungslink, der nicht geht
help-forgotten-password-do =
    Prüfen Sie zuerst die Tastatur: Groß und klein zählt. Wo Latchkey Mails senden kann, fragt *Ich kann mich nicht anmelden*
    auf der Anmeldeseite nach Benutzername oder E-Mail-Adresse und sendet einen Link an diese Adresse, wenn sie bestätigt
    ist. Sonst bitten Sie einen Administrator um einen Wiederherstellungslink. Mit beiden wählen Sie ein neues Passwort,
    einmal, innerhalb von 30 Minuten. Von den Links eines Administrators geht nur der neueste.

    Wenn Ihr Passkey verloren ist und Sie nie ein Passwort hatten, geben Sie einen Wiederherstellungscode anstelle des
    Passworts ein.

    Für den Administrator: *Wiederherstellungslink machen* auf der Seite des Benutzers (`/if/admin/users/`), oder auf dem
    Server:

    `latchkey user recovery-link USER`

    Ein gesperrtes Konto meldet sich mit keinem Passwort an: `latchkey user enable USER`.

help-last-administrator = Kein Administrator kann sich anmelden
help-last-administrator-do =
    Wer auf dem Server Befehle ausführen darf, lässt wieder einen hinein, mit einem neuen Passwort:

    `sudo latchkey user recovery-link NAME`

    Oder macht jemanden zum Administrator:

    `sudo latchkey user set NAME --admin`

    `latchkey user list` sagt, wen es gibt. Bei einem Container kommen `docker exec` und sein Name davor.

help-invitation = { invitation-invalid }
help-invitation-do =
    Sie gilt eine Weile, und für so viele Konten, wie sie gemacht ist. Bitten Sie um eine neue, wer Sie eingeladen hat. Ist
    Ihr Konto angelegt, melden Sie sich mit Ihrem Passkey an, oder mit dem Benutzernamen und dem Passwort, die Sie gewählt
    haben.

    Für den Administrator: *Einladungen* (`/if/admin/invitations/`) zeigt, welche noch gelten, und legt neue an, auf dem
    Server auch so:

    `latchkey invitation create`

    Ein Link wird nur einmal gezeigt. Nach einer Wiederherstellung aus einem Backup gelten die alten nicht mehr.

help-setup-link = { setup-link }
help-setup-link-do =
    Er öffnet die Einrichtung des ersten Administrators einmal, innerhalb einer Stunde. Den nächsten druckt auf dem Server:

    `sudo latchkey setup-link`

help-setup-closed = { setup-closed }
help-setup-closed-do =
    Sobald es einen Administrator gibt, ist die Einrichtung für immer geschlossen, damit kein Fremder das Haus übernimmt.
    Melden Sie sich als dieser an. Kann das niemand: [kein Administrator kann sich anmelden](#last-administrator).

help-denied = Sie haben keinen Zugang zu einer Anwendung
help-denied-do =
    Ihr Konto ist in Ordnung, aber diese Anwendung ist nicht dafür da. Fragen Sie Ihren Administrator und nennen Sie ihm die
    Anwendung; oder melden Sie sich mit einem anderen Konto an.

    Für den Administrator: Die Bindungen der Anwendung entscheiden, und ohne eine ist sie für alle offen. Welche es ist,
    sagt dieser Befehl, und auch *Zugang prüfen* auf der Seite des Providers:

    `latchkey app check-access SLUG USER`

    Eine weitere Gruppe lässt `latchkey app bind SLUG --group GROUP` hinein. Eine Richtlinie, die sich nicht auswerten
    lässt, lässt niemanden durch; `policy_failed` in den Ereignissen hat den Grund.

help-not-administrator = { error-not-administrator }
help-not-administrator-do =
    Sie sind angemeldet, vielleicht mit einem anderen Konto, als Sie denken: Die Benutzereinstellungen (`/if/user/`) sagen,
    mit welchem. Ein Administrator gibt Ihnen das Recht auf der Seite Ihres Benutzers oder mit
    `latchkey user set NAME --admin`.

help-signed-out = { error-signed-out }
help-signed-out-do =
    Die Sitzung endete, während das Formular offen war: weil sie zu lange nicht benutzt wurde, oder weil jemand Sie
    abgemeldet hat. Melden Sie sich an und gehen Sie mit der Zurück-Taste des Browsers zurück; Ihre Eingaben sind noch da.
    Wie lange eine Sitzung dauert, steht unter `/if/admin/settings/`.

help-not-found = { error-not-found }
help-not-found-do =
    Die Adresse ist vertippt, oder was sie nannte, wurde gelöscht. Gehen Sie von Ihren Anwendungen aus weiter.

    Führt eine Anwendung hierher, ist eine der Adressen in ihren Einstellungen falsch: `latchkey app show SLUG` druckt alle.
    Achten Sie auf den Slug, den kurzen Namen in der Mitte.

help-refused = { error-refused }
help-refused-do =
    Die Seite sagt, warum, und es wurde nichts geändert. Oft hat jemand anderes dasselbe inzwischen geändert oder gelöscht:
    Gehen Sie zurück, laden Sie die Seite neu und sehen Sie nach, was jetzt da ist.

help-portainer-unauthorized = „Unauthorized“, oder gar nichts nach dem Anmelden
help-portainer-unauthorized-do =
    Portainer zeigt nicht, was schiefging. Die neuesten Zeilen von `latchkey events` (oder `/if/admin/events/`) tun es:

    - Nichts von Portainer nach der Anmeldung: Sein Container erreicht { $url } nicht oder vertraut dem Zertifikat nicht.
      Versuchen Sie den Namen aus dem Netz des Containers; `localhost` ist dort der Container. Für das Zertifikat hat
      `/trust/` die Schritte.
    - `client_refused`: Das Secret in Portainer ist ein anderes. `latchkey app show SLUG --reveal` druckt das richtige.
    - `token_refused`: Das Ereignis sagt, warum; meist ist die Redirect URL in Portainer nicht die eingetragene.
    - `userinfo_refused`: Das Ereignis sagt, warum; oft ist es [die Uhr](#clock).
    - Eine Anmeldung, und nichts abgelehnt: Die Resource URL oder der User Identifier in Portainer ist falsch.
      `latchkey app show SLUG` druckt beide.

help-portainer-empty = Angemeldet, aber es ist nichts zu sehen
help-portainer-empty-do =
    Ein neuer Benutzer hat in Portainer noch keine Umgebungen. Dessen Administrator gibt dort Zugang, unter *Environments*
    oder *Teams*.

help-portainer-admin = Jemand ist Administrator von Portainer, der es nicht sein soll
help-portainer-admin-do =
    Portainer erkennt Benutzer am Namen, groß oder klein geschrieben: Wer in Latchkey `admin` heißt, wird dort der lokale
    Administrator. Benennen Sie den Benutzer um: `latchkey user set admin --username NAME`.

help-gravitee-pkix = Im Protokoll steht „PKIX path building failed“
help-gravitee-pkix-do =
    Java vertraut dem Zertifikat von { $url } nicht. Importieren Sie die Wurzel in dessen Truststore, im Container oder auf
    der Maschine, auf der Gravitee läuft, und starten Sie Gravitee neu: `/trust/` hat den Befehl.

help-gravitee-no-email = Der Benutzer wird nicht angelegt
help-gravitee-no-email-do =
    Gravitee will eine E-Mail-Adresse. Geben Sie dem Benutzer eine:

    `latchkey user set NAME --email ADDRESS`

    Es muss auch den Scope `email` verlangen: Sehen Sie in Gravitee nach den Scopes des Identity-Providers.

help-start-readable = „can be read by others“
help-start-readable-do =
    Der Datenordner und seine Dateien dürfen nur ihrem Besitzer gehören, denn in ihnen liegen die Schlüssel des Hauses. In
    der Meldung steht der Befehl, der es richtet.

help-start-gone = „its database (latchkey.db) is gone“
help-start-gone-do =
    Der Ordner war schon eingerichtet, darum wird er nicht neu eingerichtet. Ist der Datenträger eingehängt, und ist es das
    richtige `--data-dir`? Ist die Datei wirklich verloren, stellen Sie bei angehaltenem Dienst eine Sicherung wieder her:

    `sudo latchkey restore FILE --identity latchkey.key --force`

help-start-damaged = „is damaged“
help-start-damaged-do =
    Es wurde nichts geändert. Stellen Sie die letzte Sicherung wieder her, als wäre [die Datenbank weg](#start-gone);
    `--force` behält, was da ist, in einem Ordner daneben. Auf einem Raspberry Pi ist eine beschädigte Datenbank oft eine
    Speicherkarte an ihrem Ende: Nehmen Sie eine andere.

help-start-newer = „written by a newer Latchkey“
help-start-newer-do =
    Eine ältere Version rührt eine neuere Datenbank nicht an. Installieren Sie jene Version wieder oder eine spätere. Um
    wirklich zurückzugehen, setzen Sie die Kopie in `before-upgrade` im Datenordner an die Stelle der Datenbank; was seither
    geschah, ist damit ungeschehen.

help-start-older = „a server of that version runs on it“
help-start-older-do =
    Das Programm wurde ersetzt, während das alte noch läuft. Starten Sie den Dienst neu; er bringt die Datenbank auf den
    neuen Stand:

    `sudo systemctl restart latchkey`

help-start-in-use = „is in use“
help-start-in-use-do =
    Ein anderes Programm oder ein anderes Latchkey lauscht an dieser Adresse. `sudo ss -ltnp` sagt, welches. Beenden Sie es,
    oder wählen Sie mit `--listen` oder `--https-listen` einen anderen Port.

help-start-master-key = „the master key is missing“
help-start-master-key-do =
    Er liegt in `master.key` im Datenordner, in der Datei, die `--master-key-file` nennt, oder kommt als
    systemd-Credential `master-key`. Legen Sie ihn zurück: Ohne ihn lassen sich die Geheimnisse in der Datenbank nicht
    öffnen. Ist er verloren, stellen Sie eine Sicherung wieder her, die einen enthält.

help-certificate-warning = Der Browser warnt vor dem Zertifikat
help-certificate-warning-do =
    Bei Latchkeys eigener Zertifizierungsstelle (`--tls own-ca`) kennt dieses Gerät sie noch nicht. `/trust/` hat die
    Schritte für jede Art von Gerät und ist auch über http zu haben.

    Ist sie auf dem Gerät installiert, oder kommt das Zertifikat von woanders, sagt die Übersicht, was nicht stimmt:
    abgelaufen, für einen anderen Namen, oder Dateien, die sich nicht lesen lassen. [Eine falsche Uhr](#clock), auch die des
    Geräts, macht gute Zertifikate schlecht.

help-certificate-names = Nachdem sich die Adresse geändert hat
help-certificate-names-do =
    Die Wurzel der eigenen Zertifizierungsstelle darf nur für ihre alten Namen bürgen. Machen Sie auf dem Server eine neue,
    und installieren Sie sie auf jedem Gerät, wie `/trust/` sagt:

    `sudo latchkey ca renew`

help-clock = Die Uhr geht falsch
help-clock-do =
    Anwendungen lehnen Tokens ab, als kämen sie aus der Zukunft oder wären abgelaufen. Ein Raspberry Pi hat keine Uhr mit
    Batterie: Schalten Sie die Zeitsynchronisierung ein (`timedatectl set-ntp true`). Wie Latchkey es sieht:

    `latchkey clock show`

    Hat eine falsche Uhr die Zeit von Latchkey vorgestellt, stellen Sie zuerst die Uhr; danach hilft `latchkey clock reset`.

help-disk-full = Der Datenträger ist voll
help-disk-full-do =
    Anmeldungen werden mit Fehler 503 beantwortet; was gespeichert ist, bleibt heil. Schaffen Sie Platz, dann geht es von
    selbst weiter: Neu starten muss man nichts. `df -h` sagt, wo der Platz fehlt. Weniger Sicherungen (`--backup-keep`) und
    kürzer aufbewahrte Ereignisse (`--event-retention`) sparen welchen.

help-busy = { error-busy }
help-busy-do =
    Warten Sie ein paar Sekunden und laden Sie die Seite neu. Es kamen mehr Passwörter auf einmal, als der Rechner prüfen
    kann, oder die Datenbank ließ sich nicht beschreiben.

    Bleibt es so: Ist [der Datenträger voll](#disk-full), oder hält ein anderes Programm die Datenbank offen?
    `journalctl -u latchkey` hat den Grund.

help-internal = { error-internal }
help-internal-do =
    Latchkey hat einen Fehler gemacht, oder der Rechner. Versuchen Sie es noch einmal. Kommt es wieder, hat das Protokoll
    unter der [Nummer der Anfrage](#request-id) den Grund, und `latchkey check` sagt, ob alles heil ist.
