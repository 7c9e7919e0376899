# Was an einem Ausdruck einer Richtlinie oder Scope-Zuordnung nicht stimmt. $why kommt auf Englisch aus der Auswertung.

expression-place = { $line ->
    [0] {""}
   *[other] Zeile { $line }, Spalte { $column }:{" "}
}
expression-kind = { $kind ->
    [undefined] nichts (undefined)
    [none] none
    [boolean] true oder false
    [number] eine Zahl
    [text] Text
    [list] eine Liste
    [map] eine Map
    [large-number] eine zu große Zahl
    [names] eine Map, deren Namen kein Text sind
   *[other] etwas anderes
}
expression-empty = Der Ausdruck ist leer.
expression-too-long = Der Ausdruck hat { $bytes } Bytes; möglich sind { $most }.
expression-too-many-parts = Der Ausdruck hat { $n } Wörter und Zeichen; möglich sind { $most }.
expression-syntax = { expression-place }Das ist nicht zu lesen: { $why }.
expression-unknown-variable = { expression-place }{ $name } gibt es nicht. Es gibt: { $names }.
expression-unknown-filter = { expression-place }Den Filter { $name } gibt es nicht. Es gibt: { $names }.
expression-unknown-test = { expression-place }Den Test { $name } gibt es nicht. Es gibt: { $names }.
expression-product = { expression-place }Das Zeichen * ist in Listen, Maps und Argumenten nicht möglich.
expression-out-of-fuel = Der Ausdruck macht zu viel Arbeit: er wurde nach { $most } Schritten angehalten.
expression-undefined = { expression-place }Etwas wird benutzt, das es nicht gibt: { $why }.
expression-failed = { expression-place }Das lässt sich nicht berechnen: { $why }.
expression-not-true-or-false = Der Ausdruck ergibt { expression-kind }; eine Richtlinie muss true oder false ergeben.
expression-not-a-map = Der Ausdruck ergibt { expression-kind }; eine Scope-Zuordnung muss eine Map von Claims ergeben, etwa {"{"}"team": "rot"{"}"}.
expression-not-json = Das Ergebnis enthält { expression-kind }; ein Claim kann das nicht sein.
expression-too-much = Das Ergebnis ist länger als { $most } Bytes.
expression-too-deep = Das Ergebnis ist mehr als { $most }-mal verschachtelt.

# Das Verzeichnis der Variablen, und Beispiele.
variable-kind-text = Text
variable-kind-text-or-none = Text oder none
variable-kind-number = Zahl
variable-kind-boolean = true oder false
variable-kind-list = Liste
variable-kind-map = Map
variable-kind-function = Funktion
variable-user-username = Der Benutzername.
variable-user-name = Der volle Name.
variable-user-given-name = Der Vorname; wo er nicht gesetzt ist, aus dem vollen Namen gebildet.
variable-user-family-name = Der Nachname; wo er nicht gesetzt ist, aus dem vollen Namen gebildet.
variable-user-email = Die E-Mail-Adresse; none, wenn es keine gibt.
variable-user-email-verified = Ob die E-Mail-Adresse bestätigt ist.
variable-user-uuid = Eine Kennung, die sich nie ändert.
variable-user-groups = Die Namen aller Gruppen des Benutzers, mit deren übergeordneten Gruppen.
variable-user-attributes = Die Attribute des Benutzers. Wo eines fehlen kann, fragen Sie zuerst: user.attributes.team is defined, oder user.attributes.team|default("none").
variable-user-is-administrator = Ob der Benutzer Administrator ist.
variable-user-claims = Was über die Person sonst bekannt ist, unter den Namen der Standard-Claims, wie user.claims.zoneinfo. Jedes kann fehlen, und Benutzer ändern es selbst: Kein Recht sollte daran hängen.
variable-application-name = Der Name der Anwendung.
variable-application-slug = Ihr Kürzel.
variable-application-group = Die Überschrift, unter der sie bei Meine Anwendungen steht.
variable-request-address = Die Adresse des Geräts. Fragt später der Server der Anwendung, so ist es die Adresse, von der aus sich der Benutzer dort angemeldet hat.
variable-request-amr = Wie sich der Benutzer angemeldet hat: pwd ist ein Passwort.
variable-request-timestamp = Die Zeit, in Sekunden seit 1970.
variable-request-date = Das Datum, in der Zeitzone des Servers.
variable-request-time = Die Uhrzeit, in der Zeitzone des Servers.
variable-request-hour = Die Stunde, 0 bis 23, in der Zeitzone des Servers.
variable-request-minute = Die Minute, 0 bis 59.
variable-request-weekday = Der Wochentag: 1 ist Montag, 7 ist Sonntag.
variable-in-network = Ob eine Adresse in einem der genannten Netze liegt.
example-home-only = Mitglieder einer Gruppe, nur von zu Hause
example-not-at-night = Nicht in der Nacht
example-verified-email = Nur mit bestätigter E-Mail-Adresse einer bestimmten Domain
example-working-days = Mitglieder einer Gruppe immer, andere nur an Werktagen
example-attribute = Nach einem Attribut des Benutzers
example-administrators-at-home = Administratoren nur von zu Hause
example-until = Bis zu einem bestimmten Tag
example-team = Ein Attribut als Claim
example-role = Eine Rolle, die von einem Recht abhängt
example-some-groups = Nur Gruppen, die eine Anwendung angehen
example-upper-groups = Die Gruppen in Großbuchstaben, unter anderem Namen
example-quota = Mehrere Claims auf einmal

bad-address = { $address } ist keine Adresse wie 192.168.1.20 oder fd00::20.
bad-scope = Der Name eines Scopes hat 1 bis { $most } Zeichen, ohne Leerzeichen, Kommas, Anführungszeichen und umgekehrte Schrägstriche, etwa house.
bad-description = Die Beschreibung hat höchstens { $most } Zeichen in einer Zeile.
application-not-there = Eine Anwendung { $name } gibt es nicht.
policy-name-taken = Eine Richtlinie { $name } gibt es schon; wählen Sie einen anderen Namen.
policy-not-there = Eine Richtlinie { $name } gibt es nicht.
scope-mapping-name-taken = Eine Scope-Zuordnung { $name } gibt es schon; wählen Sie einen anderen Namen.
scope-mapping-not-there = Eine Scope-Zuordnung { $name } gibt es nicht.
scope-mapping-protected = Diese Claims entfallen, weil keine Scope-Zuordnung sie setzen darf: { $names }.
