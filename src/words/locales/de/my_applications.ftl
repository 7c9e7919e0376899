# Meine Anwendungen.

mine-search = Meine Anwendungen durchsuchen
mine-new-tab = (öffnet einen neuen Tab)
mine-not-found = Keine Ihrer Anwendungen passt zu <b><bdi>{ $query }</bdi></b>.
mine-show-all = Alle Anwendungen zeigen
mine-none = Noch keine Anwendungen
mine-none-admin = Legen Sie die erste an: Für Portainer und Gravitee braucht es ihre Adresse und eine Minute. Sie erscheint hier, sobald Sie sie benutzen dürfen und sie eine Start-URL hat.
mine-none-user = Bisher wurde nichts mit Ihnen geteilt. Bitten Sie Ihren Administrator um Zugang; was Sie dann benutzen dürfen, erscheint hier.
