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
binding-twice = { $name } ist oben schon eingetragen.

create-with-provider = Mit Provider anlegen
application-create = Anlegen
application-create-title = Anwendung anlegen
application-created = Die Anwendung { $name } ist angelegt.
applications-none = Noch keine Anwendungen
applications-none-what = <b>Mit Provider anlegen</b> macht eine Anwendung und alles, was sie zum Anmelden braucht. Für Portainer und Gravitee füllt sich alles von selbst aus.
applications-search = Anwendungen suchen
applications-not-found = Keine Anwendung hat <b><bdi>{ $query }</bdi></b> in Name, Kürzel, Gruppe oder Provider.

application-name = Name
application-slug = Kürzel (Slug)
application-slug-hint = Der kurze Name in den Adressen. Bleibt er leer, entsteht er aus dem Namen.
application-group = Gruppe
application-group-hint = Die Überschrift, unter der sie bei Meine Anwendungen steht.
application-mode = Modus der Richtlinien (Policy engine mode)
application-mode-any = any: Eine passende Bindung genügt
application-mode-all = all: Jede Bindung muss passen
application-mode-hint = Wie mehrere Bindungen zusammen zählen.
application-ui-settings = Darstellung
application-launch-url = Start-URL
application-launch-url-hint = Wo sie geöffnet wird. Leer: der Ursprung ihrer ersten Redirect-URI.
application-new-tab = In neuem Tab öffnen
application-publisher = Herausgeber
application-description = Beschreibung
application-provider = Provider
application-provider-none = Kein Provider: nur ein Link bei Meine Anwendungen
application-provider-hint = Provider, die noch keine Anwendung haben. Verbinden lässt sich einer auch später.
application-access = Wer Zugang hat

access-everybody = alle
access-nobody = niemand
access-one = { $name }
access-not = alle außer { $name }
access-gone = { $name } (gelöscht)
access-any-of = eine von { $n } Bindungen
access-all-of = alle { $n } Bindungen

wizard-steps = Schritte
wizard-preset = Vorlage
wizard-application = Anwendung
wizard-provider-type = Provider wählen
wizard-provider = Provider einrichten
wizard-bindings = Bindungen einrichten
wizard-review = Prüfen und absenden
wizard-next = Weiter
wizard-back = Zurück
wizard-submit = Absenden
wizard-edit-step = { $step } bearbeiten
wizard-preset-which = Welche Anwendung ist es?
wizard-preset-portainer = Verwaltung von Containern. Geben Sie die Adresse an, der Rest füllt sich aus.
wizard-preset-gravitee = API Management: Konsole und Entwicklerportal. Geben Sie die Adresse an, der Rest füllt sich aus.
wizard-preset-else = Etwas anderes
wizard-preset-generic = Alles, was OpenID Connect spricht. Sie brauchen die Redirect-URI.
wizard-choose-preset = Wählen Sie eines davon.
wizard-app-url = Adresse der Anwendung
wizard-app-url-hint = Wie man sie öffnet, etwa https://portainer.firma. Bei etwas anderem darf sie leer bleiben.
wizard-provider-type-which = Wie meldet sie Menschen an?
wizard-provider-type-oauth2 = OpenID Connect und OAuth 2.0: Das sprechen Portainer, Gravitee und die meisten anderen.
wizard-bindings-what = Wer darf sie öffnen? Ohne Bindung: alle mit einem Konto. Zeilen ohne Namen bleiben weg.
wizard-binding-number = Bindung { $n }
wizard-binding-add = Weitere Bindung hinzufügen

binding-kind = Art
binding-group = Gruppe
binding-user = Benutzer
binding-policy = Richtlinie
binding-name = Name
binding-order = Reihenfolge
binding-result = Ergebnis
binding-passes = wie es ist
binding-negated = negiert
binding-state = Zustand
binding-enabled = aktiv
binding-disabled = inaktiv

application-saved = Die Anwendung { $name } ist gespeichert.
application-deleted = Die Anwendung { $name } ist gelöscht.
application-connected = { $name } hat jetzt einen Provider.
application-opened = { $name } ist für alle mit einem Konto offen.
application-closed = { $name } ist geschlossen: Ohne Bindung kann sie niemand öffnen.
application-launch = Anwendung öffnen
application-icon-choice = Symbol
application-icon-hint = Ein eigenes lässt sich auf der Seite der Anwendung hochladen, sobald diese da ist.
application-icon = Symbol ändern
application-provider-what = Seine Adressen, Client-ID und Geheimnis, was in die Anwendung einzutragen ist, und wer hineinkommt.
application-without-provider = Sie hat keinen Provider: Sie ist nur ein Link bei Meine Anwendungen und meldet niemanden an.
application-provider-create = Provider anlegen
application-connect = Provider verbinden
application-is-open = Sie ist für alle mit einem Konto offen, solange keine aktive Bindung entscheidet.
application-is-closed = Sie ist geschlossen: Es gibt keine aktive Bindung, und sie ist nicht für alle offen.
application-close = Für alle schließen
application-open = Für alle öffnen
application-slug-change = Das Kürzel gehört zum Issuer und zur Abmelde-URL: Wenn Sie es ändern, ändern Sie beide auch in der Anwendung.
application-delete = Anwendung löschen
application-keep = Anwendung behalten
application-delete-question = Die Anwendung <bdi>{ $name }</bdi> löschen?
application-delete-what = Sie verschwindet aus Meine Anwendungen, und niemand kann sich mehr bei ihr anmelden. Das lässt sich nicht rückgängig machen.
application-delete-users = { $users ->
    [0] Bei ihr ist niemand angemeldet.
    [one] Ein Benutzer ist bei ihr angemeldet; was sie von ihm hat, endet.
   *[other] { $users } Benutzer sind bei ihr angemeldet; was sie von ihnen hat, endet.
  }
application-delete-keep = Den Provider <bdi>{ $provider }</bdi> behalten, um ihn mit einer anderen Anwendung zu verbinden

bindings = Bindungen (Richtlinie / Gruppe / Benutzer)
bindings-what = Mit der ersten Bindung schließt sich die Anwendung für alle anderen. Ohne die letzte, entfernt oder inaktiv, bleibt sie geschlossen.
binding-add = Bindung hinzufügen
binding-made = An { $name } gebunden.
binding-saved = Die Bindung ist gespeichert.
binding-saved-last = Die Bindung ist gespeichert. Keine aktive Bindung ist mehr da: Niemand kann die Anwendung öffnen.
binding-removed = Die Bindung an { $name } ist entfernt.
binding-removed-last = Die Bindung an { $name } ist entfernt. Keine aktive Bindung ist mehr da: Niemand kann die Anwendung öffnen.
binding-gone = gelöscht: passt nie
binding-save-name = Bindung an { $name } speichern
binding-remove-name = Bindung an { $name } entfernen
