# Die Übersicht.

dashboard-lately = Die letzten 14 Tage
dashboard-sign-ins = { $count ->
    [one] 1 Anmeldung
   *[other] { $count } Anmeldungen
  }
dashboard-refusals = { $count ->
    [one] 1 Ablehnung
   *[other] { $count } Ablehnungen
  }
dashboard-chart = Balken nach Tagen: { $signIns } Anmeldungen, gefüllt, und { $refusals } Ablehnungen, gestreift. Der höchste Balken ist { $most }. Die Tabelle darunter hat jeden Tag.
dashboard-as-table = Diese Tage als Tabelle zeigen
dashboard-day = Tag (UTC)
dashboard-sign-ins-column = Anmeldungen
dashboard-refusals-column = Ablehnungen
dashboard-all-events = Alle Ereignisse zeigen
dashboard-open = Offen für alle
dashboard-open-none = Keine Anwendung ist für alle offen: Bei jeder entscheiden Bindungen.
dashboard-open-what = Diese darf jeder mit einem Konto benutzen. Die erste Bindung schließt eine Anwendung.
dashboard-open-more = { $count ->
    [one] und eine weitere
   *[other] und { $count } weitere
  }
dashboard-keys = Signaturschlüssel
dashboard-key-age = { $days ->
    [0] heute angelegt
    [one] einen Tag alt
   *[other] { $days } Tage alt
  }
dashboard-key-next = der nächste Schlüssel signiert ab
dashboard-key-no-next = kein Wechsel im Gang
dashboard-version = Version
dashboard-url = Basis-URL
dashboard-certificate = Zertifikat
dashboard-certificate-until = gültig bis
dashboard-certificate-own = der eigenen Zertifizierungsstelle: wie Geräte ihm vertrauen lernen
dashboard-clock = Uhr
dashboard-clock-synchronised = Die Zeitsynchronisierung hält die Uhr dieses Rechners richtig.
dashboard-clock-alone = Nichts hält die Uhr dieses Rechners richtig. Geht sie um Minuten falsch, lehnen Anwendungen Tokens ab: Schalten Sie die Zeitsynchronisierung (NTP) ein.
dashboard-clock-untold = Latchkey darf nicht fragen, ob die Zeitsynchronisierung die Uhr dieses Rechners richtig hält. Geht sie um Minuten falsch, lehnen Anwendungen Tokens ab.
dashboard-database = Datenbank
dashboard-backup = Zuletzt als wiederherstellbar geprüft
dashboard-backup-none = noch nie
dashboard-backup-gone = Die Datei ist nicht mehr da.
dashboard-backup-altered = Die Datei wurde seither verändert: Sie hat jetzt { $size }.
dashboard-disk = Datenträger
dashboard-disk-free = { $free } von { $whole } frei

