# Was an einer Eingabe nicht stimmt.

bad-name-username-empty = Der Benutzername fehlt.
bad-name-username-too-long = Der Benutzername hat mehr als 150 Zeichen.
bad-name-username-character = Ein Benutzername besteht aus Buchstaben, Ziffern und @ . + - _ und enthält keine Leerzeichen.
bad-name-username-no-letter = Ein Benutzername braucht mindestens einen Buchstaben oder eine Ziffer.
bad-name-username-reserved = Dieser Name ist vorbehalten: Manche Anwendungen halten, wer so heißt, für einen Administrator. Wählen Sie einen anderen, am besten Ihren eigenen.
bad-name-username-scripts = Ein Benutzername steht in einer Schrift: In diesem sind Buchstaben gemischt, die gleich aussehen.
bad-name-username-address = Ein Benutzername ist keine E-Mail-Adresse: Lassen Sie das @ und was folgt weg.
bad-name-email-too-long = Die E-Mail-Adresse hat mehr als 254 Zeichen.
bad-name-email-malformed = Das ist keine E-Mail-Adresse; eine sieht aus wie name@firma.example.
bad-name-slug-empty = Das Kürzel fehlt.
bad-name-slug-too-long = Das Kürzel hat mehr als 50 Zeichen.
bad-name-slug-character = Ein Kürzel besteht aus den kleinen Buchstaben a bis z, Ziffern, - und _.
bad-name-slug-reserved = So heißt schon eine eigene Adresse des Providers; wählen Sie ein anderes Kürzel.
bad-name-display = Ein Name hat 1 bis 150 Zeichen, ohne Steuerzeichen.

bad-password-too-short = Das Passwort ist zu kurz: Es braucht mindestens { $least } Zeichen.
bad-password-too-long = Das Passwort ist zu lang: Es darf höchstens 256 Zeichen haben.
bad-password-own-name = Das ist der Benutzername oder die E-Mail-Adresse selbst, was jeder zuerst versuchen würde. Wählen Sie ein anderes Passwort.
passwords-differ = Die beiden Passwörter sind verschieden. Geben Sie zweimal dasselbe ein.

bad-uri-empty = Die Adresse fehlt.
bad-uri-too-long = Die Adresse ist länger als 2.000 Bytes.
bad-uri-character = Die Adresse enthält ein Leerzeichen, ein Steuerzeichen oder ein Zeichen außerhalb von ASCII; schreiben Sie diese prozentkodiert.
bad-uri-unsafe-character = Die Adresse enthält das Zeichen { $character }, das so in keiner Adresse stehen darf; schreiben Sie es prozentkodiert.
bad-uri-not-absolute = Die Adresse muss vollständig sein, mit ihrem Schema, wie https://app.firma/callback.
bad-uri-refused-scheme = Das Schema { $scheme }: führt nie zurück zu einer Anwendung.
bad-uri-custom-scheme = Das Schema { $scheme }: gehört einer Anwendung; nur öffentliche Clients dürfen eines benutzen. Nehmen Sie https://.
bad-uri-fragment = Eine Redirect-URI hat kein Fragment: Lassen Sie das # und alles dahinter weg.
bad-uri-user-info = Die Adresse enthält einen Benutzernamen oder ein Passwort vor dem @ ihres Hosts; lassen Sie beides weg.
bad-uri-wildcard-host = Der Host der Adresse enthält einen Platzhalter; tragen Sie jeden Host einzeln ein oder nehmen Sie eine Regex für den Pfad.
bad-uri-host = Der Host oder der Port der Adresse ist nicht gültig.
bad-uri-pattern-in-origin = In einer Regex sind Schema, Host und Port einfacher Text, und das Muster beginnt mit dem ersten / dahinter.
bad-uri-fragment-in-pattern = Ein Muster kann kein # enthalten: Adressen mit Fragment passen nie zu einer Regex.
bad-uri-pattern = Das Muster ist kein gültiger regulärer Ausdruck: { $why }
bad-uri-pattern-too-large = Das Muster ist zu groß.

bad-app-url = { $url } ist nicht die Adresse einer Anwendung. Sie sieht aus wie https://portainer.home.example (https oder http, ein Host, ein Port, wenn sie einen hat)

taken-in-use = { $name } ist vergeben: Jemand hat das als Benutzernamen oder E-Mail-Adresse. Wählen Sie etwas anderes
taken-retired = { $name } gehörte jemandem, der gelöscht wurde. Namen werden nicht neu vergeben, weil Anwendungen Konten unter ihnen führen. Wählen Sie etwas anderes

