# What Latchkey asks others for, and why nothing came of it.

bad-outbound-url = This is an absolute address such as https://app.example/path, without a user name and without a # part.
outbound-loopback = { $place } is an address of this machine itself. If it shall be asked all the same, allow it under Settings, Outbound networks.
outbound-private = { $place } is a private address; allow it under Settings, Outbound networks.
outbound-link-local = { $place } is a link-local address, such as clouds keep secrets at. If it shall be asked all the same, allow it under Settings, Outbound networks.
outbound-special = { $place } is no public address. If it shall be asked all the same, allow it under Settings, Outbound networks.
outbound-plain = { $place } would be asked by http, which everybody on the way can read and change. Take https; or allow http to it under Settings, Outbound networks.
outbound-redirect = { $place } sends on to another address (status { $status }), and redirects are not followed. Name the address where it ends.
outbound-status = { $place } answered with status { $status }.
outbound-too-large = { $place } answered with something larger than { $most } bytes.
outbound-timeout = { $place } did not answer within { $seconds } seconds.
outbound-no-name = { $place } has a name that could not be found. Look whether it is spelt right, and whether this machine can resolve it.
outbound-unreachable = { $place } could not be asked: { $why }.
outbound-tls = { $place } could not be asked by https: { $why }. Its certificate must be one that this machine trusts; an authority of your own can be named by SSL_CERT_FILE.
outbound-busy = Too many others are being asked at this moment. Try again in a few seconds.
outbound-internal = Nobody could be asked because of a fault here; the log has more.
outbound-no-room = Too many messages of sign-outs waited to be sent.
