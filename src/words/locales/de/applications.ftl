# Anwendungen

bad-choice = { $given } ist keines von: { $choices }
bad-short-text = Das ist länger als { $most } Zeichen oder enthält Steuerzeichen.
changed-meanwhile = Das hat inzwischen jemand anderes geändert. Es wurde nichts gespeichert: Öffnen Sie die Seite neu, um den heutigen Stand zu sehen.

application-bad-launch-url = { $given } ist keine Adresse, die man öffnen kann; eine sieht aus wie https://app.home.example/
application-slug-taken = Eine Anwendung { $slug } gibt es schon; wählen Sie ein anderes Kürzel.
application-has-provider = { $application } hat schon einen Provider.

binding-bad-kind = Wählen Sie eine Richtlinie, eine Gruppe oder einen Benutzer.
binding-needs-name = Welche? Geben Sie den Namen an.
binding-bad-order = Die Reihenfolge ist eine Zahl von 0 bis 100.000.
binding-there-already = { $application } ist schon an { $name } gebunden.
