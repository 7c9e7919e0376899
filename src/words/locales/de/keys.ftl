# System > Zertifikate und Schlüssel

keys-what = Mit einem dieser Schlüssel signiert Latchkey jedes Token. Anwendungen prüfen es mit der öffentlichen Hälfte, die sie sich selbst holen. Die private Hälfte verlässt Latchkey nie.
keys-signing = Was jetzt signiert
keys-next-from = der nächste Schlüssel übernimmt
keys-following = { $count ->
    [0] kein Provider verlangt ihn
    [one] für einen Provider
   *[other] für { $count } Provider
  }
keys-naming = { $count ->
    [one] von einem Provider genannt
   *[other] von { $count } Providern genannt
  }
keys-all = Alle Schlüssel
key-generate = Schlüssel erzeugen
key-import = Schlüssel importieren
key-rotate = Schlüssel wechseln
key-name = Name
key-name-hint = Daran erkennen Sie ihn. Bleibt das Feld leer, heißt er nach Algorithmus und Tag.
key-kind = Algorithmus
key-kind-hint = RS256 geht überall. Einen RSA-Schlüssel mit 4096 Bit zu erzeugen, kann auf einem kleinen Rechner etliche Sekunden dauern, und er signiert langsamer.
key-kind-rsa-2048 = RS256: RSA, 2048 Bit
key-kind-rsa-3072 = RS256: RSA, 3072 Bit
key-kind-rsa-4096 = RS256: RSA, 4096 Bit
key-kind-ec-p256 = ES256: EC auf P-256
key-kind-ed25519 = EdDSA: Ed25519
key-kind-rsa-pss-2048 = PS256: RSA, 2048 Bit
key-kind-rsa-pss-3072 = PS256: RSA, 3072 Bit
key-kind-rsa-pss-4096 = PS256: RSA, 4096 Bit
key-start = Wann signiert er?
key-start-published = Jetzt veröffentlichen; er übernimmt in 24 Stunden
key-start-now = Er übernimmt sofort
key-start-additional = Als zusätzlichen Schlüssel behalten: nur für Provider, die ihn nennen
key-start-hint = Anwendungen behalten die veröffentlichten Schlüssel einige Stunden. Einen Schlüssel, der sofort übernimmt, kennen sie vielleicht erst, wenn sie die Schlüssel wieder holen; bis dahin lehnen sie Anmeldungen womöglich ab. Gibt es noch keinen aktiven Schlüssel seines Algorithmus, dann signiert der neue auf jeden Fall sofort.
key-pem = Privater Schlüssel in PEM
key-pem-hint = Unverschlüsselt: BEGIN PRIVATE KEY (PKCS#8), BEGIN RSA PRIVATE KEY (PKCS#1) oder BEGIN EC PRIVATE KEY (SEC 1). RSA mit 2048 bis 4096 Bit (es signiert RS256), EC auf P-256 oder Ed25519. Sein Zertifikat darf im selben Text stehen; von einer Kette bleibt nur das des Schlüssels. Ohne Zertifikat wird ein selbstsigniertes gemacht.
key-pem-again = Zu seiner Sicherheit wird der Schlüssel nicht wieder gezeigt: Fügen Sie ihn noch einmal ein.
key-state = Zustand
key-created = Angelegt
key-certificate = Zertifikat
key-certificate-until = Zertifikat endet
key-certificate-unreadable = es ist nicht lesbar
key-certificate-pem = Zertifikat herunterladen (.pem)
key-certificate-der = Zertifikat herunterladen (.crt, DER)
key-fingerprint = SHA-256-Fingerabdruck
key-kid = Schlüssel-ID (kid)
key-public = Öffentlicher Schlüssel (JWK)
key-public-what = Das wird veröffentlicht, damit Anwendungen damit prüfen. Es ist kein Geheimnis.
key-bits = { $bits } Bit
key-signs = signiert
key-signs-additional = zusätzlich
key-signs-additional-what = Signiert nur für die Provider, die ihn nennen.
key-signs-what = Signiert für jeden Provider, der { $alg } verlangt und keinen Schlüssel nennt.
key-signs-from = signiert ab
key-published-until = veröffentlicht bis
key-unpublished = außer Dienst
key-unpublished-what = Nicht mehr veröffentlicht: Alles, was er signiert hat, ist abgelaufen.
key-retired-what = Signiert nicht mehr. Er bleibt veröffentlicht, bis das letzte Token abgelaufen ist, das er signiert hat.
key-next-what = Schon veröffentlicht, damit Anwendungen ihn kennen, wenn er übernimmt.
key-revoked = widerrufen
key-revoked-what = Was er signiert, glaubt niemand.
key-providers-naming = Provider, die diesen Schlüssel nennen
key-providers-following = Provider mit dem aktiven { $alg }-Schlüssel
key-providers-none = keine
key-providers-more = und { $count } weitere
key-rename = Namen speichern
key-rotate-this = Diesen Schlüssel wechseln
key-retire = Außer Dienst stellen
key-revoke = Als gestohlen widerrufen
key-keep = Schlüssel behalten

key-rotate-what = Beim Wechsel entsteht für jeden Algorithmus, der jetzt signiert, ein neuer Schlüssel in der Größe des alten. Zusätzliche Schlüssel bleiben, wie sie sind.
key-rotate-alg = Welche Schlüssel?
key-rotate-all = Alle, die signieren
key-rotate-one = Nur den { $alg }-Schlüssel
key-rotate-how = Wie?
key-rotate-published = Die neuen jetzt veröffentlichen; sie übernehmen in 24 Stunden
key-rotate-now = Die neuen übernehmen sofort
key-rotate-stolen = Die alten sind womöglich gestohlen: sofort ersetzen und widerrufen
key-rotate-how-hint = Das Erste ist bei jedem gewöhnlichen Wechsel richtig: Niemand merkt etwas. Sofort: Anwendungen lehnen Anmeldungen womöglich ab, bis sie die Schlüssel wieder holen. Gestohlen: Jeder Schlüssel dieser Algorithmen wird widerrufen, auch zusätzliche und solche außer Dienst; wer bei einer Anwendung angemeldet ist, muss sich dort vielleicht neu anmelden.
key-rotate-do = Wechseln

key-retire-question = Den Schlüssel <bdi>{ $name }</bdi> außer Dienst stellen?
key-retire-what = Er signiert nicht mehr. Was er signiert hat, bleibt gültig: Er bleibt veröffentlicht, bis das letzte seiner Tokens abgelaufen ist.
key-revoke-question = Den Schlüssel <bdi>{ $name }</bdi> widerrufen?
key-revoke-what = Für einen Schlüssel, den womöglich jemand anders hat. Er wird sofort nicht mehr veröffentlicht: Anwendungen lehnen jedes ID-Token und Access-Token ab, das er signiert hat, sobald sie die Schlüssel wieder holen, und bei Abmeldungen mit so einem Token wird nachgefragt. Wer bei einer Anwendung angemeldet ist, muss sich dort vielleicht neu anmelden. Das lässt sich nicht rückgängig machen, und der Schlüssel lässt sich nicht wieder importieren.
key-revoke-others = Wer über den Datenordner und den Hauptschlüssel an diesen Schlüssel kam, hat alle: Dann wechseln Sie alle Schlüssel als gestohlen.
key-follows-nothing = Sonst ändert sich nicht, was signiert.
key-follows-nobody = Kein Provider verlangt { $alg }; deshalb tritt kein anderer Schlüssel an seine Stelle.
key-follows-next = Der nächste Schlüssel { $name } übernimmt sofort.
key-follows-new = An seiner Stelle entsteht ein neuer { $alg }-Schlüssel und signiert sofort.
key-naming-follow = Provider, die ihn nennen, benutzen von da an den aktiven { $alg }-Schlüssel: { $names }.
key-naming-follow-more = Provider, die ihn nennen, benutzen von da an den aktiven { $alg }-Schlüssel: { $names } und { $count } weitere.

key-made-now = { $name } signiert ab jetzt.
key-made-from = { $name } ist jetzt veröffentlicht und übernimmt in 24 Stunden.
key-made-named = { $name } ist da. Wählen Sie ihn als Signaturschlüssel eines Providers, um ihn zu benutzen.
key-renamed = Der Schlüssel heißt jetzt { $name }.
key-rotated-published = Die neuen Schlüssel sind jetzt veröffentlicht und übernehmen in 24 Stunden.
key-rotated-now = Die neuen Schlüssel signieren ab jetzt.
key-rotated-stolen = Die alten Schlüssel sind widerrufen. Die neuen signieren ab jetzt.
key-rotated-none = Es gibt keinen Schlüssel, der signiert.
key-retired = Der Schlüssel { $name } ist außer Dienst.
key-retired-next = Der Schlüssel { $name } ist außer Dienst. Ab jetzt signiert { $next }.
key-is-revoked = Der Schlüssel { $name } ist widerrufen.
key-is-revoked-next = Der Schlüssel { $name } ist widerrufen. Ab jetzt signiert { $next }.

key-busy = Gerade wird ein anderer Schlüssel erzeugt. Versuchen Sie es in ein paar Sekunden noch einmal.
key-under-way = Ein Wechsel ist im Gang: Der Schlüssel { $name } ({ $kid }) signiert ab { $at }. Warten Sie das ab, oder lassen Sie den neuen sofort signieren.
key-none-to-rotate = Es gibt keinen aktiven { $alg }-Schlüssel zu wechseln; erzeugen Sie erst einen.
key-changed-meanwhile = Die Schlüssel wurden inzwischen geändert, und es wurde nichts getan. Sehen Sie sie noch einmal an.
key-is-there = Diesen Schlüssel gibt es hier schon: { $name } ({ $kid }).
key-is-there-revoked = Dieser Schlüssel wurde hier widerrufen ({ $name }, { $kid }): Womöglich hat ihn jemand anders. Importieren Sie einen anderen.
key-revoked-already = { $name } ist schon widerrufen.
key-retired-already = { $name } ist schon außer Dienst.

bad-pem-too-long = Der Text ist länger als 16 KiB. Erwartet wird ein privater Schlüssel und höchstens sein Zertifikat.
bad-pem-no-key = Darin ist kein privater Schlüssel. Erwartet wird PEM: ein Text, der mit -----BEGIN PRIVATE KEY----- beginnt.
bad-pem-several-keys = Darin ist mehr als ein privater Schlüssel. Erwartet wird einer.
bad-pem-encrypted = Der Schlüssel ist verschlüsselt. Entschlüsseln Sie ihn erst, zum Beispiel mit: openssl pkey -in key.pem -out plain.pem
bad-pem-public = Das ist ein öffentlicher Schlüssel. Erwartet wird der private: Er beginnt mit -----BEGIN PRIVATE KEY-----.
bad-pem-openssh = Das ist ein Schlüssel in der eigenen Form von OpenSSH. Erwartet wird PKCS#8, zum Beispiel von: ssh-keygen -p -m PKCS8 -f KOPIE-DES-SCHLÜSSELS
bad-pem-damaged = Der Text ist beschädigt oder nicht ganz. Erwartet wird alles von -----BEGIN bis -----END, wie es in der Datei steht.
bad-pem-rsa-too-small = Der RSA-Schlüssel ist zu klein, um sicher zu sein. Erwartet werden 2048 bis 4096 Bit.
bad-pem-rsa-too-large = Der RSA-Schlüssel ist zu groß: Jede Anmeldung würde auf ihn warten. Erwartet werden 2048 bis 4096 Bit.
bad-pem-rsa-exponent = Der RSA-Schlüssel hat einen kleinen öffentlichen Exponenten, den viele Anwendungen ablehnen. Erwartet wird 65537.
bad-pem-curve = Der Schlüssel liegt auf einer anderen Kurve. Von elliptischen Kurven wird P-256 (prime256v1) erwartet, oder ein Ed25519-Schlüssel.
bad-pem-kind = Mit diesem Schlüssel lassen sich hier keine Tokens signieren. Erwartet wird RSA mit 2048 bis 4096 Bit (es signiert RS256), EC auf P-256 oder Ed25519.
bad-pem-inconsistent = Der Schlüssel taugt nicht: Was er signiert, lässt sich mit seiner eigenen öffentlichen Hälfte nicht prüfen.
bad-pem-certificate = Das Zertifikat beim Schlüssel ist nicht lesbar. Erwartet wird X.509 in PEM; ohne Zertifikat wird eines gemacht.
bad-pem-certificate-of-another = Das Zertifikat beim Schlüssel gehört zu einem anderen Schlüssel. Lassen Sie es weg, und es wird eines gemacht.
bad-pem-certificate-ended = Das Zertifikat beim Schlüssel endete am { $at }. Lassen Sie es weg, und es wird eines gemacht.
