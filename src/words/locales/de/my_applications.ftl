# Meine Anwendungen

mine-search = Suchen
mine-search-label = Meine Anwendungen durchsuchen
mine-new-tab = (öffnet einen neuen Tab)
mine-not-found = Nichts gefunden
mine-not-found-what = Zu <b><bdi>{ $query }</bdi></b> passt keine Ihrer Anwendungen.
mine-none-typed = Zu Ihrer Eingabe passt keine Ihrer Anwendungen.
mine-show-all = Alle Anwendungen zeigen
mine-none = Noch keine Anwendungen
mine-none-administrator = Verbinden Sie die erste: ihren Namen, ihre Adresse und wer sie benutzen darf. Für Portainer und Gravitee gibt es Vorlagen, die den Rest ausfüllen.
mine-none-when = Eine Anwendung erscheint hier, sobald Sie sie benutzen dürfen und sie eine Start-URL hat.
mine-none-user = Bisher wurde nichts für Sie freigegeben. Bitten Sie Ihren Administrator um Zugang; was Sie benutzen dürfen, erscheint dann hier.
mine-create = Mit Provider anlegen
