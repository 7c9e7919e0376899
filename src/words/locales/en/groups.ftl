# Directory > Groups

groups-none = No groups yet
groups-none-what = A group lets you give several people the same applications at once. Create one, add its members, then bind it to an application.
group-create = Create group
group-save = Save group
group-delete = Delete group
group-keep = Keep group
group-name = Name
group-parent = Parent
group-parent-none = No parent
group-parent-hint = Members of this group count as members of the parent too.
group-members = Members
group-right = Right
group-administrators = administrators
group-administrator = Members are administrators
group-administrator-hint = Direct members of this group may use the Admin interface. Members of child groups may not.
group-attributes = Attributes
group-members-none = Nobody is in this group yet.
group-members-more = These are the first { $count } of { $all } members.
groups-search = Search groups
groups-not-found = No group has <b><bdi>{ $query }</bdi></b> in its name.
group-member-add-label = Username or e-mail
group-member-add = Add member
group-member-remove-name = Remove { $name }
group-delete-question = Delete the group <bdi>{ $name }</bdi>?
group-delete-members = { $members ->
    [0] It has no members.
    [one] Its one member stays a user, but loses what came with the group.
   *[other] Its { $members } members stay users, but lose what came with the group.
  }
group-delete-not-bound = No application is bound to it.
group-delete-bound = Bindings to it stay, and never match from then on. These applications are bound to it:
group-created = Created the group { $name }.
group-saved = Saved the group { $name }.
group-deleted = Deleted the group { $name }.
group-member-added = { $name } is now a member.
group-member-was-there = { $name } was a member already.
group-member-removed = { $name } is no longer a member.
