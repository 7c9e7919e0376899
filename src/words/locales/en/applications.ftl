# Applications

bad-choice = { $given } is none of: { $choices }
bad-short-text = This is longer than { $most } characters, or holds control characters.
changed-meanwhile = Somebody else changed this meanwhile. Nothing was saved: open the page again to see it as it is now.

application-bad-launch-url = { $given } is not an address that people can open; one looks like https://app.home.example/
application-slug-taken = There is an application { $slug } already; choose another slug.
application-has-provider = { $application } has a provider already.

binding-bad-kind = Choose a policy, a group or a user.
binding-needs-name = Which one? Give its name.
binding-bad-order = The order is a number from 0 to 100,000.
binding-there-already = { $application } is bound to { $name } already.
binding-twice = { $name } is bound above already.

create-with-provider = Create with Provider
application-create = Create
application-create-title = Create application
application-created = Created the application { $name }.
applications-none = No applications yet
applications-none-what = <b>Create with Provider</b> makes an application and all that it needs to sign people in. For Portainer and Gravitee it fills in everything by itself.
applications-search = Search applications
applications-not-found = No application has <b><bdi>{ $query }</bdi></b> in its name, slug, group or provider.

application-name = Name
application-slug = Slug
application-slug-hint = The short name in its URLs. Left empty, it is made from the name.
application-group = Group
application-group-hint = The heading it stands under among My applications.
application-mode = Policy engine mode
application-mode-any = any: one binding that matches is enough
application-mode-all = all: every binding must match
application-mode-hint = How several bindings count together.
application-ui-settings = UI settings
application-launch-url = Launch URL
application-launch-url-hint = Where it is opened. Left empty: the origin of its first redirect URI.
application-new-tab = Open in new tab
application-publisher = Publisher
application-description = Description
application-provider = Provider
application-provider-none = No provider: a link among My applications
application-provider-hint = Providers that no application has yet. One can be connected later too.
application-access = Who has access

access-everybody = everybody
access-nobody = nobody
access-one = { $name }
access-not = all but { $name }
access-gone = { $name } (deleted)
access-any-of = any of { $n } bindings
access-all-of = all of { $n } bindings

wizard-steps = Steps
wizard-preset = Preset
wizard-application = Application
wizard-provider-type = Choose a Provider
wizard-provider = Configure Provider
wizard-bindings = Configure Bindings
wizard-review = Review and Submit
wizard-next = Next
wizard-back = Back
wizard-submit = Submit
wizard-edit-step = Edit { $step }
wizard-preset-which = What is the application?
wizard-preset-portainer = Container management. Enter its address, and everything is filled in.
wizard-preset-gravitee = API Management: console and developer portal. Enter its address, and everything is filled in.
wizard-preset-else = Something else
wizard-preset-generic = Anything that speaks OpenID Connect. You need its redirect URI.
wizard-choose-preset = Choose one of these.
wizard-app-url = Address of the application
wizard-app-url-hint = As people open it, such as https://portainer.company. For something else it may stay empty.
wizard-provider-type-which = How does it sign people in?
wizard-provider-type-oauth2 = OpenID Connect and OAuth 2.0: what Portainer, Gravitee and most others speak.
wizard-bindings-what = Who may open it? Without a binding: everybody with an account. Rows without a name are left out.
wizard-binding-number = Binding { $n }
wizard-binding-add = Add another binding

binding-kind = Type
binding-group = Group
binding-user = User
binding-policy = Policy
binding-name = Name
binding-order = Order
binding-result = Result
binding-passes = as it is
binding-negated = negated
binding-state = State
binding-enabled = enabled
binding-disabled = disabled

application-saved = Saved the application { $name }.
application-deleted = Deleted the application { $name }.
application-connected = { $name } has its provider now.
application-opened = { $name } is open to everybody with an account.
application-closed = { $name } is closed: nobody can open it before there is a binding.
application-launch = Open application
application-icon-choice = Icon
application-icon-hint = One of your own can be uploaded on the page of the application, as soon as that is there.
application-icon = Change icon
application-provider-what = Its addresses, client ID and secret, what to paste into the application, and who gets in.
application-without-provider = It has no provider: it is a link among My applications, and signs nobody in.
application-provider-create = Create provider
application-connect = Connect provider
application-is-open = It is open to everybody with an account, as long as no enabled binding decides.
application-is-closed = It is closed: there is no enabled binding, and it is not open to everybody.
application-close = Close to everybody
application-open = Open to everybody
application-slug-change = The slug is part of the issuer and of the logout URL: when you change it, change them in the application too.
application-delete = Delete application
application-keep = Keep application
application-delete-question = Delete the application <bdi>{ $name }</bdi>?
application-delete-what = It disappears from My applications, and nobody can sign in to it any more. This cannot be undone.
application-delete-users = { $users ->
    [0] Nobody is signed in to it.
    [one] One user is signed in to it; what it holds of that user ends.
   *[other] { $users } users are signed in to it; what it holds of them ends.
  }
application-delete-keep = Keep the provider <bdi>{ $provider }</bdi>, to connect it to another application

bindings = Policy / Group / User Bindings
bindings-what = With the first binding the application closes for everybody else. Removing or disabling the last one leaves it closed.
binding-add = Add binding
binding-made = Bound to { $name }.
binding-saved = Saved the binding.
binding-saved-last = Saved the binding. No enabled binding is left: the application is closed to everybody.
binding-removed = Removed the binding to { $name }.
binding-removed-last = Removed the binding to { $name }. No enabled binding is left: the application is closed to everybody.
binding-gone = deleted: never matches
binding-save-name = Save the binding to { $name }
binding-remove-name = Remove the binding to { $name }