bad-duration = erwartet wird eine Dauer wie 90s, 15m, 12h oder 7d
bad-duration-range = erwartet wird eine Sekunde bis zehn Jahre

bad-attributes-too-long = Die Attribute sind länger als 16 KiB.
bad-attributes-no-object = Attribute sind ein JSON-Objekt: Namen und Werte zwischen geschweiften Klammern, wie {"{"}"team": "rot"{"}"}.
bad-attributes-too-deep = Die Attribute sind zu tief verschachtelt: 100 Ebenen sind reichlich.
bad-attributes-malformed = Das ist kein JSON: Sehen Sie in Zeile { $line }, Spalte { $column } nach.

no-administrator-left = Dann gäbe es keinen aktiven Administrator mehr. Ernennen Sie zuerst einen anderen.

group-name-taken = Eine Gruppe { $name } gibt es schon; wählen Sie einen anderen Namen.
group-not-there = Es gibt keine Gruppe { $name }.
group-parent-cycle = { $name } ist diese Gruppe selbst oder liegt unter ihr: Eine Gruppe kann nicht über sich selbst stehen.
group-delete-would-open = Eine Gruppe über dieser ist negiert an { $application } gebunden: Ohne diese Gruppe kämen ihre Mitglieder hinein. Lösen Sie zuerst diese Bindung.
user-not-there = Es gibt keinen Benutzer { $name }.
bad-locale = Die Sprache { $given } gibt es nicht.
user-is-disabled = { $name } ist gesperrt: Entsperren Sie zuerst.
group-gone = Diese Gruppe gibt es nicht mehr; wählen Sie eine andere.
clock-before-build = Die Uhr dieses Rechners zeigt eine Zeit, bevor dieses Latchkey gebaut wurde ({ $built }), geht also falsch. Stellen Sie sie zuerst.
weak-password-common = Das ist eines der meistbenutzten Passwörter, und was jeder zuerst versuchen würde (Stärke { $score } von 4). Wählen Sie ein anderes: Ein paar ungewöhnliche Wörter hintereinander sind gut.
weak-password-like-common = Das ähnelt einem Passwort, das viele benutzen, und ist bald erraten (Stärke { $score } von 4). Wählen Sie ein anderes: Ein paar ungewöhnliche Wörter hintereinander sind gut.
weak-password-word = Ein einzelnes Wort ist bald erraten (Stärke { $score } von 4). Fügen Sie noch ein, zwei ungewöhnliche Wörter hinzu.
weak-password-names = Namen sind bald erraten (Stärke { $score } von 4). Fügen Sie ein paar Wörter hinzu, die nichts mit Ihnen zu tun haben.
weak-password-own = Das ist kaum mehr als der eigene Name oder die eigene E-Mail-Adresse, was jeder versuchen würde (Stärke { $score } von 4). Fügen Sie ein paar Wörter hinzu, die nichts mit Ihnen zu tun haben.
weak-password-keys = Tasten, die nebeneinander liegen, sind bald erraten (Stärke { $score } von 4). Wählen Sie stattdessen ein paar ungewöhnliche Wörter.
weak-password-repeats = Wiederholungen machen das Erraten kaum schwerer (Stärke { $score } von 4). Wählen Sie stattdessen ein paar verschiedene Wörter.
weak-password-sequence = Buchstaben oder Ziffern in ihrer Reihenfolge sind bald erraten (Stärke { $score } von 4). Wählen Sie stattdessen ein paar ungewöhnliche Wörter.
weak-password-date = Daten und Jahreszahlen sind bald erraten (Stärke { $score } von 4). Wählen Sie stattdessen ein paar ungewöhnliche Wörter.
weak-password-little = Das ist bald erraten (Stärke { $score } von 4). Fügen Sie noch ein, zwei ungewöhnliche Wörter hinzu.
bad-text = Das ist ein Text mit 1 bis 150 Zeichen, ohne Steuerzeichen.
bad-lines = Das ist ein Text mit höchstens { $most } Zeichen, in Zeilen.
bad-birthdate = Ein Geburtsdatum schreibt man 1990-12-31, ohne das Jahr 0000-12-31, oder nur das Jahr.
bad-zoneinfo = Eine Zeitzone hat einen Namen wie Europe/Berlin.
bad-phone-number = Eine Telefonnummer beginnt mit + und der Vorwahl des Landes, wie +49 30 123456, und hat höchstens 15 Ziffern.
bad-web-address = { $given } ist keine Webadresse; eine sieht so aus: https://alice.example/
