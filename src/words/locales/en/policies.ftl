# Customization > Policies, and Customization > Scope mappings

nav-customization = Customization

policies-none = No policies yet
policies-none-what = A policy says who may pass by a rule of your own: from home only, not at night, only with a verified e-mail address. Create one, try it, then bind it to an application.
policy-create = Create policy
policy-save = Save policy
policy-delete = Delete policy
policy-keep = Keep policy
policy-name = Name
policy-kind = Kind
policy-kind-expression = Expression
policy-kind-second-factor = Sign-in with a second factor
policy-kind-passkey = Sign-in with a passkey
policy-expression = Expression
policy-expression-hint = For the kind Expression. It must yield true (may pass) or false. If it cannot be worked out, nobody passes, and the events say why.
policy-bound-to = Bound to
policy-bound-to-none = nothing
policy-not-bound = No application is bound to it.
policy-delete-question = Delete the policy <bdi>{ $name }</bdi>?
policy-delete-bound = Bindings to it stay, and never match from then on. These applications are bound to it:
policy-created = Created the policy { $name }.
policy-saved = Saved the policy { $name }.
policy-deleted = Deleted the policy { $name }.

scope-mappings-none = No scope mappings yet
scope-mappings-none-what = A scope mapping tells applications more about a user: an attribute, a role, the groups under another name. Create one for a scope, then offer the scope at a provider.
scope-mapping-create = Create scope mapping
scope-mapping-save = Save scope mapping
scope-mapping-delete = Delete scope mapping
scope-mapping-keep = Keep scope mapping
scope-mapping-name = Name
scope-mapping-scope = Scope
scope-mapping-scope-hint = Applications that are granted this scope are told the claims. It may be a scope of your own, or one such as profile.
scope-mapping-description = Description
scope-mapping-description-hint = What users read where they are asked for consent.
scope-mapping-expression = Expression
scope-mapping-expression-hint = It must yield a map from names of claims to values. What is none is left out. Claims such as sub, iss, aud and exp cannot be set.
scope-mapping-offered-by = Offered by
scope-mapping-not-offered = No provider offers this scope.
scope-mapping-delete-question = Delete the scope mapping <bdi>{ $name }</bdi>?
scope-mapping-delete-offered = Applications are told its claims no longer. These providers offer its scope:
scope-mapping-created = Created the scope mapping { $name }.
scope-mapping-saved = Saved the scope mapping { $name }.
scope-mapping-deleted = Deleted the scope mapping { $name }.

try-heading = Try it
try-what = Nothing is saved by this.
try-user = Username or e-mail
try-user-missing = Whose data is it to be tried with? Enter a username or e-mail address.
try-application = Application
try-application-none = No application
try-address = Address of the user
try-address-hint = Such as 192.168.1.20; for expressions that ask for it.
try-do = Try it
try-result = Result
try-passes = This user passes.
try-does-not-pass = This user does not pass.

examples-heading = Examples
reference-heading = What an expression can use
reference-what = The language is that of Jinja, known from Home Assistant and Ansible: <code>and</code>, <code>or</code>, <code>not</code>, <code>in</code>, <code>==</code>, <code>a if b else c</code>, filters such as <code>|lower</code>, <code>|length</code> and <code>|default(0)</code>, tests such as <code>is defined</code>. Text and numbers differ: write <code>user.attributes.level|int &gt;= 3</code> where an attribute may be either.
reference-name = Name
reference-kind = Type
reference-meaning = Meaning
reference-example = Example
