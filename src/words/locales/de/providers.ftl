# Provider

provider-bad-client-id = Eine Client-ID hat 1 bis 255 sichtbare ASCII-Zeichen ohne Leerzeichen.
provider-bad-preset = Eine Vorlage { $given } gibt es nicht; es gibt portainer, gravitee und generic.
provider-preset-needs-url = Die Vorlage { $preset } braucht die Adresse, unter der die Anwendung geöffnet wird, wie https://{ $preset }.home.example
provider-bad-scopes = Erwartet werden Namen von Scopes wie openid email profile groups.
provider-bad-uri-row = Wählen Sie Strict oder Regex und wofür die Adresse ist.
provider-uri-not-registered = { $uri } ist nicht eingetragen.
provider-too-many-uris = Ein Provider hat höchstens { $most } Adressen.
provider-code-too-long = Ein Code gilt höchstens 10 Minuten.
provider-no-key-of-alg = Es gibt noch keinen { $alg }-Schlüssel; erzeugen Sie zuerst einen.
provider-no-such-key = Es gibt keinen Signaturschlüssel { $kid }.
provider-public-no-secret = Ein öffentlicher Client hat kein Geheimnis.
provider-bad-secret = Ein Client-Geheimnis hat 16 bis 512 sichtbare ASCII-Zeichen ohne Leerzeichen.
provider-confidential-needs-secret = Ein vertraulicher Client braucht ein Geheimnis: Geben Sie eines an.
provider-name-taken = Einen Provider { $name } gibt es schon; wählen Sie einen anderen Namen.
provider-client-id-taken = Einen Client { $id } gibt es schon; wählen Sie eine andere Client-ID.
provider-connected-already = Dieser Provider ist schon mit { $application } verbunden.
provider-not-there = Diesen Provider gibt es nicht (mehr).
provider-needs-redirect-uri = Wohin darf geantwortet werden? Es braucht mindestens eine Redirect-URI.