warning-disk = Der Datenträger ist fast voll: { $free } von { $whole } sind frei.
warning-disk-do = Ohne Platz kann sich niemand anmelden. Schaffen Sie Platz, oder ziehen Sie mit dem Datenordner auf einen größeren Datenträger um.
warning-clock-behind = Die Uhr dieses Rechners ging zurück: Sie zeigt { $system }.
warning-clock-behind-do = Latchkey zählt ab { $now } weiter, damit nichts Abgelaufenes wieder gilt. Stellen Sie die Uhr, und schalten Sie die Zeitsynchronisierung (NTP) ein.
warning-time-ahead = Die Zeit von Latchkey ist der Uhr dieses Rechners voraus, die synchronisiert ist und { $system } zeigt.
warning-time-ahead-do = Früher ging die Uhr falsch, und Anwendungen lehnen Tokens aus der Zukunft womöglich ab. Stellen Sie es auf dem Server richtig mit: latchkey clock reset
warning-clock-doubtful = Die Uhr dieses Rechners ist der zuletzt bekannten Zeit weit voraus, und nichts bürgt für sie.
warning-clock-doubtful-do = Sie wird benutzt, aber nichts Altes wird nach ihr gelöscht. Schalten Sie die Zeitsynchronisierung (NTP) ein; oder wenn { $system } stimmt, bestätigen Sie es auf dem Server mit: latchkey clock reset
warning-certificate-ended = Das Zertifikat ist am { $at } abgelaufen: Browser und Anwendungen lehnen es ab.
warning-certificate-ended-do = Erneuern Sie es dort, woher es kommt; Latchkey übernimmt die neuen Dateien von selbst.
warning-certificate-early = Das Zertifikat gilt erst ab { $at }: Browser und Anwendungen lehnen es ab.
warning-certificate-early-do = Vielleicht geht die Uhr dieser Maschine falsch: stellen Sie sie, und schalten Sie die Zeitsynchronisation (NTP) ein.
warning-certificate-others = Das Zertifikat ist für einen anderen Host als { $url }: Browser und Anwendungen lehnen es ab.
warning-certificate-others-do = Besorgen Sie eines für diesen Host, oder starten Sie Latchkey mit --url, wie das Zertifikat sagt.
warning-certificate-trouble = Die Zertifikatsdateien haben sich geändert, und die neuen sind nicht zu gebrauchen: { $why }.
warning-certificate-trouble-do = Das Zertifikat von vorher wird weiter gezeigt. Richten Sie die Dateien; sie werden von selbst wieder angesehen.
warning-certificate-ends = Das Zertifikat läuft am { $at } ab.
warning-certificate-ends-do = Was es erneuern soll, scheint das nicht zu tun. Latchkey übernimmt neue Dateien von selbst.
warning-root-outside = Die Wurzel der eigenen Zertifizierungsstelle kann nicht für { $names } bürgen.
warning-root-outside-do = Legen Sie mit latchkey ca renew eine neue Wurzel an, und installieren Sie sie auf jedem Gerät, wie /trust/ sagt; oder nehmen Sie diese Namen aus den Einstellungen.
warning-root-ends = Die Wurzel der eigenen Zertifizierungsstelle endet am { $at }.
warning-root-ends-do = Legen Sie mit latchkey ca renew eine neue an, und installieren Sie sie auf jedem Gerät, wie /trust/ sagt.
warning-proxy-trust = Anfragen werden von einer Adresse weitergeleitet, die nicht zu den vertrauten Proxys gehört.
warning-proxy-trust-do = Alle dahinter zählen als einer, und die Fehlversuche des einen bremsen alle. Wenn das Ihr Reverse Proxy ist, nennen Sie ihn mit --trusted-proxies; latchkey proxy-config zeigt ein Beispiel.
warning-proxy-http = Jemand kam mit http durch den Reverse Proxy, aber die Basis-URL ist { $url }.
warning-proxy-http-do = Lassen Sie den Proxy von http auf https umleiten und in X-Forwarded-Proto die Wahrheit sagen; latchkey proxy-config zeigt ein Beispiel.
warning-proxy-host = Jemand kam durch den Reverse Proxy zu { $host }, aber die Basis-URL ist { $url }.
warning-proxy-host-do = Starten Sie Latchkey mit --url, wie man es eintippt, oder lassen Sie den Proxy nur diesen Host bedienen.
warning-http = Passwörter gehen unverschlüsselt durch Ihr Netz: { $url } ist einfaches http.
warning-http-do = Lassen Sie Latchkey selbst https sprechen (--tls own-ca oder --tls files), oder stellen Sie einen Reverse Proxy mit Zertifikat davor; und starten Sie es mit --url https://…
warning-loopback = Nur dieser Rechner erreicht Latchkey: { $url } ist sein Name für sich selbst.
warning-loopback-do = Anwendungen in Containern und andere Geräte können es nicht benutzen. Geben Sie Latchkey einen Hostnamen, und starten Sie es mit --url.
warning-own-host = { $count ->
    [one] { $names } hat denselben Hostnamen wie Latchkey.
   *[other] { $names } haben denselben Hostnamen wie Latchkey.
  }
warning-own-host-do = Browser teilen Cookies zwischen den Ports eines Hosts; jeder könnte also die des anderen lesen. Geben Sie Latchkey einen eigenen Hostnamen.
warning-passkeys = { $count ->
    [one] Ein Passkey wurde für einen anderen Host gemacht und geht bei { $url } nicht: { $names }.
   *[other] { $count } Passkeys wurden für einen anderen Host gemacht und gehen bei { $url } nicht, etwa { $names }.
  }
