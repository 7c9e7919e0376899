# My applications.

mine-search = Search my applications
mine-new-tab = (opens in a new tab)
mine-not-found = None of your applications matches <b><bdi>{ $query }</bdi></b>.
mine-show-all = Show all applications
mine-none = No applications yet
mine-none-admin = Create the first one: for Portainer and Gravitee it takes their address and a minute. It appears here once you may use it and it has a launch URL.
mine-none-user = Nothing has been shared with you so far. Ask your administrator for access; what you may use then appears here.
