# What all pages share.

language-name = English

nav-skip = Skip to the content
nav-main = Main
nav-my-applications = My applications
nav-admin-interface = Admin interface
nav-directory = Directory
nav-groups = Groups
nav-applications = Applications
nav-providers = Providers
nav-policies = Policies
nav-scope-mappings = Scope mappings
nav-users = Users
nav-keys = Certificates and keys
nav-events = Events
nav-settings = Settings
nav-system = System
nav-dashboard = Dashboard
nav-user-settings = User settings
nav-details = Details
nav-password = Password
nav-sessions = Sessions
nav-connected = Connected applications

sign-out = Sign out
cancel = Cancel
remove = Remove
field-optional = (optional)
form-has-problems = This was not saved yet: look at the fields that are marked.
attributes-hint = A JSON object, for policies and scope mappings.
edit = Edit
search = Search
show-all = Show all
nothing-found = Nothing found
pages = Pages
pages-back = Back
pages-on = Next
pages-at = Page { $page } of { $last }
duration-hint = Such as 90s, 15m, 12h or 7d.
save = Save
yes = yes
parts-of-page = On this page
