# Verzeichnis > Gruppen

groups-none = Noch keine Gruppen
groups-none-what = Mit einer Gruppe geben Sie mehreren Personen auf einmal dieselben Anwendungen. Legen Sie eine an, fügen Sie Mitglieder hinzu und binden Sie sie an eine Anwendung.
group-create = Gruppe anlegen
group-save = Gruppe speichern
group-delete = Gruppe löschen
group-keep = Gruppe behalten
group-name = Name
group-parent = Übergeordnete Gruppe
group-parent-none = Keine
group-parent-hint = Mitglieder dieser Gruppe zählen auch als Mitglieder der übergeordneten.
group-members = Mitglieder
group-right = Recht
group-administrators = Administratoren
group-administrator = Mitglieder sind Administratoren
group-administrator-hint = Direkte Mitglieder dieser Gruppe dürfen die Admin-Oberfläche benutzen. Mitglieder untergeordneter Gruppen nicht.
group-attributes = Attribute
group-members-none = In dieser Gruppe ist noch niemand.
group-members-more = Dies sind die ersten { $count } von { $all } Mitgliedern.
groups-search = Gruppen suchen
groups-not-found = Keine Gruppe hat <b><bdi>{ $query }</bdi></b> im Namen.
group-member-add-label = Benutzername oder E-Mail
group-member-add = Mitglied hinzufügen
group-member-remove-name = { $name } entfernen
group-delete-question = Die Gruppe <bdi>{ $name }</bdi> löschen?
group-delete-members = { $members ->
    [0] Sie hat keine Mitglieder.
    [one] Ihr einziges Mitglied bleibt Benutzer, verliert aber, was mit der Gruppe kam.
   *[other] Ihre { $members } Mitglieder bleiben Benutzer, verlieren aber, was mit der Gruppe kam.
  }
group-delete-not-bound = Keine Anwendung ist an sie gebunden.
group-delete-bound = Bindungen an sie bleiben und passen von da an nie. Diese Anwendungen sind an sie gebunden:
group-created = Die Gruppe { $name } ist angelegt.
group-saved = Die Gruppe { $name } ist gespeichert.
group-deleted = Die Gruppe { $name } ist gelöscht.
group-member-added = { $name } ist jetzt Mitglied.
group-member-was-there = { $name } war schon Mitglied.
group-member-removed = { $name } ist kein Mitglied mehr.
