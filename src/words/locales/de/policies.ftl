# Anpassung > Richtlinien, und Anpassung > Scope-Zuordnungen

nav-customization = Anpassung

policies-none = Noch keine Richtlinien
policies-none-what = Eine Richtlinie sagt nach Ihrer eigenen Regel, wer hinein darf: nur von zu Hause, nicht in der Nacht, nur mit bestätigter E-Mail-Adresse. Legen Sie eine an, probieren Sie sie aus, und binden Sie sie an eine Anwendung.
policy-create = Richtlinie anlegen
policy-save = Richtlinie speichern
policy-delete = Richtlinie löschen
policy-keep = Richtlinie behalten
policy-name = Name
policy-kind = Art
policy-kind-expression = Ausdruck
policy-kind-second-factor = Anmeldung mit zweitem Faktor
policy-kind-passkey = Anmeldung mit Passkey
policy-expression = Ausdruck
policy-expression-hint = Für die Art Ausdruck. Er muss true (darf hinein) oder false ergeben. Lässt er sich nicht berechnen, kommt niemand hinein, und die Ereignisse nennen den Grund.
policy-bound-to = Gebunden an
policy-bound-to-none = nichts
policy-not-bound = Keine Anwendung ist an sie gebunden.
policy-delete-question = Die Richtlinie <bdi>{ $name }</bdi> löschen?
policy-delete-bound = Bindungen an sie bleiben und treffen von da an nie mehr zu. Diese Anwendungen sind an sie gebunden:
policy-created = Die Richtlinie { $name } ist angelegt.
policy-saved = Die Richtlinie { $name } ist gespeichert.
policy-deleted = Die Richtlinie { $name } ist gelöscht.

scope-mappings-none = Noch keine Scope-Zuordnungen
scope-mappings-none-what = Eine Scope-Zuordnung sagt Anwendungen mehr über einen Benutzer: ein Attribut, eine Rolle, die Gruppen unter anderem Namen. Legen Sie eine für einen Scope an, und bieten Sie den Scope bei einem Provider an.
scope-mapping-create = Scope-Zuordnung anlegen
scope-mapping-save = Scope-Zuordnung speichern
scope-mapping-delete = Scope-Zuordnung löschen
scope-mapping-keep = Scope-Zuordnung behalten
scope-mapping-name = Name
scope-mapping-scope = Scope
scope-mapping-scope-hint = Anwendungen, denen dieser Scope gewährt ist, erfahren die Claims. Es kann ein eigener Scope sein oder einer wie profile.
scope-mapping-description = Beschreibung
scope-mapping-description-hint = Was Benutzer lesen, wenn sie um Zustimmung gebeten werden.
scope-mapping-expression = Ausdruck
scope-mapping-expression-hint = Er muss eine Map von Namen der Claims zu Werten ergeben. Was none ist, entfällt. Claims wie sub, iss, aud und exp lassen sich nicht setzen.
scope-mapping-offered-by = Angeboten von
scope-mapping-not-offered = Kein Provider bietet diesen Scope an.
scope-mapping-delete-question = Die Scope-Zuordnung <bdi>{ $name }</bdi> löschen?
scope-mapping-delete-offered = Anwendungen erfahren ihre Claims dann nicht mehr. Diese Provider bieten den Scope an:
scope-mapping-created = Die Scope-Zuordnung { $name } ist angelegt.
scope-mapping-saved = Die Scope-Zuordnung { $name } ist gespeichert.
scope-mapping-deleted = Die Scope-Zuordnung { $name } ist gelöscht.

try-heading = Ausprobieren
try-what = Dabei wird nichts gespeichert.
try-user = Benutzername oder E-Mail
try-user-missing = Mit wessen Daten soll es ausprobiert werden? Geben Sie einen Benutzernamen oder eine E-Mail-Adresse ein.
try-application = Anwendung
try-application-none = Keine Anwendung
try-address = Adresse des Benutzers
try-address-hint = Etwa 192.168.1.20; für Ausdrücke, die danach fragen.
try-do = Ausprobieren
try-result = Ergebnis
try-passes = Dieser Benutzer kommt hinein.
try-does-not-pass = Dieser Benutzer kommt nicht hinein.

examples-heading = Beispiele
reference-heading = Was ein Ausdruck benutzen kann
reference-what = Die Sprache ist die von Jinja, bekannt aus Home Assistant und Ansible: <code>and</code>, <code>or</code>, <code>not</code>, <code>in</code>, <code>==</code>, <code>a if b else c</code>, Filter wie <code>|lower</code>, <code>|length</code> und <code>|default(0)</code>, Tests wie <code>is defined</code>. Text und Zahlen sind verschieden: schreiben Sie <code>user.attributes.level|int &gt;= 3</code>, wo ein Attribut beides sein kann.
reference-name = Name
reference-kind = Typ
reference-meaning = Bedeutung
reference-example = Beispiel
