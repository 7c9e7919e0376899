# The Dashboard.

dashboard-lately = The last 14 days
dashboard-sign-ins = { $count ->
    [one] 1 sign-in
   *[other] { $count } sign-ins
  }
dashboard-refusals = { $count ->
    [one] 1 refusal
   *[other] { $count } refusals
  }
dashboard-chart = Bars by day: { $signIns } sign-ins, filled, and { $refusals } refusals, striped. The highest bar is { $most }. The table below has every day.
dashboard-as-table = Show these days as a table
dashboard-day = Day (UTC)
dashboard-sign-ins-column = Sign-ins
dashboard-refusals-column = Refusals
dashboard-all-events = Show all events
dashboard-open = Open to everybody
dashboard-open-none = No application is open to everybody: bindings decide at each of them.
dashboard-open-what = Everybody with an account may use these. The first binding closes one.
dashboard-open-more = { $count ->
    [one] and one more
   *[other] and { $count } more
  }
dashboard-keys = Signing keys
dashboard-key-age = { $days ->
    [0] made today
    [one] one day old
   *[other] { $days } days old
  }
dashboard-key-next = next key signs from
dashboard-key-no-next = no rotation under way
dashboard-version = Version
dashboard-url = Base URL
dashboard-certificate = Certificate
dashboard-certificate-until = valid until
dashboard-certificate-own = of the own authority: how devices learn to trust it
dashboard-clock = Clock
dashboard-clock-synchronised = Time synchronisation keeps this machine's clock right.
dashboard-clock-alone = Nothing keeps this machine's clock right. One that is minutes wrong makes applications refuse tokens: switch on time synchronisation (NTP).
dashboard-clock-untold = Latchkey may not ask whether time synchronisation keeps this machine's clock right. One that is minutes wrong makes applications refuse tokens.
dashboard-database = Database
dashboard-backup = Last proven restorable
dashboard-backup-none = never
dashboard-backup-gone = The file is not there any more.
dashboard-backup-altered = The file was changed since: it has { $size } now.
dashboard-disk = Disk
dashboard-disk-free = { $free } free of { $whole }

warning-disk = The disk is nearly full: { $free } are free of { $whole }.
warning-disk-do = Without room nobody can sign in. Free some, or move the data folder to a larger disk.
warning-clock-behind = The clock of this machine went back: it says { $system }.
warning-clock-behind-do = Latchkey goes on from { $now }, so that nothing that has run out counts again. Set the clock, and switch on time synchronisation (NTP).
warning-time-ahead = Latchkey's time is ahead of this machine's clock, which is synchronised and says { $system }.
warning-time-ahead-do = An earlier clock was wrong, and applications may refuse tokens from the future. Put it right on the server with: latchkey clock reset
warning-clock-doubtful = The clock of this machine is far ahead of the time that was last known, and nothing vouches for it.
warning-clock-doubtful-do = It is used, but nothing old is deleted by it. Switch on time synchronisation (NTP); or if { $system } is right, say so on the server with: latchkey clock reset
warning-certificate-ended = The certificate has expired on { $at }: browsers and applications refuse it.
warning-certificate-ended-do = Renew it where it comes from; Latchkey takes the new files up by itself.
warning-certificate-early = The certificate is valid from { $at } on only: browsers and applications refuse it.
warning-certificate-early-do = The clock of this machine may be wrong: set it, and switch on time synchronisation (NTP).
warning-certificate-others = The certificate is for another host than { $url }: browsers and applications refuse it.
warning-certificate-others-do = Get one for this host, or start Latchkey with --url as the certificate says.
warning-certificate-trouble = The certificate files changed, and the new ones cannot be used: { $why }.
warning-certificate-trouble-do = The certificate from before is still shown. Mend the files; they are looked at again by themselves.
warning-certificate-ends = The certificate expires on { $at }.
warning-certificate-ends-do = Whatever renews it seems not to do so. Latchkey takes new files up by itself.
warning-root-outside = The root of the own certificate authority cannot vouch for { $names }.
warning-root-outside-do = Make a new root with latchkey ca renew, and install it on every device, as /trust/ says; or take these names out of the settings.
warning-root-ends = The root of the own certificate authority ends on { $at }.
warning-root-ends-do = Make a new one with latchkey ca renew, and install it on every device, as /trust/ says.
warning-proxy-trust = Requests are forwarded by an address that is not among the trusted proxies.
warning-proxy-trust-do = All people behind it count as one, and one's failed sign-ins slow everybody's. If it is your reverse proxy, name it with --trusted-proxies; latchkey proxy-config has an example.
warning-proxy-http = Somebody came through the reverse proxy by http, but the base URL is { $url }.
warning-proxy-http-do = Let the proxy send http to https, and say the truth in X-Forwarded-Proto; latchkey proxy-config has an example.
warning-proxy-host = Somebody came through the reverse proxy to { $host }, but the base URL is { $url }.
warning-proxy-host-do = Start Latchkey with --url as people type it, or let the proxy serve this host only.
warning-http = Passwords cross your network in the clear: { $url } is plain http.
warning-http-do = Let Latchkey serve https itself (--tls own-ca, or --tls files), or put a reverse proxy with a certificate in front; and start it with --url https://…
warning-loopback = Only this machine can reach Latchkey: { $url } is its own name for itself.
warning-loopback-do = Applications in containers and other devices cannot use it. Give Latchkey a host name, and start it with --url.
warning-own-host = { $count ->
    [one] { $names } has the same host name as Latchkey.
   *[other] { $names } have the same host name as Latchkey.
  }
