# My applications

mine-search = Search
mine-search-label = Search my applications
mine-new-tab = (opens in a new tab)
mine-not-found = Nothing found
mine-not-found-what = None of your applications matches <b><bdi>{ $query }</bdi></b>.
mine-none-typed = None of your applications matches what you typed.
mine-show-all = Show all applications
mine-none = No applications yet
mine-none-administrator = Connect the first one: its name, its address and who may use it. For Portainer and Gravitee there are presets that fill in the rest.
mine-none-when = An application appears here once you may use it and it has a launch URL.
mine-none-user = Nothing has been shared with you so far. Ask your administrator for access; what you may use then appears here.
mine-create = Create with Provider
