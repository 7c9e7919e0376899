# What is wrong with an expression of a policy or a scope mapping. Commands and events say these too. $why is in the
# words of the expression engine, which are English.

expression-place = { $line ->
    [0] {""}
   *[other] Line { $line }, column { $column }:{" "}
}
expression-kind = { $kind ->
    [undefined] nothing (undefined)
    [none] none
    [boolean] true or false
    [number] a number
    [text] text
    [list] a list
    [map] a map
    [large-number] a number that is too large
    [names] a map whose names are not text
   *[other] something else
}
expression-empty = The expression is empty.
expression-too-long = The expression has { $bytes } bytes; it may have { $most }.
expression-too-many-parts = The expression has { $n } words and signs; it may have { $most }.
expression-syntax = { expression-place }This cannot be read: { $why }.
expression-unknown-variable = { expression-place }There is no { $name }. There are: { $names }.
expression-unknown-filter = { expression-place }There is no filter { $name }. There are: { $names }.
expression-unknown-test = { expression-place }There is no test { $name }. There are: { $names }.
expression-product = { expression-place }The sign * is not possible inside lists, maps and arguments.
expression-out-of-fuel = The expression is too much work: it was stopped after { $most } steps.
expression-undefined = { expression-place }Something is used that is not there: { $why }.
expression-failed = { expression-place }This cannot be worked out: { $why }.
expression-not-true-or-false = The expression yields { expression-kind }; a policy must yield true or false.
expression-not-a-map = The expression yields { expression-kind }; a scope mapping must yield a map of claims, such as {"{"}"team": "red"{"}"}.
expression-not-json = What the expression yields holds { expression-kind }, which no claim can be.
expression-too-much = What the expression yields is longer than { $most } bytes.
expression-too-deep = What the expression yields is nested more than { $most } times.

# The reference of variables, and examples.
variable-kind-text = text
variable-kind-text-or-none = text or none
variable-kind-number = number
variable-kind-boolean = true or false
variable-kind-list = list
variable-kind-map = map
variable-kind-function = function
variable-user-username = The user name.
variable-user-name = The full name.
variable-user-given-name = The given name; made from the full name where it was not set.
variable-user-family-name = The family name; made from the full name where it was not set.
variable-user-email = The e-mail address; none if there is none.
variable-user-email-verified = Whether the e-mail address was verified.
variable-user-uuid = An identifier that never changes.
variable-user-groups = The names of all groups of the user, with the parents of those groups.
variable-user-attributes = The attributes of the user. Where one may be absent, ask first: user.attributes.team is defined, or user.attributes.team|default("none").
variable-user-is-administrator = Whether the user is an administrator.
variable-user-claims = What is known of the person beside that, under the names of the standard claims, such as user.claims.zoneinfo. Each may be absent, and users change it themselves: no right should hang on it.
variable-application-name = The name of the application.
variable-application-slug = Its slug.
variable-application-group = The heading it stands under among My applications.
variable-request-address = The address of the user's device. When the application's server asks later, it is the address from which the user signed in there.
variable-request-amr = How the user signed in: pwd is a password.
variable-request-timestamp = The time, in seconds since 1970.
variable-request-date = The date, in the time zone of the server.
variable-request-time = The time of day, in the time zone of the server.
variable-request-hour = The hour, 0 to 23, in the time zone of the server.
variable-request-minute = The minute, 0 to 59.
variable-request-weekday = The day of the week: 1 is Monday, 7 is Sunday.
variable-in-network = Whether an address lies in one of the networks that follow.
example-home-only = Members of a group, from home only
example-not-at-night = Not at night
example-verified-email = Only with a verified e-mail address of one domain
example-working-days = Members of a group always, others on working days
example-attribute = By an attribute of the user
example-administrators-at-home = Administrators from home only
example-until = Until a certain day
example-team = An attribute as a claim
example-role = A role that depends on a right
example-some-groups = Only those groups that concern an application
example-upper-groups = The groups in capital letters, under another name
example-quota = Several claims at once

bad-address = { $address } is not an address, such as 192.168.1.20 or fd00::20.
bad-scope = The name of a scope has 1 to { $most } characters, without spaces, commas, quotes and backslashes, such as house.
bad-description = The description has at most { $most } characters, on one line.
application-not-there = There is no application { $name }.
policy-name-taken = There is a policy { $name } already; choose another name.
policy-not-there = There is no policy { $name }.
scope-mapping-name-taken = There is a scope mapping { $name } already; choose another name.
scope-mapping-not-there = There is no scope mapping { $name }.
scope-mapping-protected = These claims are left out, because no scope mapping may set them: { $names }.
