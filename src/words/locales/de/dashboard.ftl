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
dashboard-clock = Uhr
dashboard-clock-synchronised = Die Zeitsynchronisierung hält die Uhr dieses Rechners richtig.
dashboard-clock-alone = Nichts hält die Uhr dieses Rechners richtig. Geht sie um Minuten falsch, lehnen Anwendungen Tokens ab: Schalten Sie die Zeitsynchronisierung (NTP) ein.
dashboard-clock-untold = Latchkey darf nicht fragen, ob die Zeitsynchronisierung die Uhr dieses Rechners richtig hält. Geht sie um Minuten falsch, lehnen Anwendungen Tokens ab.
dashboard-database = Datenbank
dashboard-backup = Zuletzt als wiederherstellbar geprüft
dashboard-backup-none = noch nie
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
warning-http = Passwörter gehen unverschlüsselt durch Ihr Netz: { $url } ist einfaches http.
warning-http-do = Stellen Sie einen Reverse Proxy mit Zertifikat davor, und starten Sie Latchkey mit --url https://…
warning-loopback = Nur dieser Rechner erreicht Latchkey: { $url } ist sein Name für sich selbst.
warning-loopback-do = Anwendungen in Containern und andere Geräte können es nicht benutzen. Geben Sie Latchkey einen Hostnamen, und starten Sie es mit --url.
warning-own-host = { $count ->
    [one] { $names } hat denselben Hostnamen wie Latchkey.
   *[other] { $names } haben denselben Hostnamen wie Latchkey.
  }
warning-own-host-do = Browser teilen Cookies zwischen den Ports eines Hosts; jeder könnte also die des anderen lesen. Geben Sie Latchkey einen eigenen Hostnamen.
warning-one-administrator = Es gibt keinen zweiten Administrator.
warning-one-administrator-do = Wer das einzige Konto verliert, dem hilft nur noch ein Befehl auf dem Server. Machen Sie noch jemanden zum Administrator.
warning-no-backup = Es gibt noch keine Sicherung.
warning-no-backup-do = Geht die Speicherkarte kaputt, sind alle Konten verloren. Sichern Sie mit latchkey backup DATEI, oder jede Nacht: latchkey backup-identity macht den Schlüssel dafür und sagt, was einzustellen ist.
warning-old-backup = Die letzte Sicherung ist { $days } Tage alt.
warning-old-backup-do = Sichern Sie mit latchkey backup DATEI. Wenn die nächtliche Sicherung scheitert, sagen die Ereignisse, warum.
warning-old-key = Der Schlüssel, der mit { $alg } signiert, ist älter als ein Jahr.
warning-old-key-do = Wechseln Sie ihn unter „Zertifikate und Schlüssel“ oder mit latchkey key rotate: Der neue wird einen Tag lang veröffentlicht, bevor er signiert, und niemand muss sich neu anmelden.
warning-policy = Die Richtlinie { $name } schlug kürzlich fehl und verweigerte den Zugriff.
warning-policy-do = Die Ereignisse sagen, warum. Bessern Sie den Ausdruck aus; mit dem Speichern verschwindet dieser Hinweis.
warning-scope-mapping = Die Scope-Zuordnung { $name } schlug kürzlich fehl, ihre Claims fehlten.
warning-scope-mapping-do = Die Ereignisse sagen, warum. Bessern Sie den Ausdruck aus; mit dem Speichern verschwindet dieser Hinweis.
