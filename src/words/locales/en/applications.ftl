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
