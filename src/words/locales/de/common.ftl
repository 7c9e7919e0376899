# Was alle Seiten gemeinsam haben.

language-name = Deutsch

nav-skip = Zum Inhalt
nav-main = Hauptnavigation
nav-my-applications = Meine Anwendungen
nav-admin-interface = Admin-Oberfläche
nav-directory = Verzeichnis
nav-groups = Gruppen
nav-applications = Anwendungen
nav-providers = Provider
nav-policies = Richtlinien
nav-scope-mappings = Scope-Zuordnungen
nav-users = Benutzer
nav-keys = Zertifikate und Schlüssel
nav-events = Ereignisse
nav-settings = Einstellungen
nav-system = System
nav-dashboard = Übersicht
nav-user-settings = Benutzereinstellungen
nav-details = Angaben
nav-password = Passwort
nav-sessions = Sitzungen
nav-connected = Verbundene Anwendungen

sign-out = Abmelden
cancel = Abbrechen
remove = Entfernen
field-optional = (freiwillig)
form-has-problems = Noch nicht gespeichert: Sehen Sie sich die markierten Felder an.
attributes-hint = Ein JSON-Objekt, für Richtlinien und Scope-Zuordnungen.
edit = Bearbeiten
search = Suchen
show-all = Alle zeigen
nothing-found = Nichts gefunden
pages = Seiten
pages-back = Zurück
pages-on = Weiter
pages-at = Seite { $page } von { $last }
duration-hint = Zum Beispiel 90s, 15m, 12h oder 7d.
save = Speichern
yes = ja
parts-of-page = Auf dieser Seite