warning-passkeys-do = Ihre Benutzer melden sich anders an und fügen einen neuen Passkey hinzu; wer das nicht kann, bekommt einen Wiederherstellungslink, der die zweiten Faktoren entfernt. Oder behalten Sie die Passkeys: Setzen Sie passkey-rp-id = "{ $host }" und lassen Sie https://{ $host }/.well-known/webauthn weiter antworten.
warning-one-administrator = Es gibt keinen zweiten Administrator.
warning-one-administrator-do = Wer das einzige Konto verliert, dem hilft nur noch ein Befehl auf dem Server. Machen Sie noch jemanden zum Administrator.
warning-no-backup = Es gibt noch keine Sicherung.
warning-no-backup-do = Geht die Speicherkarte kaputt, sind alle Konten verloren. Sichern Sie mit latchkey backup DATEI, oder jede Nacht: latchkey backup-identity macht den Schlüssel dafür und sagt, was einzustellen ist.
warning-old-backup = Die letzte Sicherung ist { $days } Tage alt.
warning-old-backup-do = Sichern Sie mit latchkey backup DATEI. Wenn die nächtliche Sicherung scheitert, sagen die Ereignisse, warum.
warning-backup-silent = Der Datenträger der Sicherungen antwortet nicht.
warning-backup-silent-do = Niemand weiß, ob die Sicherungen noch da sind. Sehen Sie nach ihm, oder nach dem Rechner, der ihn bereitstellt.
warning-backup-gone = Die letzte Sicherung ist nicht mehr da: { $place }.
warning-backup-gone-do = Jemand hat sie entfernt, oder ihr Datenträger ist nicht eingehängt. Hängen Sie ihn ein, oder sichern Sie neu mit latchkey backup DATEI.
warning-backup-altered = Die letzte Sicherung wurde verändert, seit sie als wiederherstellbar geprüft wurde: { $place }.
warning-backup-altered-do = Sie ist nicht mehr so lang, wie sie war, und lässt sich nicht wiederherstellen. Sichern Sie neu mit latchkey backup DATEI, und sehen Sie nach dem Datenträger.
warning-backup-folder-missing = Der Ordner der Sicherungen { $folder } ist nicht da: Nachts wird nicht gesichert.
warning-backup-folder-missing-do = Hängen Sie seinen Datenträger ein. Latchkey legt keinen Ordner auf einem anderen Datenträger an: Einen neuen macht auf dem Server install -d -m 700 -o latchkey -g latchkey { $folder }
warning-backup-folder-other = { $folder } ist nicht der Ordner, in den die nächtlichen Sicherungen bisher kamen: Nachts wird nicht gesichert.
warning-backup-folder-other-do = Hängen Sie seinen Datenträger ein. Soll es von jetzt an dieser Ordner sein, sagen Sie es auf dem Server: truncate -s 0 { $mark }
warning-backup-folder-unreadable = Der Ordner der Sicherungen ist nicht zugänglich: { $why }.
warning-backup-folder-unreadable-do = Niemand weiß, ob die Sicherungen noch da sind. Bringen Sie das auf dem Server in Ordnung.
warning-old-key = Der Schlüssel, der mit { $alg } signiert, ist älter als ein Jahr.
warning-old-key-do = Wechseln Sie ihn unter „Zertifikate und Schlüssel“ oder mit latchkey key rotate: Der neue wird einen Tag lang veröffentlicht, bevor er signiert, und niemand muss sich neu anmelden.
warning-policy = Die Richtlinie { $name } schlug kürzlich fehl und verweigerte den Zugriff.
warning-policy-do = Die Ereignisse sagen, warum. Bessern Sie den Ausdruck aus; mit dem Speichern verschwindet dieser Hinweis.
warning-scope-mapping = Die Scope-Zuordnung { $name } schlug kürzlich fehl, ihre Claims fehlten.
warning-scope-mapping-do = Die Ereignisse sagen, warum. Bessern Sie den Ausdruck aus; mit dem Speichern verschwindet dieser Hinweis.