warning-own-host-do = Browsers share cookies between the ports of a host, so either could read the other's. Give Latchkey a host name of its own.
warning-passkeys = { $count ->
    [one] A passkey was made for another host and does not work at { $url }: { $names }.
   *[other] { $count } passkeys were made for another host and do not work at { $url }, such as { $names }.
  }
warning-passkeys-do = Their users sign in another way and add a new passkey; for whoever cannot, make a recovery link that removes the second factors. Or keep the passkeys: set passkey-rp-id = "{ $host }", and go on answering at https://{ $host }/.well-known/webauthn.
warning-one-administrator = There is no second administrator.
warning-one-administrator-do = Whoever loses the only account can be helped on the server alone. Make somebody else an administrator too.
warning-no-backup = There is no backup yet.
warning-no-backup-do = A card that breaks takes every account along. Make one with latchkey backup FILE, or every night: latchkey backup-identity makes the key for that, and says what to set.
warning-old-backup = The last backup is { $days } days old.
warning-old-backup-do = Make one with latchkey backup FILE. If the nightly one fails, the events say why.
warning-backup-silent = The disk of the backups does not answer.
warning-backup-silent-do = Nobody knows whether the backups are still there. Look at the disk, or at the machine that lends it.
warning-backup-gone = The last backup is not there any more: { $place }.
warning-backup-gone-do = Somebody removed it, or its disk is not mounted. Mount the disk, or make another one with latchkey backup FILE.
warning-backup-altered = The last backup was changed since it was proven restorable: { $place }.
warning-backup-altered-do = It is not as long as it was, so it cannot be restored. Make another one with latchkey backup FILE, and look at the disk.
warning-backup-folder-missing = The backup folder { $folder } is not there: no backup is made at night.
warning-backup-folder-missing-do = Mount its disk. Latchkey makes no folder on another disk: a new one is made on the server with install -d -m 700 -o latchkey -g latchkey { $folder }
warning-backup-folder-other = { $folder } is not the folder that the nightly backups went to so far: no backup is made at night.
warning-backup-folder-other-do = Mount its disk. If this is the folder to use from now on, say so on the server: truncate -s 0 { $mark }
warning-backup-folder-unreadable = The backup folder cannot be looked at: { $why }.
warning-backup-folder-unreadable-do = Nobody knows whether the backups are still there. Mend that on the server.
warning-old-key = The { $alg } key that signs is older than a year.
warning-old-key-do = Rotate it under “Certificates and keys”, or with latchkey key rotate: the new key is published for a day before it signs, and nobody has to sign in again.
warning-policy = The policy { $name } failed lately, and denied access.
warning-policy-do = The events say why. Mend its expression; this goes away when it is saved.
warning-scope-mapping = The scope mapping { $name } failed lately, and its claims were missing.
warning-scope-mapping-do = The events say why. Mend its expression; this goes away when it is saved.
